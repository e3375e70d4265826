"""An idea: proposed, supported up to the threshold, answered."""

from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, Role
from civic.contributions.models import Contribution, Scope
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.ideas import listeners
from civic.places.models import Area
from civic.taxonomy.models import Category
from civic.votes.operations import vote
from tests.factories import actor, make_account, make_contribution

NEW = "/ideas/new"


def proposal(session: Session, **changes: Any) -> dict[str, Any]:
    category = session.scalars(select(Category).where(Category.code == "cadre-de-vie")).one()
    filled = {
        "scope": "town",
        "category": str(category.id),
        "title": "Des bancs à l'ombre",
        "body": "Des bancs **sous les arbres**, pour tous.",
        "form_key": "i" * 32,
    }
    return {name: value for name, value in (filled | changes).items() if value is not None}


def stored(session: Session) -> Contribution:
    session.expire_all()
    return session.scalars(select(Contribution)).one()


def test_an_idea_for_the_whole_town_needs_no_place(client: Any, session: Session) -> None:
    answer = client.send(NEW, proposal(session), page=NEW)
    assert answer.status_code == 303
    idea = stored(session)
    assert (idea.scope, idea.lat, idea.status) == (Scope.TOWN, None, "gathering")
    assert "Merci, votre idée" in client.get(answer.location).get_data(as_text=True)
    page = client.get(f"/ideas/{idea.reference}").get_data(as_text=True)
    assert "<strong>sous les arbres</strong>" in page
    assert "Toute la commune" in page
    assert "sur 50" in page


def test_an_idea_for_an_area_names_it(client: Any, session: Session) -> None:
    assert client.send(NEW, proposal(session, scope="area"), page=NEW).status_code == 422
    area = session.scalars(select(Area).where(Area.slug == "est")).one()
    data = proposal(session, scope="area", area=str(area.id))
    assert client.send(NEW, data, page=NEW).status_code == 303
    assert stored(session).area_id == area.id


def test_a_town_without_areas_asks_for_none(client: Any, session: Session) -> None:
    assert "Tout un quartier" in client.get(NEW).get_data(as_text=True)
    session.execute(delete(Area))
    session.commit()
    assert "Tout un quartier" not in client.get(NEW).get_data(as_text=True)


@pytest.mark.parametrize("area", ["0", "999999", "x", "9" * 30])
def test_an_area_that_is_not_there_is_refused(client: Any, session: Session, area: str) -> None:
    data = proposal(session, scope="area", area=area)
    assert client.send(NEW, data, page=NEW).status_code == 422


def test_an_idea_at_a_place_is_put_there(client: Any, session: Session) -> None:
    assert client.send(NEW, proposal(session, scope="place"), page=NEW).status_code == 422
    data = proposal(session, scope="place", lat="48.11", lon="-1.67")
    assert client.send(NEW, data, page=NEW).status_code == 303
    assert stored(session).lat == 48.11


def test_an_idea_says_more_than_its_title(client: Any, session: Session) -> None:
    answer = client.send(NEW, proposal(session, body="  "), page=NEW)
    assert answer.status_code == 422
    assert "Décrivez votre idée" in answer.get_data(as_text=True)


def test_the_preview_is_clean_and_stores_nothing(client: Any, session: Session) -> None:
    data = proposal(session, body="**Bonjour** <script>alert(1)</script>")
    whole = client.send("/ideas/preview", data, page=NEW).get_data(as_text=True)
    assert "<strong>Bonjour</strong>" in whole
    assert "<script>alert" not in whole
    assert 'value="Des bancs à l&#39;ombre"' in whole
    part = client.send("/ideas/preview", data, page=NEW, headers={"HX-Request": "true"})
    assert "<html" not in part.get_data(as_text=True)
    assert session.scalars(select(Contribution)).all() == []


def test_at_the_threshold_the_town_studies_it(
    session: Session, town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners._Threshold, "value", 2)
    idea = make_contribution(session, "idea")
    vote(session, idea, actor=actor(make_account(session, "a@example.org")))
    session.commit()
    assert idea.status == "gathering"
    vote(session, idea, actor=actor(make_account(session, "b@example.org")))
    session.commit()
    assert idea.status == "under_review"


def test_the_answer_of_the_town_stands_out(client: Any, session: Session) -> None:
    idea = make_contribution(session, "idea")
    agent = actor(make_account(session, "agent@example.org", Role.AGENT))
    answering = {"sentence": "Nous plantons en mars.", "standing": {Party.AGENT}}
    move(session, idea, "accepted", actor=agent, **answering)
    session.commit()
    page = client.get(f"/ideas/{idea.reference}").get_data(as_text=True)
    assert "La réponse de la ville" in page
    assert page.count("Nous plantons en mars.") >= 1


def test_its_author_relaunches_an_archived_idea(client: Any, session: Session) -> None:
    author = make_account(session, "author@example.org")
    idea = make_contribution(session, "idea", author=author)
    move(session, idea, "archived", actor=SYSTEM, standing={Party.SYSTEM})
    session.commit()
    assert client.send(f"/ideas/{idea.reference}/relaunch").status_code == 403
    client.sign_in(author)
    assert "Relancer" in client.get(f"/ideas/{idea.reference}").get_data(as_text=True)
    assert client.send(f"/ideas/{idea.reference}/relaunch").status_code == 303
    session.expire_all()
    assert idea.status == "gathering"


def test_the_author_edits_and_withdraws(client: Any, session: Session) -> None:
    author = make_account(session, "author@example.org")
    idea = make_contribution(session, "idea", author=author)
    client.sign_in(author)
    edit = f"/ideas/{idea.reference}/edit"
    data = {"title": "Mieux dit", "body": "Plus clair."}
    assert client.send(edit, data, page=edit).status_code == 303
    assert client.send(f"/ideas/{idea.reference}/withdraw").status_code == 303
    session.expire_all()
    assert (idea.title, idea.status) == ("Mieux dit", "withdrawn")
