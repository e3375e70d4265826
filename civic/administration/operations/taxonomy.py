"""Changing departments, categories and their questions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.administration.models import Change, SettingChange, Subject
from civic.administration.operations.changes import (
    claim,
    record,
    record_edit,
    require_administrator,
)
from civic.contributions.models import Contribution
from civic.database import read_again
from civic.errors import Conflict, Invalid
from civic.i18n import N_
from civic.idempotency.queries import find_repeated
from civic.places.queries import get_town
from civic.taxonomy.models import AnswerType, Category, CategoryQuestion, Department
from civic.taxonomy.queries import list_categories
from civic.text.slugs import slugify

DEPARTMENT_FIELDS = ("name", "name_en", "email", "postal_address", "telephone")
CATEGORY_FIELDS = (
    "name",
    "name_en",
    "description",
    "description_en",
    "group",
    "icon",
    "colour",
    "kinds",
    "policy",
    "allows_anonymous",
    "radius_m",
    "days_to_acknowledge",
    "days_to_resolve",
    "counts_working_days",
)
QUESTION_FIELDS = ("label", "label_en", "help", "help_en", "answer_type", "is_required", "choices")
Row = Department | Category | CategoryQuestion
Edited = TypeVar("Edited", Department, Category, CategoryQuestion)
Made = TypeVar("Made", Department, Category)
LISTS = frozenset({AnswerType.SINGLEVALUELIST, AnswerType.MULTIVALUELIST})

# ----------------------------------------------------------------------------------- departments


def department_snapshot(department: Department) -> dict[str, Any]:
    """Return what the page of a department shows, by field."""
    return {name: getattr(department, name) for name in DEPARTMENT_FIELDS}


def create_department(session: Session, values: Mapping[str, Any], *, actor: Actor) -> Department:
    """Add a department; one that is sent twice within minutes is added once."""
    require_administrator(actor)
    made = _made_already(session, Department, values, actor)
    if made is not None:
        return made
    department = Department(code=_free_code(session, Department, values["name"]), **values)
    session.add(department)
    _write_down(session, department, Change.CREATED, actor=actor)
    return department


def edit_department(
    session: Session,
    department: Department,
    values: Mapping[str, Any],
    *,
    version: int,
    actor: Actor,
) -> None:
    """Change a department; raises ChangedMeanwhile."""
    wanted = {name: values[name] for name in DEPARTMENT_FIELDS}
    _edit(
        session,
        department,
        wanted,
        department_snapshot,
        claimed=department,
        version=version,
        actor=actor,
    )


def set_department_active(
    session: Session, department: Department, *, active: bool, actor: Actor
) -> None:
    """Put a department out of service, or back into it; what it answered for stays its own.

    Raises Conflict while a category in service sends its contributions there.
    """
    require_administrator(actor)
    if not active:
        _refuse_orphans(session, department)
    _set_active(session, department, active=active, actor=actor)


def _refuse_orphans(session: Session, department: Department) -> None:
    names = session.scalars(
        select(Category.name)
        .where(Category.department_id == department.id, Category.is_active)
        .order_by(Category.position, Category.name)
    ).all()
    if names:
        raise Conflict(
            N_(
                "Ces catégories renvoient encore à ce service : %(names)s. Donnez-leur d’abord un "
                "autre service."
            ),
            names=", ".join(names),
        )


# ------------------------------------------------------------------------------------ categories


def category_snapshot(category: Category) -> dict[str, Any]:
    """Return what the page of a category shows, by field, the department by its name."""
    values = {name: getattr(category, name) for name in CATEGORY_FIELDS}
    values["policy"] = str(category.policy)
    return values | {"department": category.department.name if category.department else ""}


def create_category(
    session: Session, values: Mapping[str, Any], *, department: Department | None, actor: Actor
) -> Category:
    """Add a category, last in the list; one that is sent twice within minutes is added once."""
    require_administrator(actor)
    made = _made_already(session, Category, {**values, "department": department}, actor)
    if made is not None:
        return made
    last = [category.position for category in list_categories(session, inactive_too=True)]
    category = Category(
        code=_free_code(session, Category, values["name"]),
        position=max(last, default=-1) + 1,
        department=department,
        **values,
    )
    session.add(category)
    _write_down(session, category, Change.CREATED, actor=actor)
    return category


def edit_category(
    session: Session,
    category: Category,
    values: Mapping[str, Any],
    *,
    department: Department | None,
    version: int,
    actor: Actor,
) -> None:
    """Change a category; raises ChangedMeanwhile."""
    wanted = {name: values[name] for name in CATEGORY_FIELDS} | {"department": department}
    _edit(
        session, category, wanted, category_snapshot, claimed=category, version=version, actor=actor
    )


def set_category_active(
    session: Session, category: Category, *, active: bool, actor: Actor
) -> None:
    """Stop offering a category, or offer it again; what was filed under it stays there."""
    require_administrator(actor)
    _set_active(session, category, active=active, actor=actor)


def move_category(session: Session, category: Category, *, up: bool, actor: Actor) -> None:
    """Move a category one place up or down; at the end of the list nothing happens."""
    require_administrator(actor)
    _move(session, list_categories(session, inactive_too=True), category, up=up, actor=actor)


def delete_category(session: Session, category: Category, *, actor: Actor) -> None:
    """Remove a category that nothing was ever filed under; raises Conflict for any other."""
    require_administrator(actor)
    refusal = Conflict(
        N_("Des contributions sont dans « %(name)s » : mettez la catégorie hors service."),
        name=category.name,
    )
    if session.scalar(select(exists().where(Contribution.category_id == category.id))):
        raise refusal
    _write_down(session, category, Change.DELETED, actor=actor)
    try:
        session.delete(category)
        session.flush()
    except IntegrityError:
        # Somebody has just reported something under it.
        raise refusal from None


# ------------------------------------------------------------------------------------- questions


def question_snapshot(question: CategoryQuestion) -> dict[str, Any]:
    """Return what the page of a question shows, by field, the choices by their names."""
    values = {name: getattr(question, name) for name in QUESTION_FIELDS}
    values["answer_type"] = str(question.answer_type)
    values["choices"] = [choice["name"] for choice in question.choices]
    return values


def create_question(
    session: Session,
    category: Category,
    values: Mapping[str, Any],
    *,
    version: int,
    actor: Actor,
) -> CategoryQuestion:
    """Ask one more question in a category; raises Invalid, ChangedMeanwhile."""
    require_administrator(actor)
    checked = dict(values) | {"choices": _choices(values)}
    claim(session, category, version)
    taken = {question.code for question in category.questions}
    question = CategoryQuestion(
        code=_unused(slugify(checked["label"], limit=70, fallback="question"), taken),
        position=max((q.position for q in category.questions), default=-1) + 1,
        **checked,
    )
    category.questions.append(question)
    _write_down(session, question, Change.CREATED, actor=actor)
    return question


def edit_question(
    session: Session,
    question: CategoryQuestion,
    values: Mapping[str, Any],
    *,
    version: int,
    actor: Actor,
) -> None:
    """Change a question; ``version`` is its category's. Raises Invalid, ChangedMeanwhile.

    Choices keep the key that answers were stored under, whatever they are called now.
    """
    checked = dict(values) | {"choices": _choices(values)}
    wanted = {name: checked[name] for name in QUESTION_FIELDS}
    _edit(
        session,
        question,
        wanted,
        question_snapshot,
        claimed=question.category,
        version=version,
        actor=actor,
    )


def move_question(session: Session, question: CategoryQuestion, *, up: bool, actor: Actor) -> None:
    """Move a question one place up or down among those of its category."""
    require_administrator(actor)
    _move(session, question.category.questions, question, up=up, actor=actor)


def delete_question(session: Session, question: CategoryQuestion, *, actor: Actor) -> None:
    """Stop asking a question; answers already given stay readable."""
    require_administrator(actor)
    category = question.category
    claim(session, category, category.version)
    _write_down(session, question, Change.DELETED, actor=actor)
    category.questions.remove(question)
    session.flush()


def _choices(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the choices with a key each; none unless the answer is chosen from a list."""
    if values["answer_type"] not in LISTS:
        return []
    given: Sequence[Mapping[str, str]] = [row for row in values["choices"] if row["name"]]
    if len(given) < 2:
        raise Invalid(N_("Donnez au moins deux choix."), field="choices")
    if len({row["name"] for row in given}) < len(given):
        raise Invalid(N_("Deux choix portent le même nom : distinguez-les."), field="choices")
    taken: set[str] = set()
    choices = []
    for row in given:
        key = row.get("key") or slugify(row["name"], limit=50, fallback="choix")
        key = _unused(key, taken)
        taken.add(key)
        choices.append({"key": key, "name": row["name"], "name_en": row.get("name_en") or ""})
    return choices


# ---------------------------------------------------------------------------------------- shared


def _edit(
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


def _write_down(session: Session, row: Row, what: Change, *, actor: Actor) -> None:
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


def _set_active(
    session: Session, row: Category | Department, *, active: bool, actor: Actor
) -> None:
    if row.is_active == active:
        return
    claim(session, row, row.version)
    row.is_active = active
    what = Change.REACTIVATED if active else Change.DEACTIVATED
    _write_down(session, row, what, actor=actor)


def _move(
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
    _write_down(session, row, Change.MOVED, actor=actor)


def _made_already(
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


def _free_code(session: Session, model: type[Category | Department], name: str) -> str:
    wanted = slugify(name, limit=70, fallback=model.__tablename__)
    taken = set(session.scalars(select(model.code).where(model.code.startswith(wanted))))
    return _unused(wanted, taken)


def _unused(wanted: str, taken: set[str]) -> str:
    code, number = wanted, 1
    while code in taken:
        number += 1
        code = f"{wanted}-{number}"
    return code
