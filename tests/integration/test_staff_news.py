"""Staff hear of what is theirs, and of nothing else; the request writes one row."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from civic.accounts.actor import VISITOR, Role
from civic.accounts.models import Account, RoleGrant
from civic.comments.operations import add_comment
from civic.contributions.models import Channel
from civic.contributions.operations import change_department, move
from civic.contributions.workflow import Party
from civic.database import utcnow
from civic.desk.operations import assign
from civic.extensions import db
from civic.flags.models import FlagReason
from civic.flags.operations import raise_flag
from civic.moderation.models import Decision, Measure, Origin
from civic.moderation.operations import Grounds, hide
from civic.moderation.operations.appeals import submit_appeal
from civic.notifications.models import Notification, OutgoingEmail, StaffNews
from civic.notifications.queries import count_unread
from civic.notifications.rendering import render
from civic.notifications.schedule import tell_staff
from civic.places.models import Area
from civic.taxonomy.models import Department
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution
from tests.integration.test_notifications import follow, text_of
from tests.queries import counting


def department(session: Session, code: str = "voirie") -> Department:
    return session.scalars(select(Department).where(Department.code == code)).one()


def heard(session: Session, event: str) -> list[str]:
    """Tell what waits; return to whom mails of ``event`` go."""
    tell_staff(session)
    session.commit()
    found = select(OutgoingEmail.recipient).where(OutgoingEmail.template == event)
    return sorted(session.scalars(found))


def agent_in(session: Session, email: str, code: str = "", area: str = "") -> Account:
    account = make_account(session, email)
    area_id = area and session.scalars(select(Area.id).where(Area.slug == area)).one()
    code_id = department(session, code).id if code else None
    grant = RoleGrant(role=Role.AGENT, department_id=code_id, area_id=area_id or None)
    account.grants.append(grant)
    session.commit()
    return account


def test_a_village_hears_of_its_first_report_without_setting_anything(
    app: Flask, session: Session, town: Any
) -> None:
    session.execute(update(Department).values(email=""))
    roles = (Role.ADMINISTRATOR, Role.AGENT, Role.MODERATOR, Role.MEDIATOR)
    make_account(session, "maire@example.org", *roles)
    report = make_contribution(session, title="Banc cassé", body="Une **latte** manque.")
    assert heard(session, "case_new") == ["maire@example.org"]
    [mail] = session.scalars(select(OutgoingEmail))
    message = render(app, session, mail)
    assert "Banc cassé" in message["Subject"]
    for part in (text_of(message), text_of(message, "html")):
        assert report.reference in part
        assert "Éclairage public" in part
        assert "Une latte manque." in part
        assert f"http://localhost/desk/{report.reference}" in part


def test_where_nobody_works_yet_whoever_gives_roles_hears(
    app: Flask, session: Session, town: Any
) -> None:
    session.execute(update(Department).values(email=""))
    make_account(session, "dgs@example.org", Role.ADMINISTRATOR)
    make_contribution(session)
    assert heard(session, "case_new") == ["dgs@example.org"]
    [mail] = session.scalars(select(OutgoingEmail))
    text = text_of(render(app, session, mail))
    assert "http://localhost/administration/people" in text
    assert "depuis une semaine" not in text


def test_a_new_case_is_told_to_its_department_and_those_who_work_there(
    session: Session, town: Any
) -> None:
    everywhere = agent_in(session, "tout@example.org")
    agent_in(session, "voirie-agent@example.org", "voirie")
    agent_in(session, "parcs@example.org", "espaces-verts")
    agent_in(session, "ouest@example.org", "voirie", "ouest")
    agent_in(session, "est@example.org", "voirie", "est")
    agent_in(session, "commune@example.org", "voirie", "village-sur-test")
    make_contribution(session, area_id=session.scalars(select(Area.id).filter_by(slug="est")).one())
    expected = ["commune", "est", "tout", "voirie", "voirie-agent"]
    assert heard(session, "case_new") == sorted(f"{name}@example.org" for name in expected)
    assert everywhere.id in session.scalars(select(Notification.account_id)).all()


def test_the_mailbox_of_a_department_that_is_somebodys_own_gets_one_mail(
    session: Session, town: Any
) -> None:
    agent_in(session, "voirie@example.org", "voirie")
    make_contribution(session)
    assert heard(session, "case_new") == ["voirie@example.org"]


def test_one_hears_neither_of_ones_own_acts_nor_of_ones_own_report(
    session: Session, town: Any
) -> None:
    author, colleague = (agent_in(session, f"{name}@example.org") for name in ("a", "b"))
    report = make_contribution(session, author=author)
    assert heard(session, "case_new") == ["b@example.org", "voirie@example.org"]
    parks = department(session, "espaces-verts")
    change_department(session, report, parks, actor=actor(colleague))
    session.commit()
    assert heard(session, "case_rerouted") == ["espaces-verts@example.org"]


def test_whoever_is_named_hears_of_what_is_theirs(session: Session, town: Any) -> None:
    chief, worker = (agent_in(session, f"{name}@example.org") for name in ("chief", "worker"))
    report = make_contribution(session)
    assign(session, report, worker, actor=actor(chief))
    session.commit()
    assert heard(session, "case_assigned") == ["worker@example.org"]
    assign(session, report, chief, actor=actor(chief))
    session.commit()
    assert heard(session, "case_assigned") == ["worker@example.org"]


def test_answers_and_contested_closings_are_told(session: Session, town: Any) -> None:
    author, agent = make_account(session), agent_in(session, "agent@example.org")
    report = make_contribution(session, author=author)
    by_agent = {"actor": actor(agent), "standing": {Party.AGENT}}
    by_author = {"actor": actor(author), "standing": {Party.AUTHOR}}
    move(session, report, "question_asked", sentence="Où ?", **by_agent)
    move(session, report, "acknowledged", sentence="Devant la mairie.", **by_author)
    session.commit()
    both = ["agent@example.org", "voirie@example.org"]
    assert heard(session, "case_answered") == both
    move(session, report, "resolved", sentence="Fait.", **by_agent)
    move(session, report, "contested", sentence="Toujours éteint.", **by_author)
    session.commit()
    assert heard(session, "case_contested") == both


def test_moderators_hear_of_what_is_held_and_of_flags(client: Any, session: Session) -> None:
    make_account(session, "mod@example.org", Role.MODERATOR)
    held = make_contribution(session, held=True)
    assert heard(session, "held") == ["mod@example.org"]
    raise_flag(session, held, actor=VISITOR, reason=FlagReason.SPAM)
    raise_flag(session, held, actor=VISITOR, reason=FlagReason.SPAM, email="somebody@example.org")
    session.commit()
    assert heard(session, "flagged") == ["mod@example.org"]


def test_mediators_hear_of_appeals_but_not_against_their_own_decision(
    session: Session, town: Any
) -> None:
    author = make_account(session)
    decider = make_account(session, "decider@example.org", Role.MODERATOR, Role.MEDIATOR)
    make_account(session, "mediator@example.org", Role.MEDIATOR)
    report = make_contribution(session, author=author)
    decision = Decision(
        reference="D-1",
        measure=Measure.HIDE,
        contribution=report,
        account_id=author.id,
        decider_id=decider.id,
        origin=Origin.OWN_INITIATIVE,
        at=utcnow(),
        facts="x",
    )
    session.add(decision)
    session.flush()
    submit_appeal(session, decision, actor=actor(author), text="Non.")
    session.commit()
    assert heard(session, "appeal") == ["mediator@example.org"]


def test_who_has_lost_the_role_or_is_suspended_hears_no_more(session: Session, town: Any) -> None:
    lost, suspended = (agent_in(session, f"{name}@example.org") for name in ("lost", "suspended"))
    make_contribution(session)
    session.execute(delete(RoleGrant).where(RoleGrant.account_id == lost.id))
    session.execute(
        update(Account)
        .where(Account.id == suspended.id)
        .values(suspended_until=utcnow().replace(year=2099))
    )
    session.commit()
    assert heard(session, "case_new") == ["voirie@example.org"]


def test_a_worker_that_dies_loses_nothing_and_tells_nobody_twice(
    session: Session, town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent_in(session, "agent@example.org")
    make_contribution(session)
    commit = session.commit

    def dies() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "commit", dies)
    with pytest.raises(KeyboardInterrupt):
        tell_staff(session)
    session.rollback()
    monkeypatch.setattr(session, "commit", commit)
    for _ in range(2):
        assert heard(session, "case_new") == ["agent@example.org", "voirie@example.org"]
    assert session.scalars(select(StaffNews)).all() == []


def test_news_that_cannot_be_told_keeps_no_other_from_being_told(
    session: Session, town: Any
) -> None:
    agent_in(session, "agent@example.org")
    report = make_contribution(session)
    session.execute(delete(StaffNews))
    for event in ("unheard_of", "case_new"):
        session.add(StaffNews(event=event, contribution_id=report.id))
        session.flush()
    session.commit()
    assert heard(session, "case_new") == ["agent@example.org", "voirie@example.org"]


def test_the_request_writes_one_row_however_many_hear(session: Session, town: Any) -> None:
    for number in range(20):
        agent_in(session, f"agent-{number}@example.org")
    report = make_contribution(session)
    parks = department(session, "espaces-verts")
    db.session().refresh(report)
    with counting(db.engine) as statements:
        change_department(session, report, parks, actor=VISITOR)
    about = [one for one in statements if "staff_news" in one or "notification" in one.lower()]
    assert len(about) == 1
    session.rollback()


def test_the_staff_reads_its_news_of_what_the_public_does_not_see(
    client: CheckingClient, session: Session
) -> None:
    author, follower = make_account(session), make_account(session)
    agent = agent_in(session, "agent@example.org")
    moderator = make_account(session, "mod@example.org", Role.MODERATOR)
    mediator = make_account(session, "mediator@example.org", Role.MEDIATOR)
    held = make_contribution(session, held=True, author=author, title="Un mur qui penche")
    shown = make_contribution(session, author=author, title="Un banc")
    follow(session, shown, follower)
    add_comment(session, shown, actor=actor(author), body="Il penche.")
    decision = hide(session, shown, actor=actor(moderator), grounds=Grounds(clause="1", facts="x"))
    submit_appeal(session, decision, actor=actor(author), text="Non.")
    session.commit()
    tell_staff(session)
    session.commit()
    waits = "« Un mur qui penche » attend une relecture"
    seen = {
        agent: "Nouveau dossier : « Un mur qui penche »",
        moderator: waits,
        mediator: "Un recours attend une réponse :",
    }
    for person, sentence in seen.items():
        client.sign_in(person)
        assert sentence in client.get("/notifications").text.replace("\N{NO-BREAK SPACE}", " ")
        client.sign_out()
    assert count_unread(session, follower.id) == 0
    assert "Un banc" not in client.sign_in(follower).get("/notifications").text
    session.execute(delete(RoleGrant).where(RoleGrant.account_id == moderator.id))
    session.commit()
    assert waits not in client.sign_out().sign_in(moderator).get("/notifications").text
    assert count_unread(session, moderator.id) == 0
    assert held.reference not in client.get("/notifications").text


def test_what_an_import_brings_is_no_news(session: Session, town: Any) -> None:
    agent_in(session, "agent@example.org")
    make_contribution(session, channel=Channel.IMPORT)
    assert heard(session, "case_new") == []


def test_the_desk_shows_as_badges_what_was_heard_and_not_yet_read(
    client: CheckingClient, session: Session, town: Any
) -> None:
    agent = agent_in(session, "agent@example.org", "voirie")
    other = agent_in(session, "other@example.org", "voirie")
    case = make_contribution(session, title="Lampadaire tordu")
    assign(session, case, agent, actor=actor(other))
    tell_staff(session)
    session.commit()
    client.sign_in(agent)
    page = client.get("/desk").text
    assert "Attribué à moi" in page
    assert client.sign_out().sign_in(other).get("/desk").text.count("Nouveau<") == 1
    standing = {Party.AGENT}
    move(session, case, "acknowledged", actor=actor(other), standing=standing)
    session.commit()
    assert "Nouveau<" not in client.get("/desk").text
