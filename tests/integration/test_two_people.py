"""Two people at one thing: the second hears what changed, keeps their words, and may go on."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.actions import operations as actions
from civic.actions.models import Action
from civic.comments.models import Comment
from civic.comments.operations import add_comment
from civic.contributions import operations as contributions
from civic.contributions.models import Contribution
from civic.desk import operations as desk
from civic.desk.models import SavedReply
from civic.moderation import operations as moderation
from civic.moderation.models import AppealOutcome, Decision
from civic.moderation.operations import Grounds
from civic.taxonomy.models import Category, Department
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution
from tests.forms_walk import Written, forms_on, make_places

WHY = Grounds(clause="1", facts="Une insulte.")
ADDS = {
    "accounts.change_settings",
    "actions.links",
    "actions.new",
    "administration.grant",
    "administration.new_category",
    "administration.new_department",
    "administration.new_question",
    "desk.answer",
    "desk.new",
    "desk.note",
    "desk.replies",
    "ideas.create",
    "incidents.add_precision",
    "incidents.create",
    "moderation.appeal",
    "participation.comment",
    "participation.flag",
    # Steps: the operation refuses one that is not possible any more.
    "incidents.answer",
    "incidents.contest",
}
"""Forms that only add something of their own: nobody's words are overwritten by them."""


def form_to(client: CheckingClient, page: str, end: str) -> Written:
    html = client.get(page).get_data(as_text=True)
    return next(
        form
        for form in forms_on(html, page, wordless=True)
        if form.action.partition("?")[0].endswith(end)
    )


def test_every_form_that_changes_something_says_what_it_showed(
    app: Flask, client: CheckingClient, session: Session, town: Any
) -> None:
    adapter = app.url_map.bind("localhost")
    silent = set()
    for place in make_places(session):
        client.sign_out()
        if place.who is not None:
            client.sign_in(place.who)
        for form in forms_on(client.get(place.path).get_data(as_text=True), place.path):
            endpoint = adapter.match(form.action.partition("?")[0], method="POST")[0]
            marks = [
                value
                for name, value in form.data.items()
                if name.rpartition("-")[2] in {"seen", "version"}
            ]
            if endpoint not in ADDS and not any(marks):
                silent.add(endpoint)
    assert silent - {"accounts.change_email", "accounts.change_password"} == set()


@pytest.fixture
def staff(session: Session, town: Any) -> Any:
    return make_account(session, "staff@example.org", *Role)


@pytest.fixture
def case(session: Session, town: Any) -> Contribution:
    return make_contribution(session, author=make_account(session, "author@example.org"))


def department(session: Session, code: str) -> Department:
    return session.scalars(select(Department).where(Department.code == code)).one()


def overtaken(
    client: CheckingClient, form: Written, words: dict[str, str], told: str
) -> CheckingClient:
    """Send a form that somebody was quicker than: told, nothing lost, and the way on."""
    answer = client.post(form.action, data=form.data | words)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert told in page
    (again,) = [one for one in forms_on(page, "", wordless=True) if one.action == form.action]
    assert {name: again.data.get(name) for name in words} == words
    last = client.post(again.action, data=again.data)
    assert last.status_code == 303, last.get_data(as_text=True)
    return client


def test_two_agents_reclassify(
    client: CheckingClient, session: Session, staff: Any, case: Contribution
) -> None:
    client.sign_in(staff)
    form = form_to(client, f"/desk/{case.reference}", "/reclassify")
    depot = session.scalars(select(Category).where(Category.code == "depot")).one()
    nature = session.scalars(select(Category).where(Category.code == "nature")).one()
    contributions.change_category(session, case, depot, actor=actor(staff), why="Avant")
    session.commit()
    typed = {"category": str(nature.id), "department": "", "why": "C’est un arbre"}
    overtaken(client, form, typed, "Dépôt sauvage")
    session.refresh(case)
    assert case.category.code == "nature"


def test_two_agents_assign(
    client: CheckingClient, session: Session, staff: Any, case: Contribution
) -> None:
    client.sign_in(staff)
    other = make_account(session, "other@example.org", Role.AGENT)
    form = form_to(client, f"/desk/{case.reference}", "/assign")
    desk.assign(session, case, other, actor=actor(staff))
    session.commit()
    overtaken(client, form, {"account": str(staff.id)}, other.display_name)
    session.refresh(case)
    assert case.assigned_to_id == staff.id


def test_an_action_corrected_by_two(
    client: CheckingClient, session: Session, staff: Any, case: Contribution
) -> None:
    client.sign_in(staff)
    roads = department(session, "voirie")
    draft = actions.ActionDraft(title="Dix lampes", body="Dix lampes neuves.", department=roads)
    action = actions.create_action(session, draft, [], actor=actor(staff))
    session.commit()
    form = form_to(client, f"/actions/{action.slug}/edit", "/edit")
    news = form_to(client, f"/actions/{action.slug}/updates", "/updates")
    changed = actions.ActionDraft(title="Vingt lampes", body="Vingt lampes.", department=roads)
    actions.edit_action(session, action, changed, actor=actor(staff))
    actions.post_update(session, action, actor=actor(staff), body="Parti.", to="in_progress")
    session.commit()
    overtaken(client, form, {"title": "Douze lampes"}, "Vingt lampes")
    overtaken(client, news, {"body": "On avance."}, "En cours")
    session.expire_all()
    assert session.scalars(select(Action.title)).one() == "Douze lampes"


def test_a_reply_changed_by_two(
    client: CheckingClient, session: Session, staff: Any, town: Any
) -> None:
    client.sign_in(staff)
    said = {"title": "Merci", "body": "Merci.", "department_id": None, "status": ""}
    reply = desk.save_reply(session, None, actor=actor(staff), **said)
    session.commit()
    form = form_to(client, f"/desk/replies/{reply.id}", f"/{reply.id}")
    desk.save_reply(session, reply, actor=actor(staff), **said | {"body": "Merci beaucoup."})
    session.commit()
    overtaken(client, form, {"body": "Grand merci."}, "Merci beaucoup.")
    session.expire_all()
    assert session.scalars(select(SavedReply.body)).one() == "Grand merci."


def hide_it(session: Session, case: Contribution, staff: Any) -> None:
    moderation.hide(session, case, actor=actor(staff), grounds=WHY)


def keep_it(session: Session, case: Contribution, staff: Any) -> None:
    moderation.publish(session, case, actor=actor(staff), grounds=Grounds())


def lock_it(session: Session, case: Contribution, staff: Any) -> None:
    moderation.lock(session, case, actor=actor(staff), grounds=WHY)


def change_it(session: Session, case: Contribution, staff: Any) -> None:
    author = actor(case.author) if case.author else actor(staff)
    contributions.edit_text(session, case, actor=author, title="Tout autre chose", body="Autre.")


@pytest.mark.parametrize("meanwhile", [keep_it, lock_it, change_it])
def test_two_moderators(
    client: CheckingClient,
    session: Session,
    staff: Any,
    case: Contribution,
    meanwhile: Callable[..., None],
) -> None:
    client.sign_in(staff)
    form = form_to(client, f"/moderation/{case.id}", "/hide")
    meanwhile(session, case, make_account(session, "", Role.MODERATOR))
    session.commit()
    before = len(session.scalars(select(Decision)).all())
    answer = client.post(form.action, data=form.data | {"hide-clause": "1", "hide-facts": "Vu."})
    assert answer.status_code == 409
    assert len(session.scalars(select(Decision)).all()) == before
    overtaken(client, form, {"hide-clause": "1", "hide-facts": "Vu."}, "enregistré en ce moment")
    session.refresh(case)
    assert not case.is_public


def test_a_decision_about_what_was_hidden_meanwhile_keeps_its_words(
    client: CheckingClient, session: Session, staff: Any, case: Contribution
) -> None:
    client.sign_in(staff)
    form = form_to(client, f"/moderation/{case.id}", "/redact")
    hide_it(session, case, make_account(session, "", Role.MODERATOR))
    session.commit()
    words = {"redact-clause": "2", "redact-facts": "Un nom.", "redact-title": "Sans nom"}
    answer = client.post(form.action, data=form.data | words)
    assert answer.status_code == 409
    assert "Retiré de la vue du public" in answer.get_data(as_text=True)
    assert "Un nom." in answer.get_data(as_text=True)
    session.refresh(case)
    assert case.title == "Lampadaire éteint"


def test_two_merge(
    client: CheckingClient, session: Session, staff: Any, case: Contribution
) -> None:
    client.sign_in(staff)
    first, second = (make_contribution(session, title=f"Autre {n}") for n in range(2))
    form = form_to(client, f"/merge/{case.reference}", case.reference)
    moderation.merge_as_duplicate(session, case, first, actor=actor(staff), grounds=WHY)
    session.commit()
    data = form.data | {"target": second.reference, "facts": "Le même mât", "clause": "7"}
    answer = client.post(form.action, data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert first.reference in page
    assert "Le même mât" in page
    session.refresh(case)
    assert case.duplicate_of_id == first.id


def test_an_author_edits_what_a_moderator_redacted(
    client: CheckingClient, session: Session, staff: Any, case: Contribution
) -> None:
    author = case.author
    assert author is not None
    client.sign_in(author)
    form = form_to(client, f"/incidents/{case.reference}/edit", "/edit")
    moderation.redact(
        session, case, actor=actor(staff), grounds=WHY, title="Lampe", body="[nom retiré]"
    )
    session.commit()
    words = {"title": "Lampe de M. X", "body": "Chez M. X"}
    answer = client.post(form.action, data=form.data | words)
    assert answer.status_code == 409
    assert "[nom retiré]" in answer.get_data(as_text=True)
    session.refresh(case)
    assert case.title == "Lampe"


def test_a_comment_corrected_while_it_was_redacted(
    client: CheckingClient, session: Session, staff: Any, case: Contribution
) -> None:
    writer = make_account(session)
    said = add_comment(session, case, actor=actor(writer), body="Monsieur X ment.")
    session.commit()
    client.sign_in(writer)
    form = form_to(client, f"/comments/{said.id}/edit", "/edit")
    moderation.redact_comment(
        session, said, actor=actor(staff), grounds=WHY, body="[nom retiré] ment."
    )
    session.commit()
    answer = client.post(form.action, data=form.data | {"body": "Monsieur X ment beaucoup."})
    assert answer.status_code == 409
    assert "Monsieur X ment beaucoup." in answer.get_data(as_text=True)
    session.expire_all()
    assert session.scalars(select(Comment.body)).one() == "[nom retiré] ment."


def test_an_appeal_answered_by_two(
    client: CheckingClient, session: Session, staff: Any, case: Contribution
) -> None:
    author = case.author
    assert author is not None
    decided_by = make_account(session, "", Role.MODERATOR)
    decision = moderation.hide(session, case, actor=actor(decided_by), grounds=WHY)
    appeal = moderation.submit_appeal(session, decision, actor=actor(author), text="Non.")
    session.commit()
    client.sign_in(staff)
    form = form_to(client, f"/moderation/appeals/{appeal.id}", f"/{appeal.id}")
    moderation.answer_appeal(
        session,
        appeal,
        actor=actor(make_account(session, "", Role.MEDIATOR)),
        outcome=AppealOutcome.REJECTED,
        answer="La décision reste.",
    )
    session.commit()
    words = {"outcome": "upheld", "answer": "Vous avez raison."}
    answer = client.post(form.action, data=form.data | words)
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "La décision reste." in page
    assert "Vous avez raison." in page


def test_of_two_at_the_same_moment_one_hears_of_the_other(
    app: Flask, client: CheckingClient, session: Session, staff: Any, case: Contribution
) -> None:
    client.sign_in(staff)
    form = form_to(client, f"/desk/{case.reference}", "/reclassify")
    ids = {
        code: str(session.scalars(select(Category.id).where(Category.code == code)).one())
        for code in ("depot", "nature")
    }
    cookie = client.get_cookie("civic_session")
    assert cookie is not None
    session.commit()
    ready, codes = threading.Barrier(2), []

    def send(code: str) -> None:
        own = app.test_client()
        own.set_cookie("civic_session", cookie.value)
        ready.wait()
        typed = {"category": ids[code], "department": "", "why": f"Vers {code}"}
        codes.append(own.post(form.action, data=form.data | typed).status_code)

    threads = [threading.Thread(target=send, args=(code,)) for code in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(codes) == [303, 409]
