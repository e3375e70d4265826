"""Mails say who said what, offer what their reader may do, and lead to where it is done."""

from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from civic.accounts.actor import VISITOR, Role
from civic.accounts.models import Account
from civic.actions.operations import ActionDraft, create_action, post_update
from civic.administration.operations.people import entrust
from civic.attachments.operations import set_photo_state
from civic.attachments.queries import list_photos
from civic.comments.operations import add_comment
from civic.contributions.models import ModerationState
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.flags.models import FlagReason
from civic.flags.operations import raise_flag
from civic.moderation.models import AppealOutcome
from civic.moderation.operations import Grounds, hide, merge_as_duplicate, publish
from civic.moderation.operations.accounts import suspend
from civic.moderation.operations.appeals import answer_appeal, submit_appeal
from civic.notifications.rendering import render
from civic.notifications.schedule import tell_staff
from tests.factories import actor, make_account, make_contribution
from tests.integration.test_mails_repeat import receipt, with_photo
from tests.integration.test_notifications import follow, mails, text_of, vote
from tests.integration.test_staff_news import department


def words(app: Flask, session: Session, mail: Any) -> str:
    """Return the text of a mail on one line, without the spaces of French."""
    return " ".join(text_of(render(app, session, mail)).split())


def step(session: Session, incident: Any, to: str, by: Account, party: Party, **more: Any) -> None:
    move(session, incident, to, actor=actor(by), standing={party}, **more)
    session.commit()


def to(session: Session, account: Account, template: str = "status_changed") -> Any:
    return [mail for mail in mails(session, template) if mail.recipient == account.email][-1]


def test_what_a_resident_says_in_a_step_is_not_said_by_the_department(
    app: Flask, session: Session, town: Any
) -> None:
    author, neighbour, reader = (make_account(session) for _ in range(3))
    agent = make_account(session, "", Role.AGENT)
    incident = make_contribution(session, author=author)
    vote(session, incident, neighbour)
    follow(session, incident, reader)
    said = (
        ("question_asked", agent, Party.AGENT, "Quel côté ?", "(Voirie)"),
        ("acknowledged", author, Party.AUTHOR, "Côté pair.", "(L’auteur)"),
        ("resolved", agent, Party.AGENT, "C’est fait.", "(Voirie)"),
        ("contested", neighbour, Party.SUPPORTER, "Non.", "(Une personne qui le soutient)"),
        ("in_progress", agent, Party.MEDIATOR, "Nous revenons.", "(La médiation)"),
    )
    for status, by, party, sentence, who in said:
        step(session, incident, status, by, party, sentence=sentence)
        assert f"> {sentence} {who}" in words(app, session, to(session, reader))


def test_only_who_may_contest_or_confirm_is_led_to_it(
    app: Flask, session: Session, town: Any
) -> None:
    author, supporter, follower = (make_account(session) for _ in range(3))
    agent = make_account(session, "", Role.AGENT)
    incident = make_contribution(session, author=author)
    vote(session, incident, supporter)
    follow(session, incident, follower)
    step(session, incident, "resolved", agent, Party.AGENT, sentence="Fait.")
    texts = {one: words(app, session, to(session, one)) for one in (author, supporter, follower)}
    assert "Vous pouvez confirmer" in texts[author]
    assert "Oui, c’est réglé" in texts[author]
    assert "vous avez écrit cette contribution" in texts[author]
    assert "/contest" in texts[supporter]
    assert "confirmer" not in texts[supporter].partition("pas réglé")[2]
    assert "vous soutenez cette contribution" in texts[supporter]
    assert "/contest" not in texts[follower]
    assert "vous suivez cette contribution" in texts[follower]
    step(session, incident, "acknowledged", agent, Party.AGENT, sentence="Rouvert.")
    step(session, incident, "declined", agent, Party.AGENT, sentence="Non.", reason="private_place")
    assert "le contester" in words(app, session, to(session, supporter))
    assert "contester" not in words(app, session, to(session, follower))


def test_photos_that_wait_are_said_to(app: Flask, client: Any, session: Session) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author)
    waits = "vos photos sont regardées par une personne"
    assert waits not in words(app, session, receipt(session, incident))
    with_photo(app, session, incident)
    for photo in list_photos(session, incident.id, public_only=False):
        set_photo_state(session, photo, ModerationState.HELD)
    session.commit()
    assert waits in words(app, session, to(session, author, "acknowledgement"))
    page = client.sign_in(author).get(f"/incidents/{incident.reference}/received")
    assert "regarde vos photos avant leur publication" in page.get_data(as_text=True)


@pytest.mark.parametrize("is_flag", [False, True])
def test_a_moderator_reads_the_comment_and_why_and_is_led_to_it(
    app: Flask, session: Session, town: Any, is_flag: bool
) -> None:
    make_account(session, "mod@example.org", Role.MODERATOR)
    idea = make_contribution(session, "idea", title="Un verger")
    body = "Un avis." if is_flag else "Appelez le 06 12 34 56 78."
    comment = add_comment(session, idea, actor=actor(make_account(session)), body=body)
    if is_flag:
        raise_flag(
            session,
            idea,
            comment_id=comment.id,
            actor=VISITOR,
            reason=FlagReason.INSULTING,
            text="Il vise quelqu’un.",
        )
    session.commit()
    tell_staff(session)
    session.commit()
    [mail] = mails(session, "flagged_comment" if is_flag else "held_comment")
    message = render(app, session, mail)
    assert message["Subject"].startswith("Un commentaire sur «")
    assert not message["Subject"].endswith(".")
    text = words(app, session, mail)
    assert f"> {body}" in text
    assert f"/moderation/{idea.id}?comment={comment.id}" in text
    assert ("C’est insultant" if is_flag else "Motif : Numéro de téléphone possible") in text
    assert ("Il vise quelqu’un." in text) is is_flag


def test_what_is_published_is_not_blamed(app: Flask, session: Session, town: Any) -> None:
    author, moderator = make_account(session), make_account(session, "", Role.MODERATOR)
    idea = make_contribution(session, "idea", author=author, held=True)
    publish(session, idea, actor=actor(moderator), grounds=Grounds(clause="4"))
    session.commit()
    text = words(app, session, to(session, author, "decision"))
    assert "est publié" in text
    assert "Règle appliquée" not in text
    assert "publicité" not in text


@pytest.mark.parametrize("stays_due", [False, True])
def test_hiding_says_whether_the_problem_is_still_dealt_with(
    app: Flask, client: Any, session: Session, stays_due: bool
) -> None:
    author, moderator = make_account(session), make_account(session, "", Role.MODERATOR)
    case = make_contribution(session, author=author)
    grounds = Grounds(clause="2", facts="Un visage.")
    hide(session, case, actor=actor(moderator), grounds=grounds, stays_due=stays_due)
    session.commit()
    mail = to(session, author, "decision")
    page = client.sign_in(author).get(f"/decisions/{mail.data['decision']}").text
    for said in (words(app, session, mail), page):
        assert ("la demande continue d’être traitée" in said) is stays_due
        assert ("La demande n’est plus traitée" in said) is not stays_due
    idea = make_contribution(session, "idea")
    comment = add_comment(session, idea, actor=actor(author), body="Bof.")
    hide(session, idea, comment, actor=actor(moderator), grounds=grounds)
    session.commit()
    assert "traitée" not in words(app, session, to(session, author, "decision"))


def test_a_merge_names_what_it_was_merged_into(app: Flask, session: Session, town: Any) -> None:
    author, moderator = make_account(session), make_account(session, "", Role.MODERATOR)
    source = make_contribution(session, "idea", author=author, title="Fontaine")
    target = make_contribution(session, "idea", title="Des points d’eau")
    merge_as_duplicate(
        session,
        source,
        target,
        actor=actor(moderator),
        grounds=Grounds(clause="7", facts="La même demande."),
    )
    session.commit()
    text = words(app, session, to(session, author, "decision"))
    assert "Des points d’eau" in text
    assert target.reference in text


def test_a_role_names_the_department_in_the_language_of_the_mail(
    app: Flask, session: Session, town: Any
) -> None:
    administrator = make_account(session, "", Role.ADMINISTRATOR)
    roads = department(session)
    roads.name_en = "Roads"
    agent = make_account(session, "agent@example.org")
    agent.locale = "en"
    entrust(
        session,
        email="agent@example.org",
        name="",
        role=Role.AGENT,
        department=roads,
        area=None,
        actor=actor(administrator),
    )
    session.commit()
    assert "Department: Roads" in words(app, session, to(session, agent, "role_given"))


def test_an_action_keeps_the_lines_of_its_text_and_says_why(
    app: Flask, session: Session, town: Any
) -> None:
    author, agent = make_account(session), make_account(session, "", Role.AGENT)
    mine = [make_contribution(session, author=author, title=title) for title in ("Un", "Deux")]
    draft = ActionDraft(
        title="Les lampes",
        body="On refait **tout**.\n\n- rue Haute\n- rue Basse",
        department=department(session),
    )
    create_action(session, draft, mine, actor=actor(agent))
    session.commit()
    text = text_of(render(app, session, to(session, author, "action_linked")))
    assert "> – rue Haute\n> – rue Basse" in text
    assert "**" not in text
    assert "Un\n  Deux" in text
    assert "vous suivez cette action" in " ".join(text.split())
    assert "une seule fois" not in text


def test_several_held_comments_are_one_mail_that_names_each(
    app: Flask, session: Session, town: Any
) -> None:
    make_account(session, "mod@example.org", Role.MODERATOR)
    author, also = make_account(session), make_account(session)
    idea = make_contribution(session, "idea", title="Un verger")
    bodies = ("Appelez le 06 12 34 56 78.", "Écrivez à moi@example.org.", "Le 07 11 22 33 44.")
    for body, by in zip(bodies, (author, author, also), strict=True):
        add_comment(session, idea, actor=actor(by), body=body)
    session.commit()
    tell_staff(session)
    session.commit()
    [mail] = mails(session, "held_comment")
    message = render(app, session, mail)
    assert message["Subject"] == "3 commentaires sur « Un verger » attendent une relecture"
    for part in (text_of(message), text_of(message, "html")):
        assert all(body in part for body in bodies)
    assert "Motif : Numéro de téléphone possible, Adresse" in words(app, session, mail)


def test_two_flags_at_once_are_both_in_the_mail(app: Flask, session: Session, town: Any) -> None:
    make_account(session, "mod@example.org", Role.MODERATOR)
    case = make_contribution(session, title="Un banc")
    for reason, text in ((FlagReason.INSULTING, "Il insulte."), (FlagReason.SPAM, "Une réclame.")):
        raise_flag(session, case, actor=actor(make_account(session)), reason=reason, text=text)
    session.commit()
    tell_staff(session)
    session.commit()
    [mail] = mails(session, "flagged")
    assert render(app, session, mail)["Subject"] == "« Un banc » est signalé 2 fois aux modérateurs"
    text = words(app, session, mail)
    assert "> Il insulte. (Une personne qui alerte) > Une réclame. (Une personne" in text
    assert "C’est insultant ou haineux, C’est de la publicité" in text


def test_mails_of_an_action_and_of_a_suspension_are_one_thread_each(
    app: Flask, session: Session, town: Any
) -> None:
    person, moderator = make_account(session), make_account(session, "", Role.MODERATOR)
    mediator = make_account(session, "", Role.MEDIATOR)
    idea = make_contribution(session, "idea", author=person)
    draft = ActionDraft("Des arceaux", "Quarante arceaux.", department(session))
    by = actor(make_account(session, "", Role.AGENT))
    action = create_action(session, draft, contributions=[idea], actor=by)
    post_update(session, action, actor=by, body="Les premiers sont posés.")
    grounds = Grounds(clause="5", facts="Des insultes.")
    decision = suspend(session, person, actor=actor(moderator), grounds=grounds, days=7)
    appeal = submit_appeal(session, decision, actor=actor(person), text="")
    upheld = AppealOutcome.UPHELD
    answer_appeal(session, appeal, actor=actor(mediator), outcome=upheld, answer="Oui.")
    session.commit()
    for templates in (
        ("action_linked", "action_updated"),
        ("decision", "appeal_received", "appeal_answered"),
    ):
        sent = [render(app, session, to(session, person, one)) for one in templates]
        assert {one["References"].split()[0] for one in sent} == {sent[0]["References"]}
        for before, after in pairwise(sent):
            assert after["In-Reply-To"] == before["Message-ID"]


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_a_mail_says_its_language(app: Flask, session: Session, town: Any, locale: str) -> None:
    author = make_account(session)
    author.locale = locale
    mail = receipt(session, make_contribution(session, author=author, locale=locale))
    assert render(app, session, mail)["Content-Language"] == locale
