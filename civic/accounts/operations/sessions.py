"""Sessions: begun by signing in, ended on the server, proved anew before what matters most."""

from datetime import timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from civic.accounts import signals, tokens
from civic.accounts.actor import Actor
from civic.accounts.models import Account, AccountSession, CapabilityToken, SignInCode
from civic.accounts.operations.capabilities import subject_of
from civic.accounts.policies import may_change
from civic.accounts.security import record
from civic.database import utcnow
from civic.errors import Forbidden
from civic.i18n import N_

LIFE = timedelta(days=60)
"""How long a resident stays signed in; see models.STAFF_LIFE for the others."""
_DEVICE_LENGTH = 80


def begin_session(
    session: Session, account: Account, *, device: str = "", device_hash: str | None = None
) -> tuple[AccountSession, str]:
    """Return a new session of ``account``, and the key that opens it: kept by the browser alone."""
    key = tokens.new_token()
    now = utcnow()
    is_new_device = device_hash is not None and _is_new_device(session, account, device_hash)
    begun = AccountSession(
        account=account,
        key_hash=tokens.hash_token(key, purpose="session"),
        device=device[:_DEVICE_LENGTH],
        device_hash=device_hash,
        created_at=now,
        seen_at=now,
        proved_at=now,
        expires_at=now + LIFE,
    )
    session.add(begun)
    session.flush()
    record(session, "signed_in", account_id=account.id, new_device=is_new_device)
    if is_new_device:
        signals.new_device_used.send(session, account=account, opened=begun)
    return begun, key


def end_session(session: Session, ended: AccountSession, *, actor: Actor) -> None:
    """End one session of the actor's own account; ending it twice changes nothing."""
    _require_own(actor, ended.account)
    if _end(session, AccountSession.id == ended.id):
        name = "signed_out" if ended.id == actor.session_id else "sessions_ended"
        record(session, name, account_id=ended.account_id, actor=actor, why="one")


def sign_out_everywhere(session: Session, account: Account, *, actor: Actor) -> None:
    """End every session of the account, this one included."""
    _require_own(actor, account)
    end_sessions(session, account, why="everywhere")


def end_sessions(
    session: Session, account: Account, *, why: str, kept_id: int | None = None
) -> None:
    """End the sessions of ``account`` but the one of ``kept_id``."""
    others = AccountSession.account_id == account.id
    if kept_id is not None:
        others &= AccountSession.id != kept_id
    count = _end(session, others)
    if count:
        record(session, "sessions_ended", account_id=account.id, why=why, count=count)


def shut_out(session: Session, account: Account) -> None:
    """End the sessions, codes and tokens of somebody who is suspended.

    They sign in again to read the decision and to contest it.
    """
    end_sessions(session, account, why="suspended")
    now = utcnow()
    session.execute(
        update(SignInCode)
        .where(SignInCode.email == account.email, SignInCode.used_at.is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(CapabilityToken)
        .where(CapabilityToken.subject == subject_of(account), CapabilityToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )


def prove(session: Session, proved: AccountSession) -> None:
    """Write down that the person has just shown that the account is theirs."""
    proved.proved_at = utcnow()
    session.flush()


def _is_new_device(session: Session, account: Account, device_hash: str) -> bool:
    """Whether others were used before, and not this one; the first one is nobody's surprise."""
    used = select(AccountSession.id).where(
        AccountSession.account_id == account.id, AccountSession.device_hash.is_not(None)
    )
    if session.scalar(used.limit(1)) is None:
        return False
    known = used.where(AccountSession.device_hash == device_hash)
    return session.scalar(known.limit(1)) is None


def _end(session: Session, which: ColumnElement[bool]) -> int:
    ended = session.execute(
        update(AccountSession)
        .where(which, AccountSession.ended_at.is_(None))
        .values(ended_at=utcnow())
        .returning(AccountSession.id)
        .execution_options(synchronize_session="fetch")
    )
    return len(ended.all())


def _require_own(actor: Actor, account: Account) -> None:
    if not may_change(actor, account):
        raise Forbidden(N_("Chacun ne change que son propre compte."))
