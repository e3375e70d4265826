"""What a follow came of says when it ends."""

from typing import Any

from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.accounts.operations import erase_account, export_my_data
from civic.actions.models import Action, ActionFollow
from civic.comments.operations import add_comment
from civic.contributions.workflow import StatusType
from civic.database import utcnow
from civic.database.afterwards import Afterwards
from civic.extensions import db
from civic.follows.models import Follow
from civic.follows.operations import follow, mute
from civic.follows.queries import is_following
from civic.notifications.queries import list_audience
from civic.taxonomy.models import Department
from civic.votes.operations import unvote, vote
from tests.factories import actor, make_account, make_contribution


def test_taking_support_back_ends_the_follow_that_came_of_it(session: Session, town: Any) -> None:
    person = make_account(session)
    incident = make_contribution(session)
    vote(session, incident, actor=actor(person))
    assert is_following(session, incident.id, person.id)
    unvote(session, incident, actor=actor(person))
    session.commit()
    assert not is_following(session, incident.id, person.id)
    assert list_audience(session, [incident]) == set()


def test_a_follow_that_was_chosen_stays_whatever_the_order(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    for first in (True, False):
        person = make_account(session)
        if first:
            follow(session, incident, account_id=person.id)
        vote(session, incident, actor=actor(person))
        if not first:
            follow(session, incident, account_id=person.id)
        unvote(session, incident, actor=actor(person))
        session.commit()
        assert is_following(session, incident.id, person.id)


def test_who_has_commented_or_written_goes_on_hearing(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    person = make_account(session)
    vote(session, incident, actor=actor(person))
    add_comment(session, incident, actor=actor(person), body="Moi aussi, tous les soirs.")
    unvote(session, incident, actor=actor(person))
    session.commit()
    assert is_following(session, incident.id, person.id)


def test_who_has_muted_it_stays_so(session: Session, town: Any) -> None:
    incident, person = make_contribution(session), make_account(session)
    vote(session, incident, actor=actor(person))
    mute(session, incident, account_id=person.id)
    unvote(session, incident, actor=actor(person))
    session.commit()
    assert session.get_one(Follow, (incident.id, person.id)).is_muted


def test_follows_of_actions_are_in_the_copy_and_go_with_the_account(
    session: Session, town: Any
) -> None:
    person = make_account(session)
    roads = session.scalars(select(Department)).first()
    assert roads is not None
    action = Action(
        slug="rue-refaite",
        title="Rue refaite",
        status="planned",
        status_type=StatusType.OPEN,
        department_id=roads.id,
    )
    session.add(action)
    session.flush()
    session.add(ActionFollow(action_id=action.id, account_id=person.id))
    session.commit()
    data = export_my_data(session, person, actor=actor(person))
    assert [one["action"] for one in data["action_follows"]] == ["rue-refaite"]
    erase_account(session, person, actor=actor(person))
    session.commit()
    assert session.scalars(select(ActionFollow)).all() == []


def test_a_note_that_is_refused_keeps_no_other_from_being_written(
    app: Flask, session: Session, town: Any
) -> None:
    account = make_account(session)
    session.commit()
    notes = Afterwards(db.engine, None)
    seen = update(Account).where(Account.id == account.id).values(last_seen_at=utcnow())
    known = insert(Account.__table__)
    taken = {"email": account.email, "display_name": "x", "locale": "fr", "wants_mail": True}
    for email in (account.email, "new@example.org", account.email, "other@example.org"):
        notes.note(known, taken | {"email": email})
    notes.note(seen, {})
    notes.write()
    session.expire_all()
    found = session.scalars(select(Account.email).order_by(Account.id)).all()
    assert found == [account.email, "new@example.org", "other@example.org"]
    assert account.last_seen_at is not None
