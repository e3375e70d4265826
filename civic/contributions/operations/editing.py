"""Changing what is said of a contribution, and keeping what was."""

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions import signals
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution, HistoryEntry
from civic.contributions.operations.due import set_deadlines
from civic.contributions.operations.rows import ADDRESS_LENGTH, TITLE_LENGTH, place_of
from civic.database import utcnow
from civic.errors import Invalid
from civic.i18n import N_
from civic.places.geometry import Position
from civic.taxonomy.models import Category, Department
from civic.text.cleaning import clean_line, clean_text


def edit_text(
    session: Session,
    contribution: Contribution,
    *,
    actor: Actor,
    title: str,
    body: str,
    why: str = "",
) -> None:
    """Change title and body, keeping what they were in the history."""
    title, body = clean_line(title), clean_text(body)
    if not title:
        raise Invalid(N_("Donnez un titre, en quelques mots."), field="title")
    changed = []
    for name, value in (("title", title[:TITLE_LENGTH]), ("body", body)):
        if getattr(contribution, name) != value:
            record(session, contribution, name, getattr(contribution, name), value, actor, why)
            setattr(contribution, name, value)
            changed.append(name)
    if changed:
        touch(session, contribution)
        signals.contribution_edited.send(
            session, contribution=contribution, actor=actor, fields=changed
        )


def change_category(
    session: Session, contribution: Contribution, category: Category, *, actor: Actor, why: str = ""
) -> None:
    """Change what it is about; the department and the due dates follow the new category."""
    if category.id == contribution.category_id:
        return
    if contribution.kind not in category.kinds:
        raise Invalid(N_("Choisissez une catégorie de la liste."), field="category")
    record(session, contribution, "category", contribution.category.name, category.name, actor, why)
    contribution.category = category
    if category.department is not None:
        change_department(session, contribution, category.department, actor=actor, why=why)
    if kind_of(contribution).has_deadlines:
        set_deadlines(session, contribution)
    touch(session, contribution)
    signals.contribution_edited.send(
        session, contribution=contribution, actor=actor, fields=["category"]
    )


def change_department(
    session: Session,
    contribution: Contribution,
    department: Department,
    *,
    actor: Actor,
    why: str = "",
) -> None:
    """Hand it to another department of the town."""
    if contribution.department is not None and department.id == contribution.department.id:
        return
    before = contribution.department.name if contribution.department else ""
    record(session, contribution, "department", before, department.name, actor, why)
    contribution.department = department
    touch(session, contribution)
    signals.department_changed.send(session, contribution=contribution, actor=actor, why=why)


def relocate(
    session: Session,
    contribution: Contribution,
    position: Position,
    *,
    area_id: int | None,
    address: str,
    actor: Actor,
    why: str = "",
) -> None:
    """Move it to another place."""
    record(session, contribution, "place", contribution.address, address, actor, why)
    set_position(contribution, position)
    contribution.area_id = area_id
    contribution.address = clean_line(address)[:ADDRESS_LENGTH]
    touch(session, contribution)
    signals.contribution_edited.send(
        session, contribution=contribution, actor=actor, fields=["place"]
    )


def record(
    session: Session,
    contribution: Contribution,
    field_name: str,
    before: str,
    after: str,
    actor: Actor,
    why: str = "",
    *,
    is_public: bool = True,
) -> None:
    """Write one line of the history."""
    session.add(
        HistoryEntry(
            contribution_id=contribution.id,
            actor_id=actor.account_id,
            field=field_name,
            before=before,
            after=after,
            why=why.strip(),
            is_public=is_public,
            is_automatic=actor.is_system,
        )
    )


def set_position(contribution: Contribution, position: Position | None) -> None:
    """Put it at ``position``, with the cell that indexes it; None takes its place away."""
    for name, value in place_of(position).items():
        setattr(contribution, name, value)


def touch(session: Session, contribution: Contribution) -> None:
    """Note that it has changed now."""
    contribution.updated_at = utcnow()
    session.flush()
