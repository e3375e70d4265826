"""The demo town: loaded once, true to the rules of the house, open to whoever clicks."""

import itertools
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.accounts.operations import create_account
from civic.actions.models import Action
from civic.attachments.models import Photo
from civic.cli.checks import find_differences
from civic.comments.models import Comment
from civic.contributions.counters import remake_heat
from civic.contributions.kinds import kinds
from civic.contributions.models import Contribution, ExternalRef, ModerationState, StatusChange
from civic.database import utcnow
from civic.demo.load import load_demo
from civic.demo.people import PEOPLE
from civic.flags.models import Flag
from civic.ideas.models import Idea
from civic.moderation.models import Appeal, Hold
from civic.notifications.models import Notification, OutgoingEmail
from civic.votes.models import Vote

PARIS = ZoneInfo("Europe/Paris")


def number(session: Session, model: Any, *where: Any) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def load(session: Session, app: Flask) -> None:
    settings = app.extensions["civic_settings"]
    load_demo(session, settings, progress=lambda done, of: None, commit=session.commit)


@pytest.mark.slow
def test_the_demo_town_keeps_the_rules_of_a_real_one(session: Session, app: Flask) -> None:
    load(session, app)
    settings = app.extensions["civic_settings"]

    # The map adds up, no row was rejected, and the counters are those of the rows.
    assert list(find_differences(session)) == []
    assert list((settings.data_dir / "rejects").glob("*")) == []
    for counter, model, where in (
        (Contribution.vote_count, Vote, ()),
        (
            Contribution.comment_count,
            Comment,
            (Comment.moderation_state == ModerationState.PUBLISHED,),
        ),
        (
            Contribution.photo_count,
            Photo,
            (
                Photo.status_change_id.is_(None),
                Photo.moderation_state == ModerationState.PUBLISHED,
            ),
        ),
    ):
        rows = (
            select(func.count())
            .where(model.contribution_id == Contribution.id, *where)
            .scalar_subquery()
        )
        assert number(session, Contribution, counter != rows) == 0, counter.key

    # Heat is what the verbs would have made.
    for contribution in session.scalars(
        select(Contribution).order_by(Contribution.vote_count.desc()).limit(3)
    ):
        before = contribution.hot
        remake_heat(session, contribution)
        assert contribution.hot == pytest.approx(before)

    # Every life is one chain of steps from the first status to the present one.
    steps: dict[int, list[StatusChange]] = {}
    for step in session.scalars(select(StatusChange).order_by(StatusChange.at, StatusChange.id)):
        steps.setdefault(step.contribution_id, []).append(step)
    now = utcnow()
    for contribution in session.scalars(select(Contribution)):
        chain = steps[contribution.id]
        assert chain[0].from_status is None
        assert chain[-1].to_status == contribution.status
        assert chain[-1].at == contribution.status_since
        assert (
            contribution.status_type == kinds[contribution.kind].workflow[chain[-1].to_status].type
        )
        for earlier, later in itertools.pairwise(chain):
            assert later.from_status == earlier.to_status
        assert chain[-1].at <= now

    # Nobody flags what is not there yet, and the town promises nothing for the past.
    assert (
        number(
            session,
            Flag,
            Flag.contribution_id == Contribution.id,
            Flag.at < Contribution.submitted_at,
        )
        == 0
    )
    for idea in session.scalars(select(Idea)):
        retained = idea.status in {"accepted", "in_progress", "done"}
        assert bool(idea.period) is retained
        assert not retained or int(idea.period) >= idea.submitted_at.year
        assert retained or idea.cost is None

    # It ends yesterday, it looks like a town at work.
    newest = session.scalar(
        select(func.max(Contribution.submitted_at)).where(
            Contribution.id == ExternalRef.contribution_id, ExternalRef.source == "paris-dansmarue"
        )
    )
    assert newest is not None
    yesterday = now.astimezone(PARIS).date() - timedelta(days=1)
    assert newest.astimezone(PARIS).date() == yesterday
    statuses = {
        (row.kind, row.status)
        for row in session.execute(select(Contribution.kind, Contribution.status).distinct())
    }
    assert {status for kind, status in statuses if kind == "incident"} >= {
        "received", "acknowledged", "question_asked", "planned", "in_progress", "contested",
        "resolved", "confirmed", "watched", "forwarded", "declined", "duplicate",
    }  # fmt: skip
    assert {status for kind, status in statuses if kind == "idea"} >= {
        "gathering", "under_review", "accepted", "in_progress", "done", "declined",
    }  # fmt: skip
    assert set(session.scalars(select(Action.status).distinct())) == {
        "planned", "scheduled", "in_progress", "paused", "done", "abandoned",
    }  # fmt: skip
    assert number(session, Contribution) > 3_500
    assert number(session, Hold, Hold.released_at.is_(None)) > 4
    assert number(session, Flag, Flag.resolved_at.is_(None)) > 3
    assert number(session, Appeal, Appeal.decided_at.is_(None)) == 1

    # Only the resident of the demo hears, and not too much.
    recipients = list(session.scalars(select(OutgoingEmail.recipient)))
    assert set(recipients) == {"habitant@demo.example"}
    assert 5 <= len(recipients) <= 12
    assert number(session, Notification) >= 4

    # A second start changes nothing.
    kept = number(session, Contribution), number(session, StatusChange), number(session, Account)
    session.commit()
    load(session, app)
    assert kept == (
        number(session, Contribution),
        number(session, StatusChange),
        number(session, Account),
    )
    session.commit()

    # And its pages are there, with the line that says what is real.
    client = app.test_client()
    for path in ("/", "/map", "/incidents", "/ideas", "/actions", "/status", "/demo"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "Démonstration" in answer.text


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.key)
def test_one_click_makes_a_visitor_somebody(
    session: Session, town: Any, client: Any, person: Any
) -> None:
    town.is_demo = True
    create_account(session, email=person.email, name=person.name, roles=person.roles)
    session.commit()
    assert person.email in client.get("/demo").text
    answer = client.send(f"/demo/enter/{person.key}")
    assert answer.status_code == 303
    assert client.get(answer.location).status_code == 200
    assert person.name in client.get("/demo").text


def test_a_real_town_has_no_such_door(session: Session, town: Any, client: Any) -> None:
    create_account(session, email=PEOPLE[-1].email, name="Maire", roles=PEOPLE[-1].roles)
    session.commit()
    assert client.get("/demo").status_code == 404
    assert client.send("/demo/enter/administration").status_code == 404


def test_nobody_else_can_be_entered(session: Session, town: Any, client: Any) -> None:
    town.is_demo = True
    session.commit()
    assert client.send("/demo/enter/maire").status_code == 404
    assert client.send("/demo/enter/agent").status_code == 404
