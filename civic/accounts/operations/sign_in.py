"""Signing in by mail: a link and a six-digit code, good once and for a quarter of an hour."""

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from civic.accounts import signals, tokens
from civic.accounts.models import Account, SignInCode
from civic.accounts.operations.people import check_email, find_or_create_account
from civic.accounts.paths import own_path
from civic.database import utcnow
from civic.errors import Conflict, Invalid
from civic.i18n import N_

LIFE = timedelta(minutes=15)
MOST_ATTEMPTS = 5
MOST_CODES = 5
"""How many codes one address is sent within their life: nobody's mailbox is flooded from here."""


def request_sign_in(
    session: Session, email: str, next_path: str = "/", *, locale: str = "fr"
) -> str:
    """Have a link and a code sent to ``email``; returns the address as it is kept.

    It does the same whether the address has an account or not. Raises Invalid for no address, or
    one that was just sent several codes.
    """
    email = check_email(email)
    now = utcnow()
    recent = session.scalar(
        select(func.count())
        .select_from(SignInCode)
        .where(SignInCode.email == email, SignInCode.created_at > now - LIFE)
    )
    if recent is not None and recent >= MOST_CODES:
        raise Invalid(
            N_("Plusieurs codes viennent de partir à cette adresse. Attendez un quart d’heure."),
            field="email",
        )
    token, code = tokens.new_token(), tokens.new_code()
    session.add(
        SignInCode(
            email=email,
            link_hash=tokens.hash_token(token, purpose="link"),
            code_hash=_code_hash(email, code),
            locale=locale,
            next_path=own_path(next_path),
            created_at=now,
            expires_at=now + LIFE,
        )
    )
    session.flush()
    signals.sign_in_requested.send(
        session,
        email=email,
        locale=locale,
        token=token,
        code=code,
        minutes=int(LIFE.total_seconds() // 60),
    )
    return email


def find_link(session: Session, token: str) -> SignInCode | None:
    """Return what a link stands for while it can still be used, or None. Consumes nothing."""
    found = session.scalars(
        select(SignInCode).where(SignInCode.link_hash == tokens.hash_token(token, purpose="link"))
    ).one_or_none()
    if found is None or found.used_at is not None or found.expires_at <= utcnow():
        return None
    return found


def redeem_link(session: Session, token: str) -> tuple[Account, str]:
    """Sign in by a link; returns the account and where to go.

    Raises Conflict when the link was used, is too old, or never was one.
    """
    found = find_link(session, token)
    if found is None or not _consume(session, found.id):
        raise Conflict(N_("Ce lien ne vaut plus. Demandez-en un autre."))
    return _enter(session, found), found.next_path


def redeem_code(session: Session, *, email: str, code: str) -> tuple[Account, str]:
    """Sign in by the six digits; returns the account and where to go.

    Raises Invalid for a wrong code. Commit even then: the try is counted in the database, five in
    all for one code, so that nobody guesses in several sessions at once.
    """
    email = check_email(email)
    digits = "".join(character for character in code if character.isdigit())
    tried = session.execute(
        update(SignInCode)
        .where(
            SignInCode.email == email,
            SignInCode.used_at.is_(None),
            SignInCode.expires_at > utcnow(),
            SignInCode.attempts < MOST_ATTEMPTS,
        )
        .values(attempts=SignInCode.attempts + 1)
        .returning(SignInCode.id, SignInCode.code_hash)
        .execution_options(synchronize_session=False)
    ).all()
    if not tried:
        raise Invalid(N_("Ce code ne vaut plus. Demandez-en un autre."), field="code")
    wanted = _code_hash(email, digits)
    for found_id, code_hash in tried:
        if tokens.same(code_hash, wanted) and _consume(session, found_id):
            found = session.get_one(SignInCode, found_id)
            return _enter(session, found), found.next_path
    raise Invalid(N_("Ce n’est pas le bon code : relisez le dernier courriel."), field="code")


def note_sign_in(session: Session, account: Account) -> None:
    """Write down that the person came back: unused accounts are erased in the end."""
    account.last_seen_at = utcnow()
    account.inactivity_warned_at = None
    session.flush()


def _consume(session: Session, code_id: int) -> bool:
    """Use it up; False when somebody was quicker."""
    used = session.execute(
        update(SignInCode)
        .where(SignInCode.id == code_id, SignInCode.used_at.is_(None))
        .values(used_at=utcnow())
        .returning(SignInCode.id)
        .execution_options(synchronize_session=False)
    ).first()
    return used is not None


def _enter(session: Session, found: SignInCode) -> Account:
    """The address is shown to be theirs; the other codes sent to it are of no more use."""
    session.execute(
        update(SignInCode)
        .where(SignInCode.email == found.email, SignInCode.used_at.is_(None))
        .values(used_at=utcnow())
        .execution_options(synchronize_session=False)
    )
    account = find_or_create_account(session, email=found.email, locale=found.locale)
    is_new = account.verified_at is None
    if is_new:
        account.verified_at = utcnow()
    note_sign_in(session, account)
    if is_new:
        signals.account_verified.send(session, account=account)
    return account


def _code_hash(email: str, code: str) -> str:
    return tokens.hash_token(f"{email}:{code}", purpose="code")
