"""Who hears of what, once, and in which words."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, Role
from civic.accounts.operations import erase_account
from civic.accounts.tokens import new_follow_token
from civic.contributions import signals
from civic.contributions.operations import hide, move
from civic.contributions.workflow import Party
from civic.database import insert_or_ignore, utcnow
from civic.follows.models import Follow
from civic.notifications.choices import find_choices, refuse_mails
from civic.notifications.matrix import Rhythm, Scope
from civic.notifications.models import Notification, OutgoingEmail
from civic.notifications.operations import tell
from civic.notifications.rendering import render
from civic.votes.models import Vote
from tests.factories import actor, make_account, make_contribution


def mails(session: Session, template: str = "") -> list[OutgoingEmail]:
    found = session.scalars(select(OutgoingEmail).order_by(OutgoingEmail.id))
    return [mail for mail in found if template in {"", mail.template}]


def told(session: Session) -> list[int]:
    return sorted(session.scalars(select(Notification.account_id)))


def vote(session: Session, contribution: Any, account: Any) -> None:
    values = {"contribution_id": contribution.id, "account_id": account.id}
    insert_or_ignore(session, Vote, values)


def follow(session: Session, contribution: Any, account: Any, *, is_muted: bool = False) -> None:
    values = {"contribution_id": contribution.id, "account_id": account.id, "is_muted": is_muted}
    insert_or_ignore(session, Follow, values)


def text_of(message: EmailMessage, subtype: str = "plain") -> str:
    parsed = message_from_bytes(message.as_bytes(), policy=default)
    return parsed.get_body(preferencelist=(subtype,)).get_content()


def test_the_same_news_never_comes_twice(session: Session, town: Any) -> None:
    account = make_account(session)
    data = {"subject": "Bonjour", "text": "Un mot.", "path": "/map"}
    for _ in range(2):
        tell(session, event="message", event_key="m:1", account_ids=[account.id] * 2, data=data)
    session.commit()
    assert told(session) == [account.id]
    assert len(mails(session)) == 1


def test_a_step_is_told_to_author_voters_and_followers_but_not_to_who_took_it(
    session: Session, town: Any
) -> None:
    author, voter, follower, both, muted = (make_account(session) for _ in range(5))
    agent = make_account(session, "agent@example.org", Role.AGENT)
    incident = make_contribution(session, author=author)
    vote(session, incident, voter)
    vote(session, incident, both)
    vote(session, incident, muted)
    follow(session, incident, follower)
    follow(session, incident, both)
    follow(session, incident, agent)
    follow(session, incident, muted, is_muted=True)
    move(
        session,
        incident,
        "resolved",
        actor=actor(agent),
        standing={Party.AGENT},
        sentence="La lampe est changée.",
    )
    session.commit()
    assert told(session) == sorted(a.id for a in (author, voter, follower, both))
    assert len(mails(session, "status_changed")) == 4


def test_a_step_that_an_action_announces_is_not_told_twice(session: Session, town: Any) -> None:
    agent = make_account(session, "agent@example.org", Role.AGENT)
    incident = make_contribution(session, author=make_account(session))
    move(
        session,
        incident,
        "in_progress",
        actor=actor(agent),
        standing={Party.AGENT},
        announce=False,
    )
    assert told(session) == []


def test_what_is_not_public_is_told_to_its_author_only(session: Session, town: Any) -> None:
    author, follower = make_account(session), make_account(session)
    agent = make_account(session, "agent@example.org", Role.AGENT)
    incident = make_contribution(session, author=author, held=True)
    follow(session, incident, follower)
    move(session, incident, "planned", actor=actor(agent), standing={Party.AGENT})
    assert told(session) == [author.id]


def test_an_action_tells_each_person_once_for_all_its_contributions(
    session: Session, town: Any
) -> None:
    author, voter = make_account(session), make_account(session)
    linked = [make_contribution(session, author=author) for _ in range(3)]
    for incident in linked:
        vote(session, incident, voter)
    signals.people_to_tell.send(
        session,
        event="action_updated",
        event_key="action:1:update:1",
        account_ids=None,
        contribution=None,
        contributions=linked,
        data={"title": "Rue refaite", "status": "En cours", "sentence": "", "path": "/actions/x"},
    )
    assert told(session) == sorted([author.id, voter.id])


def test_people_refuse_mails_by_group_and_still_read_the_news(session: Session, town: Any) -> None:
    quiet, silent = make_account(session), make_account(session)
    refuse_mails(session, quiet, ["status"])
    silent.wants_mail = False
    data = {"subject": "Bonjour", "text": "Un mot.", "path": "/map"}
    tell(session, event="message", event_key="m", account_ids=[quiet.id, silent.id], data=data)
    tell(
        session,
        event="decision",
        event_key="d",
        account_ids=[quiet.id, silent.id],
        data={"decision": "D-1", "measure": "hide"},
    )
    assert len(told(session)) == 4
    assert mails(session, "message") == []
    assert len(mails(session, "decision")) == 2


def test_the_acknowledgement_says_all_that_the_law_wants(
    app: Flask, session: Session, town: Any
) -> None:
    incident = make_contribution(session, author=make_account(session, "ana@example.org"))
    token, _hash = new_follow_token()
    signals.acknowledgement_due.send(session, contribution=incident, follow_token=token)
    session.commit()
    [mail] = mails(session)
    message = render(app, session, mail)
    text, html = text_of(message), text_of(message, "html")
    for part in (text, html):
        assert incident.reference in part
        assert "Voirie" in part
        assert "voirie@example.org" in part
        assert "1 place de la Mairie" in part
        assert "02 00 00 00 00" in part
        assert "L. 112-11" in part
        assert "L. 231-4" in part
        assert f"http://localhost/s/{token}" in part
    assert "Date de réception" in text
    assert "Réponse prévue au plus tard le" in text
    assert message["To"] == "ana@example.org"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] is None


def test_a_mail_is_written_in_its_readers_words_with_everything_escaped(
    app: Flask, session: Session, town: Any
) -> None:
    author = make_account(session)
    agent = make_account(session, "agent@example.org", Role.AGENT)
    incident = make_contribution(session, author=author, title="<b>Trou\r\nBcc: x@y.z</b>")
    move(
        session,
        incident,
        "declined",
        actor=actor(agent),
        standing={Party.AGENT},
        sentence="Terrain <i>privé</i>.",
        reason="private_place",
    )
    [mail] = mails(session)
    message = render(app, session, mail)
    html = text_of(message, "html")
    assert "<b>Trou" not in html
    assert "&lt;i&gt;privé" in html
    assert "Terrain <i>privé</i>." in text_of(message)
    assert "\n" not in message["Subject"]
    assert message["Bcc"] is None
    assert "Lieu privé" in html


@pytest.mark.parametrize("tries", [1, 2])
def test_a_repeated_try_is_the_same_mail(
    app: Flask, session: Session, town: Any, tries: int
) -> None:
    account = make_account(session)
    data = {"subject": "Bonjour", "text": "Un mot.", "path": "/map"}
    tell(session, event="message", event_key="m", account_ids=[account.id], data=data)
    [mail] = mails(session)
    first, second = render(app, session, mail), render(app, session, mail)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]


def test_one_click_refuses_a_group_of_mails(app: Flask, client: Any, session: Session) -> None:
    account = make_account(session)
    data = {"subject": "Bonjour", "text": "Un mot.", "path": "/map"}
    tell(session, event="message", event_key="m", account_ids=[account.id], data=data)
    session.commit()
    [mail] = mails(session)
    address = render(app, session, mail)["List-Unsubscribe"].strip("<>")
    path = address.removeprefix("http://localhost")
    assert client.get(path).status_code == 200
    assert find_choices(session, account).mail("status", Scope.FOLLOWED) is Rhythm.AT_ONCE
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    session.expire_all()
    assert find_choices(session, account).mail("status", Scope.FOLLOWED) is Rhythm.OFF
    assert client.get(f"{path}x").status_code == 404


def test_the_authors_mail_opens_the_page_as_its_author(
    app: Flask, client: Any, session: Session
) -> None:
    author, other = make_account(session), make_account(session)
    agent = make_account(session, "agent@example.org", Role.AGENT)
    incident = make_contribution(session, author=author)
    follow(session, incident, other)
    move(session, incident, "planned", actor=actor(agent), standing={Party.AGENT})
    session.commit()
    texts = {mail.recipient: text_of(render(app, session, mail)) for mail in mails(session)}
    assert "/m/" in texts[author.email]
    assert "/m/" not in texts[other.email]
    path = next(
        word.removeprefix("http://localhost")
        for word in texts[author.email].split()
        if "/m/" in word
    )
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (303, f"/c/{incident.reference}")
    with client.session_transaction() as cookie:
        assert cookie["followed"] == [incident.id]


def author_link(session: Session, app: Flask, author: Any) -> str:
    [mail] = [mail for mail in mails(session, "status_changed") if mail.recipient == author.email]
    words = text_of(render(app, session, mail)).split()
    return next(word.removeprefix("http://localhost") for word in words if "/m/" in word)


def test_the_authors_link_says_nothing_to_others_and_ends(
    app: Flask, client: Any, session: Session
) -> None:
    author = make_account(session)
    agent = make_account(session, "agent@example.org", Role.AGENT)
    incident = make_contribution(session, author=author)
    move(session, incident, "planned", actor=actor(agent), standing={Party.AGENT})
    session.commit()
    path = author_link(session, app, author)
    answer = client.get(path)
    assert answer.status_code == 303
    for opened in (answer, client.get(path[:-3])):
        assert opened.headers["Cache-Control"] == "no-store"
        assert opened.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    later = utcnow() + timedelta(days=31)
    with time_machine.travel(later):
        assert client.get(path).status_code == 404
    erase_account(session, author, actor=actor(author))
    session.commit()
    stranger = app.test_client()
    assert stranger.get(path).status_code == 404
    with stranger.session_transaction() as cookie:
        assert "followed" not in cookie


def test_the_mails_of_one_case_are_one_thread(app: Flask, session: Session, town: Any) -> None:
    author, other = make_account(session), make_account(session)
    agent = make_account(session, "agent@example.org", Role.AGENT)
    incident, apart = make_contribution(session, author=author), make_contribution(session)
    signals.acknowledgement_due.send(session, contribution=incident, follow_token="t")
    for follower, about in ((other, incident), (author, apart)):
        follow(session, about, follower)
    for about in (incident, apart):
        for to in ("planned", "in_progress"):
            move(session, about, to, actor=actor(agent), standing={Party.AGENT})
    session.commit()
    sent = [render(app, session, mail) for mail in mails(session)]
    of_author = [one for one in sent if one["To"] == author.email]
    first, second, third = (one for one in of_author if incident.reference in one["References"])
    assert first["In-Reply-To"] is None
    assert second["In-Reply-To"] == first["Message-ID"]
    assert third["In-Reply-To"] == second["Message-ID"]
    root = first["References"]
    assert second["References"].split() == [root, first["Message-ID"]]
    assert third["References"].split() == [root, first["Message-ID"], second["Message-ID"]]
    [alone, _] = (one for one in of_author if apart.reference in one["References"])
    assert alone["In-Reply-To"] is None
    assert second["List-Id"] == "<status.localhost>"
    assert first["List-Id"] is None


def test_the_page_of_news_lists_them_and_marks_them_read(client: Any, session: Session) -> None:
    account = make_account(session)
    for number in range(35):
        tell(
            session,
            event="message",
            event_key=f"m:{number}",
            account_ids=[account.id],
            data={"subject": f"Nouvelle n° {number}", "text": "", "path": "/map"},
        )
    session.commit()
    client.sign_in(account)
    page = client.get("/notifications").get_data(as_text=True)
    assert "Nouvelle n° 34" in page
    assert "Nouvelle n° 4<" not in page
    newest = max(session.scalars(select(Notification.id)))
    sent = client.send("/notifications/read", {"up_to": str(newest)}, page="/notifications")
    assert sent.status_code == 303
    assert "Nouveau" not in client.get("/notifications").get_data(as_text=True)
    older = client.get(f"/notifications?before={newest - 29}").get_data(as_text=True)
    assert "Nouvelle n° 4<" in older


def test_what_was_hidden_leaves_the_news_of_others(client: Any, session: Session) -> None:
    author, follower = make_account(session), make_account(session)
    incident = make_contribution(session, author=author, title="Un titre blessant")
    follow(session, incident, follower)
    agent = make_account(session, "agent@example.org", Role.AGENT)
    move(session, incident, "planned", actor=actor(agent), standing={Party.AGENT})
    session.commit()
    hide(session, incident, actor=actor(agent))
    session.commit()
    assert "blessant" not in client.sign_in(follower).get("/notifications").get_data(as_text=True)
    assert "blessant" in client.sign_in(author).get("/notifications").get_data(as_text=True)


def test_mails_that_wait_are_taken_back_when_what_they_show_is_hidden(
    session: Session, town: Any
) -> None:
    author, follower = (make_account(session, f"{name}@example.org") for name in ("ana", "bob"))
    incident, other = make_contribution(session, author=author), make_contribution(session)
    for one in (incident, other):
        follow(session, one, follower)
    signals.acknowledgement_due.send(session, contribution=incident, follow_token="t" * 40)
    for one in (incident, other):
        move(session, one, "acknowledged", actor=SYSTEM, standing={Party.AGENT})
    comment = {"comment_id": 7, "body": "Un mot.", "author_id": None}
    nobody = {"parent_author_id": None, "department_id": None}
    signals.comment_published.send(session, contribution=incident, **comment, **nobody)
    hide(session, incident, actor=SYSTEM)
    session.commit()
    left = [(mail.template, mail.recipient) for mail in mails(session)]
    assert sorted(left) == [
        ("acknowledgement", "ana@example.org"),
        ("status_changed", "ana@example.org"),
        ("status_changed", "bob@example.org"),
    ]


def test_a_mail_that_waits_does_not_quote_a_hidden_comment(session: Session, town: Any) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author)
    nobody = {"author_id": None, "parent_author_id": None, "department_id": None}
    for id in (1, 12):
        signals.comment_published.send(
            session, contribution=incident, comment_id=id, body="Un mot.", **nobody
        )
    signals.comment_hidden.send(session, contribution=incident, comment_id=1)
    session.commit()
    assert [mail.dedupe_key for mail in mails(session)] == [f"comment:12:{author.id}"]


def test_a_redaction_reaches_the_mails_that_wait(session: Session, town: Any) -> None:
    incident = make_contribution(session, author=make_account(session))
    move(
        session,
        incident,
        "resolved",
        actor=SYSTEM,
        standing={Party.AGENT},
        sentence="Merci à M. Untel.",
    )
    incident.title = "Un titre sans nom"
    signals.contribution_redacted.send(session, contribution=incident, actor=SYSTEM)
    session.commit()
    [mail] = mails(session)
    assert mail.data["title"] == "Un titre sans nom"
    assert "sentence" not in mail.data


def test_a_redaction_reaches_what_was_told_of_a_merge(session: Session, town: Any) -> None:
    source = make_contribution(session, title="Le vélo de M. Untel")
    target = make_contribution(session, author=make_account(session), title="Vélo abandonné")
    signals.people_to_tell.send(
        session,
        event="merged",
        event_key="merged:1",
        account_ids=[target.author_id],
        contribution=target,
        data={
            "source": source.reference,
            "source_title": source.title,
            "target": target.reference,
            "target_title": target.title,
        },
    )
    source.title = "Un vélo"
    signals.contribution_redacted.send(session, contribution=source, actor=SYSTEM)
    session.commit()
    [mail] = mails(session)
    [told] = session.scalars(select(Notification))
    for data in (mail.data, told.data):
        assert data["source_title"] == "Un vélo"
        assert data["title"] == data["target_title"] == "Vélo abandonné"


def test_a_comment_is_told_to_the_person_answered_and_to_followers_once(
    session: Session, town: Any
) -> None:
    author, parent, writer, voter = (make_account(session) for _ in range(4))
    idea = make_contribution(session, "idea", author=author)
    follow(session, idea, parent)
    vote(session, idea, voter)
    signals.comment_published.send(
        session,
        contribution=idea,
        comment_id=7,
        body="Très bonne idée.",
        author_id=writer.id,
        parent_author_id=parent.id,
        department_id=None,
    )
    found = session.execute(select(Notification.account_id, Notification.event)).all()
    assert sorted(found) == sorted([(author.id, "comment"), (parent.id, "reply")])


def test_the_menu_counts_what_is_new(client: Any, session: Session) -> None:
    account = make_account(session)
    data = {"subject": "Bonjour", "text": "Un mot.", "path": "/map"}
    for key in ("a", "b"):
        tell(session, event="message", event_key=key, account_ids=[account.id], data=data)
    session.commit()
    page = client.sign_in(account).get("/account").get_data(as_text=True)
    assert 'class="count"' in page


def test_dates_are_those_of_the_towns_own_zone(app: Flask, session: Session, town: Any) -> None:
    town.zone = "Indian/Reunion"
    incident = make_contribution(session, author=make_account(session))
    incident.submitted_at = datetime(2026, 1, 31, 21, 30, tzinfo=UTC)
    signals.acknowledgement_due.send(session, contribution=incident, follow_token="")
    session.commit()
    [mail] = mails(session)
    text = text_of(render(app, session, mail))
    assert "1er février 2026" in text
    assert "1er avril 2026" in text


def test_my_space_has_pages_for_whoever_did_a_lot(client: Any, session: Session) -> None:
    person = make_account(session)
    for number in range(25):
        make_contribution(session, author=person, title=f"Le mien {number:02}")
        follow(session, make_contribution(session, title=f"Suivi {number:02}"), person)
    session.commit()
    client.sign_in(person)

    def shown(address: str) -> tuple[int, int]:
        page = client.get(address).get_data(as_text=True)
        return page.count("Le mien "), page.count("Suivi ")

    assert shown("/account") == (20, 20)
    assert shown("/account?contributions=2") == (5, 20)
    assert shown("/account?contributions=2&followed=2") == (5, 5)
    page = client.get("/account?contributions=2").get_data(as_text=True)
    assert "/account?contributions=2&amp;followed=2#followed" in page
    assert "/account?contributions=1#contributions" in page


@pytest.mark.parametrize("number", ["0", "-1", "x", "99", "9" * 30, "²"])
def test_a_page_that_is_not_there_is_the_first(client: Any, session: Session, number: str) -> None:
    person = make_account(session)
    make_contribution(session, author=person, title="Le mien")
    session.commit()
    page = client.sign_in(person).get("/account", query_string={"contributions": number})
    assert "Le mien" in page.get_data(as_text=True)
