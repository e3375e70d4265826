"""Both clocks are watched: taken in charge in time, settled in time."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.contributions.models import Contribution, Deadline, Due
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.database import utcnow
from civic.desk.queries import DeskFilters, count_views, list_cases
from civic.notifications.models import OutgoingEmail
from civic.notifications.schedule import remind_departments
from civic.taxonomy.models import Department
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution


@pytest.fixture
def agent(session: Session, town: Any) -> Account:
    return make_account(session, "", Role.AGENT)


def due(session: Session, case: Contribution, days: float) -> None:
    """Let it be due in so many days to take the case in charge; it was received ten days before."""
    deadline = session.scalars(
        select(Deadline).where(
            Deadline.contribution_id == case.id, Deadline.what == Due.ACKNOWLEDGE
        )
    ).one()
    deadline.due_at = utcnow() + timedelta(days=days)
    case.submitted_at = deadline.due_at - timedelta(days=10)
    session.commit()


def views(session: Session, agent: Account, case: Contribution) -> set[str]:
    counts = count_views(session, actor(agent))
    found = {
        view
        for view in ("late", "soon")
        if case in list_cases(session, actor(agent), DeskFilters(view)).cases
    }
    assert {view for view in ("late", "soon") if counts[view]} == found
    return found


@pytest.mark.parametrize(("days", "view"), [(-1, {"late"}), (1, {"soon"}), (6, set())])
def test_the_first_clock_is_watched_until_somebody_takes_it(
    client: CheckingClient, session: Session, agent: Account, days: float, view: set[str]
) -> None:
    case = make_contribution(session)
    due(session, case, days)
    assert views(session, agent, case) == view
    client.sign_in(agent)
    listed = client.get("/desk").text
    assert "à prendre en compte" in listed
    shown = client.get(f"/desk/{case.reference}").text
    assert ("attendue depuis" if days < 0 else "attendue pour") in shown
    move(session, case, "acknowledged", actor=actor(agent), standing={Party.AGENT})
    session.commit()
    assert views(session, agent, case) == set()
    assert "à prendre en compte" not in client.get("/desk").text
    assert "faite le" in client.get(f"/desk/{case.reference}").text


def test_a_question_stops_the_first_clock_too(session: Session, agent: Account) -> None:
    case = make_contribution(session)
    due(session, case, -1)
    asking = {"actor": actor(agent), "standing": {Party.AGENT}, "sentence": "Où ?"}
    move(session, case, "question_asked", **asking)
    session.commit()
    assert views(session, agent, case) == set()


def test_the_department_hears_of_both(session: Session, town: Any) -> None:
    roads = session.scalars(select(Department).where(Department.code == "voirie")).one()
    unread = make_contribution(session, title="Pas lu")
    due(session, unread, -1)
    old = make_contribution(session, title="Pas fait")
    agent = actor(make_account(session, "", Role.AGENT))
    move(session, old, "acknowledged", actor=agent, standing={Party.AGENT})
    old.submitted_at = utcnow() - timedelta(days=20)
    old.due_at = utcnow() - timedelta(days=1)
    near = make_contribution(session, title="Bientôt à lire")
    due(session, near, 1)
    session.commit()
    remind_departments(session)
    session.commit()
    mail = session.scalars(
        select(OutgoingEmail).where(
            OutgoingEmail.template == "reminder", OutgoingEmail.recipient == roads.email
        )
    ).one()
    late = {(one["title"], one["what"]) for one in mail.data["late"]}
    assert late == {("Pas lu", "acknowledge"), ("Pas fait", "resolve")}
    assert [(one["title"], one["what"]) for one in mail.data["soon"]] == [
        ("Bientôt à lire", "acknowledge")
    ]
