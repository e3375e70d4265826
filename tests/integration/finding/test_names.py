"""Names are kept by each process, and read again once anybody has changed one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from civic.database import configure_engine, read_only
from civic.extensions import db
from civic.finding.names import names_of
from civic.places.models import Area
from civic.taxonomy.models import Category
from civic.votes.operations import vote
from tests.factories import actor, make_account, make_contribution
from tests.queries import counting

pytestmark = pytest.mark.usefixtures("town")


@contextmanager
def another_process() -> Iterator[Session]:
    """A session of an engine of its own, as another process has."""
    engine = create_engine(db.engine.url)
    configure_engine(engine)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def name_of_east(session: Session) -> str:
    area = names_of(session).area("est")
    return area.name if area else ""


def rename_east(session: Session, name: str) -> None:
    session.scalars(select(Area).where(Area.slug == "est")).one().name = name


def test_a_name_changed_by_another_process_is_read_at_once(session: Session) -> None:
    assert name_of_east(session) == "Est"
    session.commit()
    with another_process() as other:
        rename_east(other, "Levant")
        other.commit()
    assert name_of_east(session) == "Levant"


def test_statements_count_like_objects(session: Session) -> None:
    assert "Orient" not in {category.name for category in names_of(session).categories.values()}
    session.execute(update(Category).values(name="Orient"))
    assert {category.name for category in names_of(session).categories.values()} == {"Orient"}
    session.commit()
    with another_process() as other:
        assert {category.name for category in names_of(other).categories.values()} == {"Orient"}


def test_nobody_else_has_a_name_before_it_is_committed(session: Session) -> None:
    assert name_of_east(session) == "Est"
    rename_east(session, "Levant")
    session.flush()
    assert name_of_east(session) == "Levant"
    session.rollback()
    assert name_of_east(session) == "Est"


def test_a_transaction_that_began_before_spoils_nothing(session: Session) -> None:
    with another_process() as other:
        with read_only():
            assert name_of_east(other) == "Est"
        rename_east(session, "Levant")
        session.commit()
        name_of_east(other)
        assert name_of_east(session) == "Levant"
        session.commit()
        other.commit()
        assert name_of_east(other) == "Levant"


def test_votes_and_reports_leave_the_names_as_they_are(session: Session) -> None:
    names = names_of(session)
    incident = make_contribution(session)
    vote(session, incident, actor=actor(make_account(session)))
    session.commit()
    with counting(db.engine) as statements:
        assert names_of(session) is names
    assert not statements
