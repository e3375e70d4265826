"""Guessed passwords: counted for each address in the database, slowed down, told to the owner."""

from datetime import datetime, timedelta

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.orm import Session

from civic.accounts import signals, tokens
from civic.accounts.models import Account, AccountSession, PasswordFailure
from civic.accounts.security import record
from civic.database import insert_or_ignore, utcnow
from civic.errors import TooMany
from civic.i18n import N_

FREE = 5
"""How many wrong passwords are taken at once; from then on one has to wait between two."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
REMEMBERED = timedelta(days=1)
TELL_FROM = 10
"""The owner is told after so many wrong passwords within a day."""


def count_try(
    session: Session, email: str, account: Account | None, device_hash: str | None
) -> str:
    """Count a try before it is made; return the key to :func:`forget_tries` by if it was right.

    Raises TooMany while the address has to rest. Whether it has an account makes no difference.
    """
    now = utcnow()
    key = _key(session, email, account, device_hash)
    values = {
        "key_hash": key,
        "account_id": account.id if account is not None else None,
        "failures": 0,
        "failed_at": now,
        "again_at": now,
    }
    insert_or_ignore(session, PasswordFailure, values)
    # Nobody waits longer than that: a clock was ahead, and has been set back.
    has_rested = or_(PasswordFailure.again_at <= now, PasswordFailure.again_at > now + LONGEST_WAIT)
    counted = session.scalar(
        update(PasswordFailure)
        .where(PasswordFailure.key_hash == key, has_rested)
        .values(
            failures=case(
                (PasswordFailure.failed_at < now - REMEMBERED, 1),
                else_=PasswordFailure.failures + 1,
            ),
            failed_at=now,
        )
        .returning(PasswordFailure.failures)
        .execution_options(synchronize_session=False)
    )
    again_at = PasswordFailure.again_at
    if counted is None:
        raise TooMany(
            N_(
                "Trop de mots de passe faux viennent d’être essayés pour cette adresse. Recevez un "
                "code par courriel : il vous ouvre la porte tout de suite."
            ),
            again_at=session.scalars(select(again_at).where(PasswordFailure.key_hash == key)).one(),
        )
    session.execute(
        update(PasswordFailure)
        .where(PasswordFailure.key_hash == key)
        .values(again_at=now + _wait(counted))
        .execution_options(synchronize_session=False)
    )
    if counted == FREE:
        record(session, "sign_in_slowed", account_id=account.id if account is not None else None)
    return key


def forget_tries(session: Session, key: str) -> None:
    """The password was right: nothing is left to count."""
    session.execute(delete(PasswordFailure).where(PasswordFailure.key_hash == key))


def tell_owners(session: Session) -> int:
    """Tell whose password is being guessed, once a day; return how many heard."""
    waiting = session.scalars(
        select(PasswordFailure).where(
            PasswordFailure.failures >= TELL_FROM,
            PasswordFailure.account_id.is_not(None),
            PasswordFailure.told_at.is_(None),
        )
    ).all()
    for failure in waiting:
        failure.told_at = utcnow()
        account = session.get_one(Account, failure.account_id)
        if account.password_hash is not None:
            signals.password_guessed.send(session, account=account, failures=failure.failures)
    session.flush()
    return len(waiting)


def forget_old_failures(session: Session, now: datetime) -> None:
    """Delete what is a day old."""
    session.execute(delete(PasswordFailure).where(PasswordFailure.failed_at < now - REMEMBERED))


def _key(session: Session, email: str, account: Account | None, device_hash: str | None) -> str:
    known = None
    if account is not None and device_hash is not None:
        known = session.scalar(
            select(AccountSession.id)
            .where(
                AccountSession.account_id == account.id, AccountSession.device_hash == device_hash
            )
            .limit(1)
        )
    place = device_hash if known is not None else ""
    return tokens.hash_token(f"{email.strip().lower()}:{place}", purpose="password-failure")


def _wait(failures: int) -> timedelta:
    if failures < FREE:
        return timedelta(0)
    doublings = min(failures - FREE, 10)
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << doublings))
