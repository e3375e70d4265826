"""Which categories and departments there are."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from civic.errors import require
from civic.i18n import N_
from civic.taxonomy.models import Category, Department


def list_categories(
    session: Session,
    kind: str | None = None,
    *,
    with_questions: bool = False,
    inactive_too: bool = False,
) -> list[Category]:
    """Return the categories in use in their order, those of ``kind`` when one is given.

    ``with_questions`` loads their questions with one more statement, whatever their number.
    """
    statement = select(Category).order_by(Category.position, Category.name, Category.id)
    if not inactive_too:
        statement = statement.where(Category.is_active)
    if with_questions:
        statement = statement.options(selectinload(Category.questions))
    found = session.scalars(statement)
    return [category for category in found if kind is None or kind in category.kinds]


def find_category(session: Session, code: str) -> Category | None:
    """Return the category named ``code``, or None."""
    return session.scalars(select(Category).where(Category.code == code)).first()


def get_category(session: Session, category_id: int) -> Category:
    """Return one category; raises NotFound."""
    return require(session.get(Category, category_id), N_("Cette catégorie n’existe pas ou plus."))


def list_departments(session: Session, *, inactive_too: bool = False) -> list[Department]:
    """Return the departments by name."""
    statement = select(Department).order_by(Department.name, Department.id)
    if not inactive_too:
        statement = statement.where(Department.is_active)
    return list(session.scalars(statement))


def get_department(session: Session, department_id: int) -> Department:
    """Return one department; raises NotFound."""
    return require(session.get(Department, department_id), N_("Ce service n’existe pas ou plus."))
