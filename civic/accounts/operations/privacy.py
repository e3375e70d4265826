"""What people may ask of their data: a copy, and that it go."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from civic.accounts import signals
from civic.accounts.actor import Actor, Role
from civic.accounts.models import Account, AccountSession, CapabilityToken, SignInCode
from civic.accounts.operations.capabilities import subject_of
from civic.accounts.operations.roles import keep_one_administrator
from civic.accounts.policies import may_change, may_erase
from civic.accounts.queries import list_sessions
from civic.accounts.security import record
from civic.database import utcnow
from civic.errors import Forbidden
from civic.i18n import N_

ERASED_NAME = "Compte supprimé"
"""Stored in the place of the name, so not translated when shown."""


def export_my_data(session: Session, account: Account, *, actor: Actor) -> dict[str, Any]:
    """Return everything kept about the person, as JSON values, one key a feature."""
    if not may_change(actor, account):
        raise Forbidden(N_("Chacun n’exporte que ses propres données."))
    data: dict[str, Any] = {
        "account": {
            "email": account.email,
            "display_name": account.display_name,
            "locale": account.locale,
            "has_password": account.password_hash is not None,
            "wants_mail": account.wants_mail,
            "preferences": account.preferences,
            "created_at": _iso(account.created_at),
            "verified_at": _iso(account.verified_at),
            "last_seen_at": _iso(account.last_seen_at),
            "suspended_until": _iso(account.suspended_until),
            "flags_upheld": account.flags_upheld,
            "flags_rejected": account.flags_rejected,
            "roles": sorted(role.value for role in account.roles),
        }
    }
    data["sessions"] = [
        {
            "device": one.device,
            "created_at": _iso(one.created_at),
            "seen_at": _iso(one.seen_at),
            "ended_at": _iso(one.ended_at),
        }
        for one in list_sessions(session, account)
    ]
    signals.account_exported.send(session, account=account, data=data)
    return data


def erase_account(session: Session, account: Account, *, actor: Actor) -> None:
    """Remove what says who the person is; what they wrote for all stays, without their name.

    Raises Conflict for the last administrator.
    """
    if not may_erase(actor, account):
        raise Forbidden(N_("Chacun ne supprime que son propre compte."))
    if Role.ADMINISTRATOR in account.roles:
        keep_one_administrator(session, account)
    signals.account_erased.send(session, account=account)
    session.execute(delete(SignInCode).where(SignInCode.email == account.email))
    session.execute(delete(CapabilityToken).where(CapabilityToken.subject == subject_of(account)))
    record(session, "account_erased", account_id=account.id, actor=actor)
    session.execute(delete(AccountSession).where(AccountSession.account_id == account.id))
    account.grants.clear()
    account.email = None
    account.display_name = ERASED_NAME
    account.password_hash = None
    account.verified_at = None
    account.last_seen_at = None
    account.preferences = {}
    account.wants_mail = False
    account.erased_at = utcnow()
    session.flush()


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
