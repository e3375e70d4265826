"""One matrix for residents, the staff and mailboxes; what waits leaves once, whatever dies."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account, RoleGrant
from civic.comments.operations import add_comment, hide_comment, withdraw_comment
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.database import utcnow
from civic.notifications.choices import choose, find_choices
from civic.notifications.delivery import deliver_due
from civic.notifications.matrix import MAILBOX, Rhythm, Scope, digest_due, parts_for
from civic.notifications.models import DigestLine, NewsChoice, Notification, OutgoingEmail
from civic.notifications.operations import tell
from civic.notifications.queries import MOST_AN_HOUR
from civic.notifications.rendering import render
from civic.notifications.schedule import remind_departments, send_digests, tell_staff
from civic.notifications.transports import FolderTransport
from civic.taxonomy.models import Department
from tests.factories import actor, make_account, make_contribution
from tests.integration.test_notifications import follow, mails, text_of
from tests.integration.test_staff_news import agent_in, department

PARIS = ZoneInfo("Europe/Paris")


def wants(session: Session, owner: Account | Department, name: str, rhythm: Rhythm) -> None:
    roles = owner.roles if isinstance(owner, Account) else []
    parts = parts_for(roles) if isinstance(owner, Account) else [MAILBOX]
    lines = [line for part in parts for line in part.lines if line.name == name]
    choose(session, owner, lines, {name: rhythm}, {})
    session.commit()


def step(session: Session, incident: Any, agent: Account, to: str) -> None:
    move(session, incident, to, actor=actor(agent), standing={Party.AGENT}, sentence="Bien.")
    session.commit()


def let_time_pass(session: Session) -> list[OutgoingEmail]:
    """Write the digests as if their time had come."""
    session.execute(update(DigestLine).values(due_at=utcnow() - timedelta(seconds=1)))
    session.commit()
    send_digests(session)
    session.commit()
    return mails(session, "digest")


@pytest.mark.parametrize(
    ("now", "rhythm", "due"),
    [
        ("2026-03-04 10:59:59", Rhythm.HOUR, "2026-03-04 11:00"),
        ("2026-03-04 11:00:00", Rhythm.HOUR, "2026-03-04 12:00"),
        ("2026-03-04 05:00:00", Rhythm.DAY, "2026-03-04 06:00"),
        ("2026-03-04 23:30:00", Rhythm.DAY, "2026-03-05 06:00"),
        # The clocks go forward on the 29th of March.
        ("2026-03-28 12:00:00", Rhythm.DAY, "2026-03-29 05:00"),
        ("2026-03-04 10:00:00", Rhythm.WEEK, "2026-03-09 06:00"),
        ("2026-03-09 05:59:00", Rhythm.WEEK, "2026-03-09 06:00"),
        ("2026-03-09 06:00:00", Rhythm.WEEK, "2026-03-16 06:00"),
    ],
)
def test_when_a_digest_leaves(now: str, rhythm: Rhythm, due: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert digest_due(moment, rhythm, PARIS) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_what_waits_comes_together_and_once(app: Flask, session: Session, town: Any) -> None:
    follower, agent = make_account(session), agent_in(session, "agent@example.org")
    wants(session, follower, "status-followed", Rhythm.DAY)
    incidents = [make_contribution(session, title=f"Banc {number}") for number in range(3)]
    for incident in incidents:
        follow(session, incident, follower)
        step(session, incident, agent, "planned")
    assert mails(session) == []
    assert len(session.scalars(select(Notification)).all()) == 3
    for _ in range(2):
        [mail] = let_time_pass(session)
    message = render(app, session, mail)
    assert message["Subject"] == "3 nouvelles"
    for part in (text_of(message), text_of(message, "html")):
        for incident in incidents:
            assert incident.title in part
            assert f"http://localhost/c/{incident.reference}" in part


def test_the_rhythm_of_ones_own_is_not_that_of_what_one_follows(
    session: Session, town: Any
) -> None:
    person, agent = make_account(session), agent_in(session, "agent@example.org")
    wants(session, person, "status-followed", Rhythm.OFF)
    own, other = make_contribution(session, author=person), make_contribution(session)
    follow(session, other, person)
    for incident in (own, other):
        step(session, incident, agent, "planned")
    [mail] = mails(session, "status_changed")
    assert mail.data["reference"] == own.reference


def test_a_worker_that_dies_between_loses_no_line_and_doubles_none(
    session: Session, town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower, agent = make_account(session), agent_in(session, "agent@example.org")
    wants(session, follower, "status-followed", Rhythm.HOUR)
    incident = make_contribution(session)
    follow(session, incident, follower)
    step(session, incident, agent, "planned")
    session.execute(update(DigestLine).values(due_at=utcnow() - timedelta(seconds=1)))
    session.commit()

    def dies() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(session, "commit", dies)
        with pytest.raises(KeyboardInterrupt):
            send_digests(session)
    session.rollback()
    assert mails(session) == []
    assert len(let_time_pass(session)) == 1
    assert session.scalars(select(DigestLine)).all() == []


def test_a_digest_that_fails_keeps_no_other_from_leaving(session: Session, town: Any) -> None:
    first, second = make_account(session), make_account(session)
    for account, data in ((first, {}), (second, {"group": "status", "title": "Banc"})):
        line = {"account_id": account.id, "event": "status_changed", "event_key": "k"}
        session.add(DigestLine(**line, data=data, due_at=utcnow()))
        session.flush()
    session.commit()
    assert [mail.recipient for mail in let_time_pass(session)] == [second.email]


def test_whoever_loses_the_role_before_the_digest_leaves_is_told_nothing(
    app: Flask, session: Session, town: Any, tmp_path: Any
) -> None:
    lost, kept = (agent_in(session, f"{name}@example.org") for name in ("lost", "kept"))
    for agent in (lost, kept):
        wants(session, agent, "cases-service", Rhythm.WEEK)
    make_contribution(session)
    tell_staff(session)
    session.execute(delete(RoleGrant).where(RoleGrant.account_id == lost.id))
    assert len(let_time_pass(session)) == 2
    session.expire_all()
    deliver_due(session, FolderTransport(tmp_path), lambda row: render(app, session, row))
    sent = "\n".join(path.read_text() for path in tmp_path.glob("*.eml"))
    assert "To: kept@example.org" in sent
    assert "To: lost@example.org" not in sent


def test_a_suspended_follower_is_told_nothing_more(
    app: Flask, session: Session, town: Any, tmp_path: Any
) -> None:
    follower, agent = make_account(session), agent_in(session, "agent@example.org")
    author = make_account(session)
    incident = make_contribution(session, author=author)
    follow(session, incident, follower)
    step(session, incident, agent, "planned")
    for account in (follower, author):
        account.suspended_until = utcnow() + timedelta(days=9)
    session.commit()
    step(session, incident, agent, "in_progress")
    told = session.scalars(select(Notification.account_id).order_by(Notification.id)).all()
    assert sorted(told) == sorted([follower.id, author.id, author.id])
    # What can be undone waits ten minutes.
    session.execute(update(OutgoingEmail).values(next_try_at=utcnow()))
    session.commit()
    deliver_due(session, FolderTransport(tmp_path), lambda row: render(app, session, row))
    sent = "\n".join(path.read_text() for path in tmp_path.glob("*.eml"))
    assert f"To: {follower.email}" not in sent
    assert f"To: {author.email}" in sent


def test_the_mailbox_of_a_department_has_its_rhythm_and_can_refuse(
    app: Flask, client: Any, session: Session
) -> None:
    make_account(session, "adm@example.org", Role.ADMINISTRATOR)
    roads = department(session)
    client.sign_in(session.scalars(select(Account)).one())
    page = f"/administration/departments/{roads.id}/news"
    assert "Voirie" in client.get(page).get_data(as_text=True)
    chosen = {
        "mail-cases-service": "day",
        "mail-contested-service": "at_once",
        "mail-answered-service": "off",
        "mail-deadlines-service": "day",
    }
    assert client.send(page, chosen).status_code == 303
    assert client.send(page, chosen | {"mail-cases-service": "never"}).status_code == 422
    kept = find_choices(session, roads)
    assert kept.mail("cases", Scope.SERVICE) is Rhythm.DAY
    assert kept.mail("answered", Scope.SERVICE) is Rhythm.OFF
    assert len(session.scalars(select(NewsChoice)).all()) == 2
    make_contribution(session)
    tell_staff(session)
    assert mails(session) == []
    [mail] = let_time_pass(session)
    assert mail.recipient == "voirie@example.org"
    message = render(app, session, mail)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    refusal = message["List-Unsubscribe"].strip("<>").removeprefix("http://localhost")
    visitor = app.test_client()
    assert visitor.get(refusal).status_code == 200
    assert find_choices(session, roads).mail("cases", Scope.SERVICE) is Rhythm.DAY
    assert visitor.post(refusal, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    session.expire_all()
    assert find_choices(session, roads).mail("cases", Scope.SERVICE) is Rhythm.OFF
    log = client.get("/administration/log").get_data(as_text=True)
    words = " ".join(re.sub("<[^>]+>", " ", log).split()).replace("\u00a0", " ")
    to_never = "Avant : %s Après : Jamais"
    assert f"réponses des auteurs {to_never % 'Tout de suite'}" in words
    assert f"nouveaux ou réorientés {to_never % 'Réunies, chaque jour'}" in words
    assert words.count("Par le lien d’un courriel") == 1


def test_a_mailbox_can_do_without_reminders(session: Session, town: Any) -> None:
    roads = department(session)
    report = make_contribution(session)
    report.due_at = utcnow() - timedelta(hours=1)
    session.commit()
    wants(session, roads, "deadlines-service", Rhythm.OFF)
    remind_departments(session)
    assert mails(session) == []
    wants(session, roads, "deadlines-service", Rhythm.DAY)
    remind_departments(session)
    [mail] = mails(session, "reminder")
    assert mail.data["department_id"] == roads.id


def test_people_choose_on_a_page_what_comes_how_and_how_often(
    client: Any, session: Session
) -> None:
    account = make_account(session, "a@example.org", Role.AGENT, Role.MODERATOR)
    client.sign_in(account)
    page = client.get("/account/news").get_data(as_text=True)
    assert 'name="mail-held-town"' in page
    assert 'name="mail-appeals-town"' not in page
    lines = [line for part in parts_for(account.roles) for line in part.lines]
    chosen = {f"mail-{line.name}": line.rhythms[0].value for line in lines}
    sites = {f"site-{line.name}": "y" for line in lines if line.on_site}
    del sites["site-comments-own"]
    changed = chosen | sites | {"mail-held-town": "hour", "wants_mail": "y"}
    assert client.send("/account/news", changed).status_code == 303
    kept = find_choices(session, account)
    assert kept.mail("held", Scope.TOWN) is Rhythm.HOUR
    assert not kept.on_site("comments", Scope.OWN)
    assert kept.on_site("comments", Scope.FOLLOWED)
    page = client.get("/account/news").get_data(as_text=True)
    assert '<option selected value="hour">' in page
    assert client.send("/account/news", chosen | sites).status_code == 303
    session.refresh(account)
    assert account.wants_mail is False
    [left] = session.scalars(select(NewsChoice))
    assert (left.topic, left.channel, left.rhythm) == ("comments", "site", "off")


def test_what_is_off_on_the_site_is_not_there_and_its_mail_comes_once(
    session: Session, town: Any
) -> None:
    author, other = make_account(session), make_account(session)
    [line] = [one for one in parts_for([])[0].lines if one.name == "comments-own"]
    choose(session, author, [line], {}, {line.name: False})
    incident = make_contribution(session, author=author)
    for _ in range(2):
        tell(
            session,
            event="comment",
            event_key="comment:1",
            account_ids=[author.id, other.id],
            contribution=incident,
            data={"comment": "Oui."},
        )
    assert session.scalars(select(Notification.account_id)).all() == [other.id]
    assert sorted(mail.recipient for mail in mails(session)) == sorted([author.email, other.email])


@pytest.mark.parametrize("is_mailbox", [False, True])
def test_a_flood_comes_as_one_mail(
    app: Flask, session: Session, town: Any, is_mailbox: bool
) -> None:
    """What the law owes is never gathered, and the address of somebody else is not flooded."""
    if not is_mailbox:
        department(session).email = ""
        agent_in(session, "flooded@example.org", "voirie")
    other = agent_in(session, "other@example.org", "espaces-verts")
    for number in range(MOST_AN_HOUR + 5):
        make_contribution(session, title=f"Lampe {number}")
        session.commit()
        tell_staff(session)
        session.commit()
    address = "voirie@example.org" if is_mailbox else "flooded@example.org"
    assert [mail.recipient for mail in mails(session)] == [address] * MOST_AN_HOUR
    make_contribution(session, "idea", title="Un verger")
    tell_staff(session)
    session.commit()
    assert other.email in {mail.recipient for mail in mails(session)}
    owed = {"role_label": "Agent", "department": "", "area": "", "path": "/desk"}
    found = session.scalars(select(Account.id).where(Account.email == address)).all()
    tell(session, event="role_given", event_key="role:1", account_ids=found, data=owed)
    assert len(mails(session, "role_given")) == len(found)
    [digest] = let_time_pass(session)
    assert digest.recipient == address
    message = render(app, session, digest)
    assert "5 nouvelles" in message["Subject"]
    assert "Lampe 24" in text_of(message)
    if not is_mailbox:
        assert "beaucoup en une heure" in " ".join(text_of(message).split())


LONG = "Les **bancs** manquent " + "d’ombre à midi " * 20


def test_a_digest_quotes_the_first_words_of_comments_and_steps(
    app: Flask, session: Session, town: Any
) -> None:
    author, agent = make_account(session), agent_in(session, "agent@example.org")
    writer = make_account(session)
    writer.display_name = "Inès Roy"
    for name in ("comments-own", "status-own"):
        wants(session, author, name, Rhythm.DAY)
    case = make_contribution(session, author=author)
    add_comment(session, case, actor=actor(writer), body=LONG)
    step(session, case, agent, "planned")
    [mail] = let_time_pass(session)
    message = render(app, session, mail)
    for part in (text_of(message), text_of(message, "html")):
        said = " ".join(part.split())
        assert "« Les bancs manquent d’ombre à midi" in said
        assert "… » (Inès Roy)" in said
        assert "« Bien. »" in said
        assert "**" not in said
        assert said.count("/m/") >= 2  # both lines open it as the author's own


@pytest.mark.parametrize("take", [hide_comment, "withdraw"])
def test_a_comment_that_is_gone_is_told_by_no_digest_and_on_no_page(
    app: Flask, client: Any, session: Session, town: Any, take: Any
) -> None:
    author, writer = make_account(session), make_account(session)
    wants(session, author, "comments-own", Rhythm.DAY)
    case = make_contribution(session, author=author)
    gone, kept = (
        add_comment(session, case, actor=actor(writer), body=body)
        for body in ("Un mot de trop.", "Un mot qui reste.")
    )
    if take == "withdraw":
        withdraw_comment(session, gone, actor=actor(writer))
    else:
        take(session, gone)
    session.commit()
    [mail] = let_time_pass(session)
    message = render(app, session, mail)
    assert message["Subject"] == "1 nouvelle"
    assert f"#comment-{kept.id}" not in text_of(message)
    assert "Un mot qui reste." in text_of(message)
    page = client.sign_in(author).get("/notifications").text
    assert "Un mot qui reste." in page
    assert "Un mot de trop." not in page


def test_a_comment_hidden_while_the_digest_leaves_is_not_quoted(
    app: Flask, session: Session, town: Any
) -> None:
    author, writer = make_account(session), make_account(session)
    wants(session, author, "comments-own", Rhythm.HOUR)
    case = make_contribution(session, author=author)
    comment = add_comment(session, case, actor=actor(writer), body="Un mot de trop.")
    [mail] = let_time_pass(session)
    hide_comment(session, comment)
    session.commit()
    assert "Un mot de trop" not in text_of(render(app, session, mail))
