"""What somebody sends twice, in turn or at one moment, is written once and told once."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor, Role
from civic.accounts.models import Account
from civic.accounts.tokens import new_token
from civic.actions.models import Action
from civic.actions.operations import ActionDraft, create_action
from civic.administration.operations.taxonomy import create_category, create_department
from civic.attachments.models import Photo
from civic.attachments.operations import StoredPhoto, keep_draft
from civic.contributions.kinds import kinds
from civic.contributions.models import Channel, Contribution
from civic.contributions.operations import Draft
from civic.database import start_writing, utcnow
from civic.desk.models import InternalNote, SavedReply
from civic.desk.operations import OnBehalf, add_note, enter_on_behalf, save_reply
from civic.errors import DomainError
from civic.extensions import db
from civic.incidents.models import Incident
from civic.incidents.operations import add_precision
from civic.messages.models import Message
from civic.messages.operations import answer_in_private, write_back
from civic.moderation.operations import Grounds, merge_as_duplicate
from civic.notifications.models import OutgoingEmail, StaffNews
from civic.places.addresses import import_addresses
from civic.places.areas import import_areas
from civic.places.models import Address, Area, AreaLevel, Street
from civic.tasks.models import Job
from civic.tasks.queue import enqueue
from civic.taxonomy.models import Category, Department
from tests.factories import CENTRE, actor, make_account, make_contribution, square

Act = Callable[[Session, Incident, Actor], Any]
TIMES = 8


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


def found_department(session: Session, case: Incident, agent: Actor) -> None:
    names = {"name": "Mobilités", "name_en": "", "email": "m@example.org"}
    create_department(session, names | {"postal_address": "", "telephone": ""}, actor=agent)


def found_category(session: Session, case: Incident, agent: Actor) -> None:
    values = {"name": "Bancs publics", "kinds": ["incident"], "icon": "tree", "radius_m": 50}
    create_category(session, values, department=case.department, actor=agent)


def keep_photo(session: Session, case: Incident, agent: Actor) -> None:
    keep_draft(session, StoredPhoto(new_token(), "5" * 64, 40, 30, "#888888", None), "d" * 40)


def note(session: Session, case: Incident, agent: Actor) -> None:
    add_note(session, case, "Clé chez le gardien.", actor=agent)


def ask(session: Session, case: Incident, agent: Actor) -> None:
    enqueue(session, "civic.tests:nothing")


def by_link(case: Incident) -> Actor:
    return Actor(follow_ids=frozenset({case.id}))


def run(
    app: Flask, acts: Sequence[Callable[[Session], None]], *, at_once: bool
) -> list[BaseException]:
    """Do each of ``acts`` in a thread and a transaction of its own; return what was raised."""
    barrier = threading.Barrier(len(acts) if at_once else 1)
    failed: list[BaseException] = []

    def once(act: Callable[[Session], None]) -> None:
        with app.app_context():
            own = db.session()
            barrier.wait()
            try:
                start_writing(own)
                act(own)
                own.commit()
            except BaseException as error:  # noqa: BLE001 (told to the test)
                failed.append(error)
            db.session.remove()

    threads = [threading.Thread(target=once, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
        if not at_once:
            thread.join()
    for thread in threads:
        thread.join()
    return failed


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
        (found_department, Department, 4, 0),
        (found_category, Category, 5, 0),
        (keep_photo, Photo, 1, 0),
        (note, InternalNote, 1, 0),
        (ask, Job, 1, 0),
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
    agent = make_account(session, "agent@example.org", Role.AGENT, Role.ADMINISTRATOR)
    case = make_contribution(session, author=make_account(session))
    assert isinstance(case, Incident)
    if act is write:
        answer(session, case, actor(agent))
        session.commit()
    session.query(StaffNews).delete()
    session.commit()
    agent_id, case_id = agent.id, case.id

    def once(own: Session) -> None:
        who = actor(own.get_one(Account, agent_id))
        act(own, own.get_one(Incident, case_id), who)

    assert run(app, [once] * TIMES, at_once=at_once) == []
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(model)) == written
    told = session.scalar(select(func.count(OutgoingEmail.id))) or 0
    assert told == mails
    assert case.precisions.count("Côté pair.") == (act is precise)
    news = session.scalars(select(StaffNews.event)).all()
    assert news.count("case_answered") == (act is write)


def test_of_two_merges_that_cross_one_is_made(app: Flask, session: Session, town: Any) -> None:
    boss = make_account(session, "boss@example.org", Role.MODERATOR).id
    ids = [make_contribution(session, title=title).id for title in ("Lampe", "Réverbère")]
    session.commit()

    def into(source: int, target: int) -> Callable[[Session], None]:
        def merge(own: Session) -> None:
            one, other = own.get_one(Contribution, source), own.get_one(Contribution, target)
            grounds = Grounds(clause="7", facts="La même lampe.")
            who = actor(own.get_one(Account, boss))
            merge_as_duplicate(own, one, other, actor=who, grounds=grounds)

        return merge

    [refused] = run(app, [into(*ids), into(*reversed(ids))], at_once=True)
    assert isinstance(refused, DomainError)
    session.expire_all()
    ends = session.scalars(select(Contribution.duplicate_of_id)).all()
    assert sorted(end is None for end in ends) == [False, True]


def test_a_file_that_is_imported_twice_at_once_makes_everything_once(
    app: Flask, session: Session, town: Any
) -> None:
    features = [
        {
            "properties": {"nom": name, "code": code},
            "geometry": square(48.1, west, 48.12, west + 0.01),
        }
        for name, code, west in (("Nord", "N", -1.7), ("Sud", "", -1.69))
    ]
    street = {"nom_voie": "Rue Haute", "code_postal": "35000", "lat": "48.11", "lon": "-1.68"}
    rows = [street | {"numero": str(number)} for number in range(1, 30)]

    def take_in(own: Session) -> None:
        import_areas(own, features, AreaLevel.DISTRICT, commit=own.commit)
        import_addresses(own, rows, commit=own.commit)

    assert run(app, [take_in] * 3, at_once=True) == []
    session.expire_all()
    areas = select(Area.name).where(Area.level == AreaLevel.DISTRICT).order_by(Area.name)
    assert session.scalars(areas).all() == ["Nord", "Sud"]
    assert session.scalar(select(func.count()).select_from(Street)) == 1
    assert session.scalar(select(func.count()).select_from(Address)) == 29
    assert session.scalars(select(Street.address_count)).one() == 29
