"""Mails to those who do the work quote what they have to decide about, and lead to it."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.comments.operations import add_comment
from civic.contributions.models import StatusChange
from civic.contributions.operations import change_department
from civic.contributions.workflow import Party
from civic.messages.operations import answer_in_private, write_back
from civic.moderation.operations import Grounds, hide, merge_as_duplicate
from civic.moderation.operations.accounts import suspend
from civic.moderation.operations.appeals import submit_appeal
from civic.notifications.rendering import render
from civic.notifications.schedule import tell_staff
from tests.factories import actor, make_account, make_contribution
from tests.integration.test_mails_are_true import department, step, to, words
from tests.integration.test_mails_repeat import with_photo
from tests.integration.test_notifications import mails, text_of, vote
from tests.integration.test_staff_news import agent_in


def told(session: Session) -> None:
    session.commit()
    tell_staff(session)
    session.commit()


def last_step(session: Session) -> int | None:
    return session.scalar(select(func.max(StatusChange.id)))


@pytest.mark.parametrize("about", ["report", "comment", "account"])
def test_a_mediator_reads_the_appeal_and_what_was_decided_and_is_led_to_it(
    app: Flask, client: Any, session: Session, about: str
) -> None:
    author, moderator = make_account(session), make_account(session, "", Role.MODERATOR)
    mediator = make_account(session, "mediator@example.org", Role.MEDIATOR)
    mediator.locale = "en" if about == "comment" else "fr"
    grounds = Grounds(clause="1", facts="Il vise son voisin.")
    by = {"actor": actor(moderator), "grounds": grounds}
    report = make_contribution(session, author=author, body="Un trou devant le 4.")
    if about == "account":
        decision = suspend(session, author, days=7, **by)
    elif about == "report":
        decision = hide(session, report, **by)
    else:
        comment = add_comment(session, report, actor=actor(author), body="Toujours lui !")
        decision = hide(session, report, comment=comment, **by)
    appeal = submit_appeal(session, decision, actor=actor(author), text="Je ne vise\n\npersonne.")
    told(session)
    mail = to(session, mediator, "appeal")
    text = words(app, session, mail)
    who = "(The person who appeals)" if about == "comment" else "(La personne qui conteste)"
    assert f"> Je ne vise > > personne. {who}" in text
    assert "Il vise son voisin." in text
    assert decision.reference in text
    assert f"/moderation/appeals/{appeal.id}?" in text_of(render(app, session, mail))
    assert ("Un trou devant le 4." in text) is (about == "report")
    assert ("Toujours lui !" in text) is (about == "comment")
    assert "au plus tard" not in text
    assert ("> Toujours lui !" in words(app, session, to(session, author, "decision"))) is (
        about == "comment"
    )
    page = client.sign_in(mediator).get(f"/moderation/appeals/{appeal.id}").text
    assert ("Toujours lui !" in page) is (about == "comment")
    assert "Je ne vise" in text_of(render(app, session, mail), "html")


def test_two_appeals_at_once_are_two_mails_and_one_without_words_says_so(
    app: Flask, session: Session, town: Any
) -> None:
    author, neighbour = make_account(session), make_account(session)
    moderator = make_account(session, "", Role.MODERATOR)
    mediator = make_account(session, "mediator@example.org", Role.MEDIATOR)
    report = make_contribution(session, author=author)
    comment = add_comment(session, report, actor=actor(neighbour), body="Un avis.")
    by = {"actor": actor(moderator), "grounds": Grounds(clause="1", facts="x")}
    for person, more in ((neighbour, {"comment": comment}), (author, {})):
        submit_appeal(session, hide(session, report, **by, **more), actor=actor(person), text="")
    told(session)
    sent = [one for one in mails(session, "appeal") if one.recipient == mediator.email]
    assert len({render(app, session, one)["Subject"] for one in sent}) == 2
    assert all("conteste sans ajouter de texte" in words(app, session, one) for one in sent)


def test_a_contested_closing_shows_what_was_closed_and_the_photo_against_it(
    app: Flask, session: Session, town: Any
) -> None:
    author, agent = make_account(session), agent_in(session, "agent@example.org")
    report = make_contribution(session, author=author)
    step(session, report, "resolved", agent, Party.AGENT, sentence="Réparé hier.")
    step(session, report, "contested", author, Party.AUTHOR, sentence="Non, regardez.")
    with_photo(app, session, report, status_change_id=last_step(session))
    told(session)
    message = render(app, session, to(session, agent, "case_contested"))
    text = " ".join(text_of(message).split())
    assert "> Réparé hier. (La ville) > Non, regardez. (L’auteur) [Un lampadaire noir]" in text
    assert "cid:" in text_of(message, "html")


def test_the_mail_of_a_closing_shows_the_photo_of_the_work(
    app: Flask, session: Session, town: Any
) -> None:
    author, agent = make_account(session), make_account(session, "", Role.AGENT)
    report = make_contribution(session, author=author)
    step(session, report, "resolved", agent, Party.AGENT, sentence="Réparé.")
    with_photo(app, session, report, status_change_id=last_step(session))
    assert "> Réparé. (Voirie) [Un lampadaire noir]" in words(app, session, to(session, author))


def test_an_answer_comes_with_its_question(app: Flask, session: Session, town: Any) -> None:
    author, agent = make_account(session), agent_in(session, "agent@example.org")
    agent.locale = "en"
    report = make_contribution(session, author=author)
    for sentence, said in (("Quel côté ?", "Pair."), ("Quel numéro ?", "Le 4.")):
        step(session, report, "question_asked", agent, Party.AGENT, sentence=sentence)
        step(session, report, "acknowledged", author, Party.AUTHOR, sentence=said)
    told(session)
    text = words(app, session, to(session, agent, "case_answered"))
    assert "> Quel côté ? (The town) > Pair. (The author)" in text
    assert "> Quel numéro ? (The town) > Le 4. (The author)" in text


def test_an_answer_in_private_is_said_to_be_and_not_repeated(
    app: Flask, session: Session, town: Any
) -> None:
    author, agent = make_account(session), agent_in(session, "agent@example.org")
    report = make_contribution(session, author=author)
    answer_in_private(session, report, "Quel étage ?", actor=actor(agent))
    write_back(session, report, "Code 12B.", actor=actor(author))
    told(session)
    text = words(app, session, to(session, agent, "case_answered"))
    assert "Sa réponse est privée" in text
    assert "12B" not in text


def test_a_department_reads_why_a_case_comes_to_it(app: Flask, session: Session, town: Any) -> None:
    agent = make_account(session, "", Role.AGENT)
    report = make_contribution(session)
    parks = department(session, "espaces-verts")
    change_department(session, report, parks, actor=actor(agent), why="C’est une racine.")
    told(session)
    [mail] = mails(session, "case_rerouted")
    assert "> C’est une racine." in words(app, session, mail)


def test_what_the_town_answers_is_not_called_a_comment(
    app: Flask, session: Session, town: Any
) -> None:
    author, neighbour = make_account(session), make_account(session)
    neighbour.locale = "en"
    agent = make_account(session, "", Role.AGENT)
    idea = make_contribution(session, "idea", author=author, title="Un verger")
    comment = add_comment(session, idea, actor=actor(neighbour), body="Oui !")
    more = {"parent_id": comment.id, "as_department": True}
    add_comment(session, idea, actor=actor(agent), body="Nous planterons.", **more)
    session.commit()
    subjects = {
        one.recipient: render(app, session, one)["Subject"]
        for template in ("comment", "reply")
        for one in mails(session, template)
    }
    assert subjects[author.email] == "La ville répond sur « Un verger »"
    assert subjects[neighbour.email] == "The town answers about “Un verger”"


def test_who_wrote_the_page_that_stays_is_not_asked_to_leave_it(
    app: Flask, session: Session, town: Any
) -> None:
    author, reader = make_account(session), make_account(session)
    moderator = make_account(session, "", Role.MODERATOR)
    source = make_contribution(session, title="Un puits")
    target = make_contribution(session, title="Le puits", author=author)
    for person in (author, reader):
        vote(session, source, person)
    merge_as_duplicate(
        session, source, target, actor=actor(moderator), grounds=Grounds(clause="7", facts="x")
    )
    session.commit()
    assert "Retirez-vous" in words(app, session, to(session, reader, "merged"))
    assert "Retirez-vous" not in words(app, session, to(session, author, "merged"))
