"""The public change number: raised by what the public can see, and by nothing else."""

from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM
from civic.accounts.models import Account
from civic.actions.models import Action
from civic.comments.models import Comment
from civic.contributions.models import Contribution, ModerationState, StatusChange
from civic.contributions.operations import hide, publish
from civic.contributions.workflow import StatusType
from civic.database import insert_rows, table_of, utcnow
from civic.database.public_change import PublicChange
from civic.database.watch import Watch
from civic.desk.models import InternalNote
from civic.extensions import db
from civic.idempotency.operations import remember
from civic.people.operations import person_of_account
from civic.places.models import Area, Town
from civic.tasks.models import Job, Lane
from civic.taxonomy.models import AnswerType, Category, CategoryQuestion, Department
from tests.factories import make_account, make_contribution


@pytest.fixture
def stamp(app: Flask) -> Iterator[Callable[[], Hashable]]:
    watch = Watch(db.engine)
    yield watch.stamp
    watch.close()


def private_writes(session: Session, incident: Contribution, resident: Account) -> Iterator[str]:
    """Write one private row after the other, and say what it was."""
    remember(session, "form", "k" * 64, result=incident.reference)
    yield "a key of a form"
    resident.last_seen_at = utcnow()
    resident.preferences = {"colours": "dark"}
    yield "a visit"
    person_of_account(session, resident.id)
    yield "a person"
    session.add(Job(lane=Lane.LIGHT, kind="mail"))
    yield "a job"
    session.add(InternalNote(contribution_id=incident.id, author_id=resident.id, body="à voir"))
    yield "an internal note"
    held = make_contribution(session, held=True, title="Retenu")
    yield "a held contribution"
    held.moderation_state = ModerationState.PRIVATE
    yield "a private contribution"
    held.title = "Autre titre"
    yield "its title"
    session.execute(update(Account).values(last_seen_at=utcnow()))
    yield "a statement about accounts"


def public_writes(session: Session, incident: Contribution) -> Iterator[str]:
    make_contribution(session)
    yield "a contribution"
    incident.title = "Banc peint"
    yield "a title"
    hide(session, incident, actor=SYSTEM)
    yield "something hidden"
    publish(session, incident, actor=SYSTEM)
    yield "something published"
    session.add(
        Comment(
            contribution_id=incident.id, body="Merci", moderation_state=ModerationState.PUBLISHED
        )
    )
    yield "a comment"
    session.scalars(select(Area)).first().name = "Nord"  # type: ignore[union-attr]
    yield "an area"
    session.scalars(select(Category)).first().name = "Voirie"  # type: ignore[union-attr]
    yield "a category"
    session.get_one(Town, 1).name = "Ville"
    yield "a setting of the town"
    department_id = session.scalar(select(Department.id))
    action = Action(slug="a", title="Rue", status="planned", department_id=department_id)
    action.status_type = StatusType.OPEN
    session.add(action)
    yield "an action"
    session.execute(update(Contribution).values(vote_count=Contribution.vote_count + 1))
    yield "a statement about contributions"
    step = {"contribution_id": incident.id, "from_status": None, "to_status": "received"}
    step |= {"at": utcnow(), "party": "author", "is_automatic": False}
    words = ("sentence", "reason", "recipient", "claimed_by", "verified_by", "cause")
    insert_rows(session, StatusChange, [step | dict.fromkeys(words, "")])
    yield "rows that go past the session"


def test_private_rows_leave_the_number_alone(
    session: Session, town: Any, stamp: Callable[[], Hashable]
) -> None:
    incident, resident = make_contribution(session), make_account(session)
    session.commit()
    before = stamp()
    for what in private_writes(session, incident, resident):
        session.commit()
        assert stamp() == before, what


def test_public_rows_raise_it(session: Session, town: Any, stamp: Callable[[], Hashable]) -> None:
    incident = make_contribution(session)
    before = stamp()
    for what in public_writes(session, incident):
        session.commit()
        after = stamp()
        assert after != before, what
        before = after


def test_a_name_that_changes_is_public(
    session: Session, town: Any, stamp: Callable[[], Hashable]
) -> None:
    resident = make_account(session)
    before = stamp()
    resident.display_name = "Dominique"
    session.commit()
    assert stamp() != before


def test_what_is_rolled_back_was_nothing(
    session: Session, town: Any, stamp: Callable[[], Hashable]
) -> None:
    before = stamp()
    session.add(Department(code="autre", name="Autre"))
    session.flush()
    session.rollback()
    make_account(session)
    assert stamp() == before


@pytest.mark.postgresql
def test_a_change_that_commits_late_raises_it_when_it_commits(
    session: Session, town: Any, stamp: Callable[[], Hashable]
) -> None:
    """As a sequence would not: the first to draw a number may be the last to be seen."""
    slow = Session(db.engine)
    slow.add(Department(code="lent", name="Lent"))
    slow.flush()
    session.add(Department(code="rapide", name="Rapide"))
    session.commit()
    between = stamp()
    assert session.scalar(select(Department.id).where(Department.code == "lent")) is None
    session.rollback()
    slow.commit()
    slow.close()
    assert stamp() != between


def test_no_change_of_many_writers_is_lost(app: Flask, session: Session, town: Any) -> None:
    engine = db.engine
    category_id = session.scalars(select(Category.id)).first()

    def write(writer: int) -> None:
        for number in range(10):
            with engine.begin() as connection:
                values = {"category_id": category_id, "code": f"d-{writer}-{number}"}
                values |= {"label": "?", "answer_type": AnswerType.STRING}
                connection.execute(insert(table_of(CategoryQuestion)).values(values))

    before = sum(session.scalars(select(PublicChange.number)))
    session.rollback()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert sum(session.scalars(select(PublicChange.number))) - before == 80
