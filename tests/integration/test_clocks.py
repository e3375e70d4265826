"""What happens by itself when time passes."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.contributions.models import Channel, Contribution, StatusChange
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.database import insert_or_ignore, utcnow
from civic.ideas.schedule import archive_forgotten
from civic.incidents.schedule import confirm_uncontested, decline_unanswered
from civic.notifications.models import OutgoingEmail
from civic.notifications.operations import queue_mail
from civic.notifications.rendering import render
from civic.notifications.schedule import forget_old_news, remind_departments, tell_supervisors
from civic.places.models import Town
from civic.taxonomy.models import Department
from civic.votes.models import Vote
from tests.factories import actor, make_account, make_contribution
from tests.integration.test_notifications import mails


def age(session: Session, contribution: Contribution, days: int) -> None:
    session.execute(
        update(Contribution)
        .where(Contribution.id == contribution.id)
        .values(status_since=utcnow() - timedelta(days=days))
    )
    session.commit()
    session.expire_all()


def step(session: Session, contribution: Contribution, to: str) -> None:
    agent = make_account(session, "", Role.AGENT)
    move(
        session,
        contribution,
        to,
        actor=actor(agent),
        standing={Party.AGENT},
        sentence="Une phrase.",
    )
    session.commit()


def test_a_fix_is_confirmed_after_14_days_and_shown_as_automatic(
    session: Session, town: Any
) -> None:
    old, recent = make_contribution(session), make_contribution(session)
    for incident in (old, recent):
        step(session, incident, "resolved")
    age(session, old, 15)
    age(session, recent, 13)
    for _ in range(2):
        confirm_uncontested(session)
    session.expire_all()
    assert (old.status, recent.status) == ("confirmed", "resolved")
    last = session.scalars(select(StatusChange).order_by(StatusChange.id.desc())).first()
    assert last.is_automatic
    assert last.party is Party.SYSTEM


def test_a_question_without_answer_closes_after_10_working_days(
    session: Session, town: Any
) -> None:
    old, recent = make_contribution(session), make_contribution(session)
    for incident in (old, recent):
        step(session, incident, "question_asked")
    age(session, old, 25)
    age(session, recent, 11)
    decline_unanswered(session)
    session.expire_all()
    assert (old.status, recent.status) == ("declined", "question_asked")
    last = session.scalars(select(StatusChange).order_by(StatusChange.id.desc())).first()
    assert last.reason == "no_answer"
    assert last.sentence


@pytest.mark.parametrize(
    ("locale", "sentences"),
    [
        ("fr", ["Personne n’a contesté", "La question posée", "Cette idée n’a pas reçu"]),
        ("en", ["Nobody contested", "The question had no answer", "This idea has had no new"]),
    ],
)
def test_what_the_clock_writes_is_in_the_language_of_the_town(
    session: Session, town: Any, locale: str, sentences: list[str]
) -> None:
    session.get_one(Town, 1).locale = locale
    resolved, asked = make_contribution(session), make_contribution(session)
    step(session, resolved, "resolved")
    step(session, asked, "question_asked")
    idea = make_contribution(session, "idea")
    age(session, resolved, 15)
    age(session, asked, 25)
    age(session, idea, 400)
    for job in (confirm_uncontested, decline_unanswered, archive_forgotten):
        job(session)
    written = [
        change.sentence
        for one in (resolved, asked, idea)
        for change in session.scalars(
            select(StatusChange)
            .where(StatusChange.contribution_id == one.id)
            .order_by(StatusChange.id.desc())
            .limit(1)
        )
    ]
    assert [text.startswith(start) for text, start in zip(written, sentences, strict=True)] == [
        True
    ] * 3


def test_an_idea_is_archived_after_12_months_without_new_support(
    session: Session, town: Any
) -> None:
    forgotten, supported = make_contribution(session, "idea"), make_contribution(session, "idea")
    imported = make_contribution(session, "idea", channel=Channel.IMPORT)
    account = make_account(session)
    insert_or_ignore(
        session, Vote, {"contribution_id": supported.id, "account_id": account.id, "at": utcnow()}
    )
    for idea in (forgotten, supported, imported):
        age(session, idea, 400)
    archive_forgotten(session)
    archive_forgotten(session)
    session.expire_all()
    assert [idea.status for idea in (forgotten, supported, imported)] == [
        "archived",
        "gathering",
        "gathering",
    ]


def test_a_department_is_reminded_once_at_80_percent_and_once_when_late(
    session: Session, town: Any
) -> None:
    now = utcnow()
    near, late, far = (make_contribution(session, title=title) for title in "ABC")
    for incident, submitted, due in ((near, 85, 15), (late, 100, -1), (far, 10, 90)):
        incident.submitted_at = now - timedelta(hours=submitted)
        incident.due_at = now + timedelta(hours=due)
    session.commit()
    remind_departments(session)
    remind_departments(session)
    mail = session.scalars(select(OutgoingEmail)).one()
    assert mail.recipient == "voirie@example.org"
    assert [item["title"] for item in mail.data["soon"]] == ["A"]
    assert [item["title"] for item in mail.data["late"]] == ["B"]


def overdue_incident(session: Session) -> Contribution:
    incident = make_contribution(session, title="Banc cassé")
    incident.submitted_at = utcnow() - timedelta(days=9)
    incident.due_at = utcnow() - timedelta(hours=1)
    session.commit()
    return incident


def test_who_watches_over_all_departments_hears_once_of_what_is_late(
    session: Session, town: Any
) -> None:
    overdue_incident(session)
    make_account(session, "roads@example.org", Role.AGENT, department=only_department(session))
    make_account(session, "admin@example.org", Role.ADMINISTRATOR)
    make_account(session, "all@example.org", Role.AGENT)
    for _ in range(2):
        tell_supervisors(session)
    mail = session.scalars(select(OutgoingEmail)).one()
    assert mail.recipient == "all@example.org"
    titles = [item["title"] for one in mail.data["departments"] for item in one["late"]]
    assert titles == ["Banc cassé"]


def test_without_such_an_agent_the_administrators_hear(session: Session, town: Any) -> None:
    overdue_incident(session)
    make_account(session, "roads@example.org", Role.AGENT, department=only_department(session))
    make_account(session, "admin@example.org", Role.ADMINISTRATOR)
    tell_supervisors(session)
    assert session.scalars(select(OutgoingEmail.recipient)).all() == ["admin@example.org"]


def only_department(session: Session) -> Department:
    return session.scalars(select(Department).where(Department.code == "voirie")).one()


@pytest.mark.parametrize(
    ("late", "soon", "subject"),
    [
        (1, 0, "1 demande en retard"),
        (0, 2, "2 demandes à échéance proche"),
        (3, 1, "À traiter : 3 en retard, 1 à échéance proche"),
    ],
)
def test_a_reminder_names_only_what_there_is(
    app: Any, session: Session, town: Any, late: int, soon: int, subject: str
) -> None:
    item = {"title": "Banc", "reference": "S-0000-00", "due_at": utcnow().isoformat()}
    data = {"late": [item] * late, "soon": [item] * soon}
    queue_mail(session, template="reminder", recipient="chef@example.org", locale="fr", data=data)
    session.flush()
    assert render(app, session, mails(session, "reminder")[-1])["Subject"] == subject


def test_old_mails_are_not_kept(session: Session, town: Any) -> None:
    account = make_account(session)
    for days, sent in ((91, True), (91, False), (10, True)):
        session.add(
            OutgoingEmail(
                message_id=f"{days}{sent}",
                recipient=account.email,
                template="message",
                created_at=utcnow() - timedelta(days=days),
                sent_at=utcnow() if sent else None,
            )
        )
    session.commit()
    forget_old_news(session)
    session.commit()
    left = session.scalars(select(OutgoingEmail.message_id).order_by(OutgoingEmail.id)).all()
    assert left == ["91False", "10True"]
