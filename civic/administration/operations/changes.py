"""What all changes of settings share: leave to do it, no change unseen, and a record of it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.administration.models import Change, SettingChange, Subject
from civic.administration.policies import may_administer
from civic.errors import Conflict, Forbidden
from civic.i18n import N_
from civic.places.models import Area, Town
from civic.taxonomy.models import Category, Department

Versioned = Town | Area | Department | Category
Snapshot = Mapping[str, Any]


class ChangedMeanwhile(Conflict):
    """Somebody else has changed the same thing since the form was opened."""


def require_administrator(actor: Actor) -> None:
    """Raise Forbidden unless ``actor`` may change settings."""
    if not may_administer(actor):
        raise Forbidden(N_("Seule l’administration change les réglages."))


def claim(session: Session, row: Versioned, version: int) -> None:
    """Take the next version of ``row``; raises ChangedMeanwhile unless ``version`` is the last.

    Of two who try at once, one gets it: the other finds the version gone.
    """
    model = type(row)
    taken = session.scalars(
        update(model)
        .where(model.id == row.id, model.version == version)
        .values(version=version + 1)
        .returning(model.version)
    ).first()
    if taken is None:
        raise ChangedMeanwhile(
            N_(
                "Quelqu’un d’autre a modifié ces réglages pendant que vous écriviez. Rien n’est "
                "perdu : comparez, corrigez si besoin, puis enregistrez de nouveau."
            )
        )


def differences(before: Snapshot, after: Snapshot) -> dict[str, list[Any]]:
    """Return what changed, as {field: [before, after]}."""
    names = dict.fromkeys([*before, *after])
    pairs = {name: [before.get(name), after.get(name)] for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def record(
    session: Session,
    *,
    actor: Actor,
    subject: Subject,
    what: Change,
    subject_id: int | None = None,
    label: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write down one change."""
    session.add(
        SettingChange(
            account_id=actor.account_id,
            subject=subject,
            subject_id=subject_id,
            label=label[:200],
            what=what,
            details=dict(details or {}),
        )
    )
    session.flush()


def record_edit(
    session: Session,
    *,
    actor: Actor,
    subject: Subject,
    subject_id: int | None,
    label: str,
    before: Snapshot,
    after: Snapshot,
) -> None:
    """Write down an edit, unless it changed nothing."""
    details = differences(before, after)
    if not details:
        return
    record(
        session,
        actor=actor,
        subject=subject,
        what=Change.EDITED,
        subject_id=subject_id,
        label=label,
        details=details,
    )
