"""Passwords, for those who want one: argon2id, 19 MiB, two passes, one lane."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from civic.accounts import tokens
from civic.accounts.actor import Actor
from civic.accounts.models import Account, AccountSession
from civic.accounts.operations.guessing import count_try, forget_tries
from civic.accounts.operations.sessions import end_sessions, prove
from civic.accounts.policies import may_change
from civic.accounts.queries import find_account
from civic.accounts.security import record
from civic.errors import Forbidden, Invalid
from civic.i18n import N_

SHORTEST, LONGEST = 12, 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODYS = _hasher.hash(tokens.new_token())


def set_password(session: Session, account: Account, password: str, *, actor: Actor) -> None:
    """Give the account a password, and sign out its other sessions."""
    _require_own(actor, account)
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(
            N_("Choisissez un mot de passe de %(least)s caractères au moins."),
            field="password",
            least=SHORTEST,
        )
    if account.email and password.lower() in {account.email, account.display_name.lower()}:
        raise Invalid(N_("Ce mot de passe se devine : choisissez-en un autre."), field="password")
    account.password_hash = _hasher.hash(password)
    record(session, "password_set", account_id=account.id, actor=actor)
    end_sessions(session, account, why="password_set", kept_id=actor.session_id)
    session.flush()


def remove_password(session: Session, account: Account, *, actor: Actor) -> None:
    """Go back to signing in by mail only."""
    _require_own(actor, account)
    account.password_hash = None
    record(session, "password_removed", account_id=account.id, actor=actor)


def check_password(
    session: Session, *, email: str, password: str, device_hash: str | None = None
) -> Account | None:
    """Return the account that ``password`` opens, or None; commit in both cases.

    It takes as long for an unknown address as for a known one. A hash made with older parameters
    is renewed. Raises TooMany while too many wrong ones were tried for that address.
    """
    account = find_account(session, email)
    key = count_try(session, email, account, device_hash)
    usable = account is not None and account.is_verified and account.password_hash is not None
    stored = account.password_hash if usable and account is not None else None
    try:
        _hasher.verify(stored or _NOBODYS, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        _record_failure(session, account)
        return None
    if account is None or stored is None:
        _record_failure(session, account)
        return None
    forget_tries(session, key)
    if _hasher.check_needs_rehash(stored):
        account.password_hash = _hasher.hash(password)
        session.flush()
    return account


def prove_by_password(
    session: Session, opened: AccountSession, password: str, *, device_hash: str | None = None
) -> None:
    """Let the password show that the account is theirs; raises Invalid, or TooMany. Commit."""
    email = opened.account.email or ""
    found = check_password(session, email=email, password=password, device_hash=device_hash)
    if found is None:
        raise Invalid(N_("Ce n’est pas votre mot de passe."), field="proof_password")
    prove(session, opened)


def _record_failure(session: Session, account: Account | None) -> None:
    """Write it down, also where there is no such account: the answer takes as long."""
    account_id = account.id if account is not None else None
    record(session, "sign_in_failed", account_id=account_id, by="password")


def _require_own(actor: Actor, account: Account) -> None:
    if not may_change(actor, account):
        raise Forbidden(N_("Chacun ne change que son propre compte."))
