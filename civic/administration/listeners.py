"""What the settings of the town have to say when people act."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.accounts.signals import name_chosen
from civic.administration.models import Subject
from civic.administration.operations.changes import Snapshot, record_edit
from civic.errors import Invalid
from civic.i18n import N_
from civic.places.queries import find_town
from civic.taxonomy.models import Department
from civic.taxonomy.signals import mailbox_chosen
from civic.text.lookalikes import skeleton

TOWN_FORMS = (
    "%s",
    *(f"{what} {of}%s" for what in ("Ville", "Mairie", "Commune") for of in ("de ", "d’", "du ")),
    *(f"{what} of %s" for what in ("City", "Town")),
    *(f"%s {what} Hall" for what in ("City", "Town")),
)
TOWN_ALONE = ("Ville", "La ville", "Mairie", "La mairie", "Town Hall", "City Hall", "The town")
"""Under which the pages themselves let the town speak."""


def connect() -> None:
    """Listen to what people do; listening twice changes nothing."""
    name_chosen.connect(refuse_official_name)
    mailbox_chosen.connect(record_mailbox)


def record_mailbox(
    session: Session, *, department: Department, actor: Actor, before: Snapshot, after: Snapshot
) -> None:
    """Write down that the mailbox of a department receives other mails, and by what."""
    if before == after:
        return
    by_link = {} if actor.account_id else {"mail_link": True}
    record_edit(
        session,
        actor=actor,
        subject=Subject.DEPARTMENT,
        subject_id=department.id,
        label=department.name,
        before=before,
        after={**after, **by_link},
    )


def refuse_official_name(session: Session, name: str, **_: Any) -> None:
    """Raise Invalid where ``name`` reads like the town or one of its departments."""
    town = find_town(session)
    official = [*TOWN_ALONE, *(form % town.name for form in TOWN_FORMS if town)]
    for row in session.execute(select(Department.name, Department.name_en)):
        official.extend(row)
    if skeleton(name) in {skeleton(one) for one in official if one}:
        raise Invalid(
            N_("Ce nom est celui de la ville ou d’un de ses services : choisissez-en un autre."),
            field="name",
        )
