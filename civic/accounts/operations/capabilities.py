"""Tokens that let whoever holds them do one thing: given out, found, used up, taken back."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.accounts import tokens
from civic.accounts.models import Account, CapabilityToken
from civic.database import utcnow


def issue_capability(
    session: Session,
    *,
    purpose: str,
    subject: str,
    life: timedelta,
    scope: dict[str, Any] | None = None,
    uses: int = 1,
    session_id: int | None = None,
) -> str:
    """Return a new token for ``purpose`` about ``subject``; it ends with the session, if given."""
    token = tokens.new_token()
    now = utcnow()
    session.add(
        CapabilityToken(
            token_hash=tokens.hash_token(token, purpose=purpose),
            purpose=purpose,
            subject=subject,
            scope=scope or {},
            session_id=session_id,
            created_at=now,
            expires_at=now + life,
            uses_left=uses,
        )
    )
    session.flush()
    return token


def find_capability(session: Session, token: str, *, purpose: str) -> CapabilityToken | None:
    """Return what ``token`` stands for while it holds, or None. Uses nothing up."""
    found = look_up_capability(session, token, purpose=purpose)
    return found if found is not None and holds(found) else None


def look_up_capability(session: Session, token: str, *, purpose: str) -> CapabilityToken | None:
    """Return what ``token`` stands for, even when it holds no more; None for no token of ours."""
    wanted = tokens.hash_token(token, purpose=purpose)
    return session.scalars(
        select(CapabilityToken).where(
            CapabilityToken.token_hash == wanted, CapabilityToken.purpose == purpose
        )
    ).one_or_none()


def holds(found: CapabilityToken) -> bool:
    """Whether it is neither used up, nor too old, nor taken back, nor of a session that ended."""
    if found.revoked_at is not None or found.uses_left < 1 or found.expires_at <= utcnow():
        return False
    return found.session is None or found.session.is_open


def use_capability(session: Session, found: CapabilityToken) -> bool:
    """Use it up once; False when it holds no more, or somebody was quicker."""
    if not holds(found):
        return False
    used = session.execute(
        update(CapabilityToken)
        .where(
            CapabilityToken.id == found.id,
            CapabilityToken.uses_left > 0,
            CapabilityToken.revoked_at.is_(None),
        )
        .values(uses_left=CapabilityToken.uses_left - 1)
        .returning(CapabilityToken.id)
        .execution_options(synchronize_session="fetch")
    ).first()
    return used is not None


def revoke_capabilities(session: Session, *, purpose: str, subject: str) -> None:
    """Take back every token for ``purpose`` about ``subject``."""
    session.execute(
        update(CapabilityToken)
        .where(
            CapabilityToken.purpose == purpose,
            CapabilityToken.subject == subject,
            CapabilityToken.revoked_at.is_(None),
        )
        .values(revoked_at=utcnow())
        .execution_options(synchronize_session="fetch")
    )


def subject_of(account: Account) -> str:
    """Return what tokens about an account are kept under."""
    return f"account:{account.id}"
