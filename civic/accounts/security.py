"""The security log: who tried to get in and could not, who may do what since when, what ended.

A row in the transaction of what it tells of, and a line of JSON on the logger ``civic.security``
once that is committed. It holds no password, code, token or address: accounts by their number,
networks by their keyed hash, which is forgotten like all others.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

import orjson
from sqlalchemy import delete, event, insert, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.accounts.models import SecurityEvent
from civic.database import utcnow
from civic.i18n import N_

log = logging.getLogger("civic.security")

KEPT: Final = timedelta(days=365)
PAGE_SIZE = 50
NETWORK = "network_key"
"""Where the session says which network the request came from."""
_WAITING = "security_lines"

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "signed_in": N_("Connexion"),
        "sign_in_failed": N_("Connexion refusée"),
        "sign_in_slowed": N_("Connexion ralentie : trop de mots de passe faux"),
        "signed_out": N_("Déconnexion"),
        "sessions_ended": N_("Appareils déconnectés"),
        "refused": N_("Page ou action refusée"),
        "role_given": N_("Rôle donné"),
        "role_taken": N_("Rôle retiré"),
        "password_set": N_("Mot de passe choisi"),
        "password_removed": N_("Mot de passe retiré"),
        "email_change_asked": N_("Changement d’adresse demandé"),
        "email_change_stopped": N_("Changement d’adresse arrêté"),
        "email_changed": N_("Adresse changée"),
        "data_exported": N_("Copie des données prise"),
        "account_erased": N_("Compte supprimé"),
        "account_suspended": N_("Compte suspendu"),
    }
)
"""What is written down, with its name in French (msgids)."""

note_statement = insert(SecurityEvent)
"""For what is noted after an answer; its values come from :func:`values_of`."""


def record(
    session: Session,
    name: str,
    *,
    account_id: int | None,
    actor: Actor | None = None,
    **details: Any,
) -> None:
    """Write down that ``name`` (a key of EVENTS) happened to an account; ``actor`` did it."""
    values = values_of(
        name,
        account_id=account_id,
        actor_id=actor.account_id if actor is not None else None,
        network_key=session.info.get(NETWORK),
        details=details,
    )
    session.add(SecurityEvent(**values))
    session.flush()
    session.info.setdefault(_WAITING, []).append(values)


def values_of(
    name: str,
    *,
    account_id: int | None,
    actor_id: int | None,
    network_key: str | None,
    details: dict[str, Any],
) -> dict[str, Any]:
    """Return one row of the log; raises LookupError for an event that it does not know."""
    if name not in EVENTS:
        raise LookupError(name)
    return {
        "event": name,
        "at": utcnow(),
        "account_id": account_id,
        "actor_id": actor_id,
        "network_key": network_key,
        "details": details,
    }


def tell(values: Mapping[str, Any]) -> None:
    """Write one line for whoever collects them."""
    log.info("%s", line_of(values))


def line_of(values: Mapping[str, Any]) -> str:
    """Return one row as a line of JSON."""
    return orjson.dumps(dict(values)).decode()


def list_events(
    session: Session,
    *,
    event_name: str = "",
    account_id: int | None = None,
    before_id: int | None = None,
) -> list[SecurityEvent]:
    """Return a page of the log and one more if there is, the latest first."""
    statement = select(SecurityEvent).order_by(SecurityEvent.id.desc()).limit(PAGE_SIZE + 1)
    if event_name:
        statement = statement.where(SecurityEvent.event == event_name)
    if account_id is not None:
        own = SecurityEvent.account_id == account_id
        statement = statement.where(own | (SecurityEvent.actor_id == account_id))
    if before_id is not None:
        statement = statement.where(SecurityEvent.id < before_id)
    return list(session.scalars(statement))


def list_events_after(session: Session, after_id: int, most: int) -> list[SecurityEvent]:
    """Return the first ``most`` events after one, the oldest first, for whoever ships them."""
    later = select(SecurityEvent).where(SecurityEvent.id > after_id)
    return list(session.scalars(later.order_by(SecurityEvent.id).limit(most)))


def forget_events(session: Session, now: datetime) -> None:
    """Delete what is older than a year."""
    session.execute(delete(SecurityEvent).where(SecurityEvent.at < now - KEPT))


@event.listens_for(Session, "after_commit")
def _tell_what_was_kept(session: Session) -> None:
    for values in session.info.pop(_WAITING, ()):
        tell(values)


@event.listens_for(Session, "after_rollback")
def _tell_nothing(session: Session) -> None:
    session.info.pop(_WAITING, None)
