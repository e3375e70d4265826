"""Changing departments and categories."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.administration.models import Change
from civic.administration.operations.changes import require_administrator
from civic.administration.operations.rows import (
    edit_row,
    free_code,
    made_already,
    move_row,
    set_active,
    write_down,
)
from civic.contributions.models import Contribution
from civic.errors import Conflict
from civic.i18n import N_
from civic.taxonomy.models import Category, Department
from civic.taxonomy.queries import list_categories

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

# ----------------------------------------------------------------------------------- departments


def department_snapshot(department: Department) -> dict[str, Any]:
    """Return what the page of a department shows, by field."""
    return {name: getattr(department, name) for name in DEPARTMENT_FIELDS}


def create_department(session: Session, values: Mapping[str, Any], *, actor: Actor) -> Department:
    """Add a department; one that is sent twice within minutes is added once."""
    require_administrator(actor)
    made = made_already(session, Department, values, actor)
    if made is not None:
        return made
    department = Department(code=free_code(session, Department, values["name"]), **values)
    session.add(department)
    write_down(session, department, Change.CREATED, actor=actor)
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
    edit_row(
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
    set_active(session, department, active=active, actor=actor)


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
    made = made_already(session, Category, {**values, "department": department}, actor)
    if made is not None:
        return made
    last = [category.position for category in list_categories(session, inactive_too=True)]
    category = Category(
        code=free_code(session, Category, values["name"]),
        position=max(last, default=-1) + 1,
        department=department,
        **values,
    )
    session.add(category)
    write_down(session, category, Change.CREATED, actor=actor)
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
    edit_row(
        session, category, wanted, category_snapshot, claimed=category, version=version, actor=actor
    )


def set_category_active(
    session: Session, category: Category, *, active: bool, actor: Actor
) -> None:
    """Stop offering a category, or offer it again; what was filed under it stays there."""
    require_administrator(actor)
    set_active(session, category, active=active, actor=actor)


def move_category(session: Session, category: Category, *, up: bool, actor: Actor) -> None:
    """Move a category one place up or down; at the end of the list nothing happens."""
    require_administrator(actor)
    move_row(session, list_categories(session, inactive_too=True), category, up=up, actor=actor)


def delete_category(session: Session, category: Category, *, actor: Actor) -> None:
    """Remove a category that nothing was ever filed under; raises Conflict for any other."""
    require_administrator(actor)
    refusal = Conflict(
        N_("Des contributions sont dans « %(name)s » : mettez la catégorie hors service."),
        name=category.name,
    )
    if session.scalar(select(exists().where(Contribution.category_id == category.id))):
        raise refusal
    write_down(session, category, Change.DELETED, actor=actor)
    try:
        session.delete(category)
        session.flush()
    except IntegrityError:
        # Somebody has just reported something under it.
        raise refusal from None
