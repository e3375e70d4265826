"""What changing departments, categories and questions has in common."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.administration.models import Change, SettingChange, Subject
from civic.administration.operations.changes import (
    claim,
    record,
    record_edit,
    require_administrator,
)
from civic.database import read_again
from civic.idempotency.queries import find_repeated
from civic.places.queries import get_town
from civic.taxonomy.models import Category, CategoryQuestion, Department
from civic.text.slugs import slugify

Row = Department | Category | CategoryQuestion
Edited = TypeVar("Edited", Department, Category, CategoryQuestion)
Made = TypeVar("Made", Department, Category)


def edit_row(
    session: Session,
    row: Edited,
    values: Mapping[str, Any],
    snapshot: Callable[[Edited], Mapping[str, Any]],
    *,
    claimed: Category | Department,
    version: int,
    actor: Actor,
) -> None:
    """Set ``values`` on ``row`` and write down what is different; raises ChangedMeanwhile.

    ``claimed`` is what carries the version: the row itself, or the category of a question.
    """
    require_administrator(actor)
    before = snapshot(row)
    claim(session, claimed, version)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    subject, label = _named(row)
    record_edit(
        session,
        actor=actor,
        subject=subject,
        subject_id=row.id,
        label=label,
        before=before,
        after=snapshot(row),
    )


def write_down(session: Session, row: Row, what: Change, *, actor: Actor) -> None:
    """Record what was done to ``row``."""
    session.flush()
    subject, label = _named(row)
    record(session, actor=actor, subject=subject, what=what, subject_id=row.id, label=label)


def _named(row: Row) -> tuple[Subject, str]:
    match row:
        case Department():
            return Subject.DEPARTMENT, row.name
        case Category():
            return Subject.CATEGORY, row.name
        case CategoryQuestion():
            return Subject.QUESTION, f"{row.category.name} – {row.label}"


def set_active(session: Session, row: Category | Department, *, active: bool, actor: Actor) -> None:
    """Put ``row`` into service or out of it; nothing happens where it is so already."""
    if row.is_active == active:
        return
    claim(session, row, row.version)
    row.is_active = active
    what = Change.REACTIVATED if active else Change.DEACTIVATED
    write_down(session, row, what, actor=actor)


def move_row(
    session: Session,
    order: Sequence[Category] | Sequence[CategoryQuestion],
    row: Category | CategoryQuestion,
    *,
    up: bool,
    actor: Actor,
) -> None:
    """Number ``order`` anew with ``row`` one place further, unless it is at the end."""
    rows: list[Category | CategoryQuestion] = list(order)
    here = rows.index(row)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(rows):
        return
    rows[here], rows[there] = rows[there], rows[here]
    for place, each in enumerate(rows):
        each.position = place
    write_down(session, row, Change.MOVED, actor=actor)


def made_already(
    session: Session, model: type[Made], values: Mapping[str, Any], actor: Actor
) -> Made | None:
    """Return the row that ``actor`` has just made of the same ``values``; others wait for us."""
    read_again(session, get_town(session))
    change = find_repeated(
        session,
        SettingChange,
        SettingChange.at,
        account_id=actor.account_id,
        subject=Subject(model.__tablename__),
        what=Change.CREATED,
        label=values["name"],
    )
    made = session.get(model, change.subject_id) if change is not None else None
    is_same = made is not None and all(getattr(made, name) == values[name] for name in values)
    return made if is_same else None


def free_code(session: Session, model: type[Category | Department], name: str) -> str:
    """Return a code made of ``name`` that no row of ``model`` has."""
    wanted = slugify(name, limit=70, fallback=model.__tablename__)
    taken = set(session.scalars(select(model.code).where(model.code.startswith(wanted))))
    return unused(wanted, taken)


def unused(wanted: str, taken: set[str]) -> str:
    """Return ``wanted``, with a number where it is taken."""
    code, number = wanted, 1
    while code in taken:
        number += 1
        code = f"{wanted}-{number}"
    return code
