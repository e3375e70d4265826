"""The page of a contribution: what people do, in few queries, and what became of it, in words."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, Role
from civic.comments.operations import add_comment
from civic.contributions import screening_registry
from civic.contributions.models import Contribution
from civic.contributions.operations import change_department, edit_text, hide, hold, move
from civic.contributions.policies import parties
from civic.contributions.workflow import Party
from civic.extensions import db
from civic.follows.models import Follow
from civic.follows.queries import is_following
from civic.participation.queries import list_happenings
from civic.participation.timeline import Step, tell
from civic.taxonomy.models import Department
from civic.votes.operations import vote
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution
from tests.queries import counting


@pytest.fixture(autouse=True)
def open_to_all(monkeypatch: pytest.MonkeyPatch, app: Any) -> None:
    """A moderation that holds nothing."""
    monkeypatch.setattr(screening_registry, "screeners", [])


def story(session: Session, contribution: Contribution) -> list[Step]:
    return tell(contribution, list_happenings(session, contribution.id), {})


# ------------------------------------------------------------------------------------ the timeline


def test_the_story_says_what_when_who_and_why(app: Any, session: Session, town: Any) -> None:
    incident = make_contribution(session, author=make_account(session))
    agent = actor(make_account(session, "jeanne.agent@example.org", Role.AGENT))
    standing = parties(agent, incident, is_supporter=False)
    move(session, incident, "acknowledged", actor=agent, standing=standing)
    move(session, incident, "planned", actor=agent, standing=standing)
    move(session, incident, "resolved", actor=agent, standing=standing, sentence="Ampoule neuve.")
    session.commit()
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        steps = story(session, incident)
    assert [step.label for step in steps[:4]] == [
        "Reçu",
        "Pris en compte",
        "Planifié",
        "Résolu, à confirmer",
    ]
    assert steps[0].who == "L’auteur"
    assert {step.who for step in steps[1:4]} == {"Voirie"}
    assert steps[3].text == "Ampoule neuve."
    assert steps[3].type == "fixed"
    assert (steps[4].label, steps[4].upcoming) == ("Résolu et confirmé", True)


def test_nobody_of_the_town_is_named(app: Any, session: Session, town: Any) -> None:
    incident = make_contribution(session)
    agent = actor(make_account(session, "jeanne.agent@example.org", Role.AGENT))
    other = session.query(Department).filter_by(code="proprete").one()
    change_department(session, incident, other, actor=agent, why="C'est un dépôt.")
    session.commit()
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        steps = story(session, incident)
    assert steps[1].label == "Confié à\N{NO-BREAK SPACE}: Propreté"
    assert steps[1].who == "La ville"
    assert "jeanne" not in repr(steps)


def test_what_comes_next_has_a_date(app: Any, session: Session, town: Any) -> None:
    incident = make_contribution(session)
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        upcoming = [step for step in story(session, incident) if step.upcoming]
        assert [step.label for step in upcoming] == [
            "Le service compétent le prend en compte",
            "Une intervention, ou une réponse",
        ]
        assert all(str(step.when).startswith("d’ici au ") for step in upcoming)
        assert incident.due_at is not None
        late = tell(incident, [], {}, now=incident.due_at + timedelta(days=1))
    assert str(late[-1].when).startswith("attendu depuis le ")


def test_an_idea_says_what_enough_support_brings(app: Any, session: Session, town: Any) -> None:
    idea = make_contribution(session, "idea")
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        assert story(session, idea)[-1] == Step(
            label="À l’étude", icon="search", type="open", upcoming=True
        )


def test_what_is_automatic_says_so(app: Any, session: Session, town: Any) -> None:
    idea = make_contribution(session, "idea")
    move(session, idea, "under_review", actor=SYSTEM, standing={Party.SYSTEM})
    session.commit()
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        step = story(session, idea)[1]
    assert (step.automatic, step.who) == (True, "")


def test_a_title_and_a_text_corrected_together_are_one_step(
    app: Any, session: Session, town: Any
) -> None:
    author = make_account(session)
    idea = make_contribution(session, "idea", author=author)
    edit_text(session, idea, actor=actor(author), title="Autre", body="Autre texte")
    session.commit()
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        steps = [step for step in story(session, idea) if not step.upcoming]
    assert [step.label for step in steps][1:] == ["Texte corrigé"]
    assert steps[1].who == "L’auteur"


# ----------------------------------------------------------------------------------------- the page


def test_the_page_costs_the_same_however_much_was_said(
    client: CheckingClient, session: Session
) -> None:
    idea = make_contribution(session, "idea", author=make_account(session))
    reader = make_account(session)
    client.sign_in(reader)
    url = client.get(f"/c/{idea.reference}").location or f"/c/{idea.reference}"
    people = [actor(make_account(session)) for _ in range(4)]
    add_comment(session, idea, actor=people[0], body="Le premier")
    session.commit()
    with counting(db.engine) as before:
        assert client.get(url).status_code == 200
    for person in people:
        vote(session, idea, actor=person)
        first = add_comment(session, idea, actor=person, body=f"De {person.name}")
        for other in people:
            add_comment(session, idea, actor=other, body=f"À {person.name}", parent_id=first.id)
    session.commit()
    with counting(db.engine) as after:
        assert client.get(url).status_code == 200
    assert len(after) == len(before) <= 10, after


@pytest.mark.parametrize("spelling", ["{r}", "{l}", "{bare}"])
def test_the_short_link_forgives_how_it_was_typed(
    client: CheckingClient, session: Session, spelling: str
) -> None:
    reference = make_contribution(session).reference
    typed = spelling.format(r=reference, l=reference.lower(), bare=reference.replace("-", ""))
    page = client.get(f"/c/{typed}", follow_redirects=True)
    assert page.status_code == 200
    assert reference in page.get_data(as_text=True)


@pytest.mark.parametrize("reference", ["S-0000-00", "x", "%00", "1", "S-" + "9" * 400])
def test_what_does_not_exist_is_not_found(client: CheckingClient, reference: str) -> None:
    for end in ("", "/qr.svg", "/flag"):
        assert client.get(f"/c/{reference}{end}").status_code == 404


def test_what_was_hidden_says_so_with_the_rule(
    client: CheckingClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        screening_registry, "removal_explainers", [lambda *_: "Article 4 : pas d'insulte"]
    )
    author = make_account(session)
    incident = make_contribution(session, author=author)
    hide(session, incident, actor=SYSTEM)
    session.commit()
    for end in ("", "/qr.svg", "/flag"):
        answer = client.get(f"/c/{incident.reference}{end}")
        assert answer.status_code == 410
    page = client.get(f"/c/{incident.reference}").get_data(as_text=True)
    assert "Article 4" in page
    assert incident.title not in page
    client.sign_in(author)
    assert client.get(f"/c/{incident.reference}", follow_redirects=True).status_code == 200


def test_what_is_held_is_not_found_except_by_its_author(
    client: CheckingClient, session: Session
) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author)
    hold(session, incident, actor=SYSTEM)
    session.commit()
    assert client.get(f"/c/{incident.reference}").status_code == 404
    client.sign_in(author)
    assert client.get(f"/c/{incident.reference}", follow_redirects=True).status_code == 200


def test_the_qr_code_is_a_drawing_of_the_short_link(
    client: CheckingClient, session: Session
) -> None:
    incident = make_contribution(session)
    answer = client.get(f"/c/{incident.reference}/qr.svg")
    assert answer.mimetype == "image/svg+xml"
    assert b"<svg" in answer.data
    assert b"style=" not in answer.data
    assert b"script" not in answer.data


# ------------------------------------------------------------------------------------------ follows


def test_following_and_ceasing(client: CheckingClient, session: Session) -> None:
    idea, person = make_contribution(session, "idea"), make_account(session)
    client.sign_in(person)
    url = f"/c/{idea.reference}/follow"
    assert client.send(url, {"action": "follow"}).status_code == 303
    assert client.send(url, {"action": "follow"}).status_code == 303
    assert is_following(session, idea.id, person.id)
    fragment = client.send(url, {"action": "unfollow"}, headers={"HX-Request": "true"})
    assert 'value="follow"' in fragment.get_data(as_text=True)
    assert session.query(Follow).count() == 0
    assert client.send(url, {"action": "unfollow"}).status_code == 303


def test_a_supporter_who_ceases_to_follow_opts_out_for_good(
    client: CheckingClient, session: Session
) -> None:
    idea, person = make_contribution(session, "idea"), make_account(session)
    client.sign_in(person)
    client.send(f"/c/{idea.reference}/vote", {"action": "vote"})
    client.send(f"/c/{idea.reference}/follow", {"action": "unfollow"})
    client.send(f"/c/{idea.reference}/vote", {"action": "unvote"})
    client.send(f"/c/{idea.reference}/vote", {"action": "vote"})
    session.expire_all()
    assert not is_following(session, idea.id, person.id)
    assert session.scalars(select(Follow.is_muted)).all() == [True]
    client.send(f"/c/{idea.reference}/follow", {"action": "follow"})
    session.expire_all()
    assert is_following(session, idea.id, person.id)
