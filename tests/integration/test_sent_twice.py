"""What somebody sends twice, in turn or at one moment, is written once and told once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor, Role
from civic.accounts.models import Account
from civic.actions.models import Action
from civic.actions.operations import ActionDraft, create_action
from civic.contributions.kinds import kinds
from civic.contributions.models import Channel, Contribution
from civic.contributions.operations import Draft
from civic.database import start_writing, utcnow
from civic.desk.models import SavedReply
from civic.desk.operations import OnBehalf, enter_on_behalf, save_reply
from civic.extensions import db
from civic.incidents.models import Incident
from civic.incidents.operations import add_precision
from civic.messages.models import Message
from civic.messages.operations import answer_in_private, write_back
from civic.notifications.models import OutgoingEmail, StaffNews
from civic.taxonomy.models import Category, Department
from tests.factories import CENTRE, actor, make_account, make_contribution

Act = Callable[[Session, Incident, Actor], Any]
TIMES = 4


def answer(session: Session, case: Incident, agent: Actor) -> None:
    answer_in_private(session, case, "À quelle heure ?", actor=agent)


def precise(session: Session, case: Incident, agent: Actor) -> None:
    add_precision(session, case, "Côté pair.", actor=by_link(case))


def write(session: Session, case: Incident, agent: Actor) -> None:
    write_back(session, case, "Le soir.", actor=by_link(case))


def commit_to(session: Session, case: Incident, agent: Actor) -> None:
    department = session.scalars(select(Department).where(Department.code == "voirie")).one()
    draft = ActionDraft(title="Les lampes", body="Rue Haute.", department=department)
    create_action(session, draft, [case], actor=agent)


def keep(session: Session, case: Incident, agent: Actor) -> None:
    save_reply(
        session, None, actor=agent, title="Merci", body="Merci.", department_id=None, status=""
    )


def enter(session: Session, case: Incident, agent: Actor) -> None:
    category = session.scalars(select(Category).where(Category.code == "eclairage")).one()
    behalf = OnBehalf(channel=Channel.TELEPHONE, received_at=utcnow())
    draft = Draft(title="Par téléphone", body="", category=category, position=CENTRE)
    enter_on_behalf(session, kinds["incident"], draft, behalf, actor=agent, form_key="k" * 32)


def by_link(case: Incident) -> Actor:
    return Actor(follow_ids=frozenset({case.id}))


@pytest.mark.parametrize("at_once", [False, True], ids=["in turn", "at once"])
@pytest.mark.parametrize(
    ("act", "model", "written", "mails"),
    [
        (answer, Message, 1, 1),
        (write, Message, 2, 1),
        (precise, Contribution, 1, 0),
        (commit_to, Action, 1, 1),
        (keep, SavedReply, 1, 0),
        (enter, Contribution, 2, 0),
    ],
)
def test_it_is_done_once(
    app: Flask,
    session: Session,
    town: Any,
    act: Act,
    model: Any,
    written: int,
    mails: int,
    at_once: bool,
) -> None:
    agent = make_account(session, "agent@example.org", Role.AGENT)
    case = make_contribution(session, author=make_account(session))
    assert isinstance(case, Incident)
    if act is write:
        answer(session, case, actor(agent))
        session.commit()
    session.query(StaffNews).delete()
    session.commit()
    agent_id, case_id = agent.id, case.id
    barrier = threading.Barrier(TIMES if at_once else 1)
    failed: list[BaseException] = []

    def once() -> None:
        with app.app_context():
            own = db.session()
            barrier.wait()
            try:
                start_writing(own)
                who = actor(own.get_one(Account, agent_id))
                act(own, own.get_one(Incident, case_id), who)
                own.commit()
            except BaseException as error:  # noqa: BLE001 (told to the test)
                failed.append(error)
            db.session.remove()

    threads = [threading.Thread(target=once) for _ in range(TIMES)]
    for thread in threads:
        thread.start()
        if not at_once:
            thread.join()
    for thread in threads:
        thread.join()
    assert failed == []
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(model)) == written
    told = session.scalar(select(func.count(OutgoingEmail.id))) or 0
    assert told == mails
    assert case.precisions.count("Côté pair.") == (act is precise)
    news = session.scalars(select(StaffNews.event)).all()
    assert news.count("case_answered") == (act is write)
