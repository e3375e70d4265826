"""Finding contributions by their words."""

from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from civic.database import Base


def matching(session: Session, text: str) -> Select[Any]:
    """Return a selection of the ids of the contributions that hold every word of ``text``."""
    table = Base.metadata.tables["contribution"]
    statement = select(table.c.id)
    for word in text.lower().split():
        statement = statement.where(
            or_(
                func.lower(table.c.title).contains(word, autoescape=True),
                func.lower(table.c.body).contains(word, autoescape=True),
                func.lower(table.c.address).contains(word, autoescape=True),
            )
        )
    return statement
