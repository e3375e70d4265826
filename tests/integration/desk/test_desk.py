"""The desk: agents see what is theirs, take the steps the workflow allows, and lose nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.contributions.models import Contribution, HistoryEntry, StatusChange
from civic.contributions.operations import move as move_kernel
from civic.contributions.policies import parties
from civic.contributions.workflow import Party
from civic.database import utcnow
from civic.desk.models import SavedReply
from civic.desk.queries import SORTS, DeskFilters, key_of, list_cases
from civic.extensions import db
from civic.taxonomy.models import Category, Department
from civic.votes.operations import vote
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution
from tests.queries import counting


@pytest.fixture
def roads(session: Session, town: Any) -> Department:
    return session.scalars(select(Department).where(Department.code == "voirie")).one()


@pytest.fixture
def agent(session: Session, roads: Department) -> Account:
    return make_account(session, "agent@example.org", Role.AGENT, department=roads)


@pytest.fixture
def desk(client: CheckingClient, agent: Account) -> CheckingClient:
    return client.sign_in(agent)


def test_the_desk_is_for_agents(client: CheckingClient, session: Session) -> None:
    assert client.get("/desk").status_code == 303
    client.sign_in(make_account(session))
    assert client.get("/desk").status_code == 403


def test_agents_see_what_is_theirs(desk: CheckingClient, session: Session) -> None:
    mine = make_contribution(session, title="Lampadaire de la place")
    other = make_contribution(session, title="Matelas abandonné", category="depot")
    html = desk.get("/desk").get_data(as_text=True)
    assert mine.title in html
    assert other.title not in html
    assert desk.get(f"/desk/{mine.reference}").status_code == 200
    assert desk.get(f"/desk/{other.reference}").status_code == 403
    assert desk.get("/desk/S-0000-00").status_code == 404


def test_views_and_search(desk: CheckingClient, session: Session, agent: Account) -> None:
    late = make_contribution(session, title="Très en retard")
    late.due_at = utcnow() - timedelta(days=3)
    mine = make_contribution(session, title="Confié à moi")
    mine.assigned_to = agent
    session.commit()
    html = desk.get("/desk?view=late").get_data(as_text=True)
    assert late.title in html
    assert mine.title not in html
    assert mine.title in desk.get("/desk?view=mine").get_data(as_text=True)
    assert mine.title in desk.get(f"/desk?q={mine.reference.lower()}").get_data(as_text=True)
    assert late.title not in desk.get("/desk?q=confié").get_data(as_text=True)
    assert "Aucun dossier trouvé" in desk.get("/desk?q=100%25_x").get_data(as_text=True)


@pytest.mark.parametrize("sort", list(SORTS))
def test_pages_of_cases_hold_each_of_them_once(session: Session, agent: Account, sort: str) -> None:
    dates = [0, 2, 1, None, 1, None, 3, None, 0]
    now = utcnow()
    cases = [make_contribution(session, title=f"Cas {number}") for number in range(len(dates))]
    for case, days in zip(cases, dates, strict=True):
        case.due_at = None if days is None else now + timedelta(days=days)
        case.vote_count = 1 if days == 1 else 0
    session.flush()
    found: list[Contribution] = []
    after: tuple[object, ...] | None = None
    for _ in cases:
        page = list_cases(session, actor(agent), DeskFilters(sort=sort), after=after, limit=2)
        found += page.cases
        if page.last is None:
            break
        after = key_of(page.last, sort)
    assert sorted(case.id for case in found) == sorted(case.id for case in cases)
    if sort == "due":
        assert [case.due_at for case in found][:6] == sorted(c.due_at for c in cases if c.due_at)


def test_popular_cases_come_first(desk: CheckingClient, session: Session) -> None:
    plain = make_contribution(session, title="Sans soutien")
    popular = make_contribution(session, title="Très soutenu")
    for _ in range(3):
        vote(session, popular, actor=actor(make_account(session)))
    session.commit()
    html = desk.get("/desk?sort=support").get_data(as_text=True)
    assert html.index(popular.title) < html.index(plain.title)


@pytest.mark.parametrize("sort", ["due", "support", "newest"])
def test_pages_hold_every_case_once(desk: CheckingClient, session: Session, sort: str) -> None:
    made = [make_contribution(session, title=f"Cas {number:03d}") for number in range(53)]
    made[5].due_at = made[6].due_at = None
    session.commit()
    seen: list[str] = []
    url: str | None = f"/desk?sort={sort}"
    while url:
        html = desk.get(url).get_data(as_text=True)
        seen += re.findall(r">(Cas \d{3})</a>", html)
        found = re.search(r'rel="next" href="([^"]+)"', html)
        url = found[1].replace("&amp;", "&") if found else None
    assert sorted(seen) == sorted(case.title for case in made)


def test_only_the_steps_of_the_workflow_are_offered(
    desk: CheckingClient, session: Session, agent: Account
) -> None:
    incident = make_contribution(session)
    html = desk.get(f"/desk/{incident.reference}").get_data(as_text=True)
    offered = set(re.findall(r'id="move-(\w+)"', html))
    from_workflow = {
        edge.to
        for edge in incident_workflow().allowed_from(
            incident.status, parties(actor(agent), incident, is_supporter=False)
        )
        if not edge.target
    }
    assert offered == from_workflow


def incident_workflow() -> Any:
    from civic.incidents.workflow import WORKFLOW  # noqa: PLC0415 (the test's only use of it)

    return WORKFLOW


def move(desk: CheckingClient, case: Contribution, to: str, seen: str = "", **data: str) -> Any:
    return desk.send(f"/desk/{case.reference}/move/{to}", {"seen": seen or case.status, **data})


def test_a_closing_wants_its_sentence_and_reason(desk: CheckingClient, session: Session) -> None:
    incident = make_contribution(session)
    answer = move(desk, incident, "declined", sentence="Rien trouvé sur place.")
    assert answer.status_code == 422
    assert "Rien trouvé sur place." in answer.get_data(as_text=True)
    done = move(desk, incident, "declined", sentence="Rien trouvé.", reason="not_found")
    assert done.status_code == 303
    session.refresh(incident)
    assert incident.status == "declined"


def test_everything_that_a_step_wants_is_named_at_once(
    desk: CheckingClient, session: Session
) -> None:
    page = move(desk, make_contribution(session), "declined").get_data(as_text=True)
    assert 'href="#declined-sentence"' in page
    assert 'href="#declined-reason"' in page


def test_forwarding_names_the_authority(desk: CheckingClient, session: Session) -> None:
    incident = make_contribution(session)
    assert move(desk, incident, "forwarded", sentence="Route départementale.").status_code == 422
    move(desk, incident, "forwarded", sentence="Route départementale.", recipient="Département")
    session.refresh(incident)
    assert incident.forwarded_to == "Département"


def test_a_resolution_says_who_claims_it(desk: CheckingClient, session: Session) -> None:
    incident = make_contribution(session)
    move(desk, incident, "resolved", sentence="Ampoule changée.", claimed_by="neighbour")
    change = session.scalars(select(StatusChange).where(StatusChange.to_status == "resolved")).one()
    assert change.claimed_by == "neighbour"


def test_a_case_changed_meanwhile_is_a_conflict_that_loses_nothing(
    desk: CheckingClient, session: Session
) -> None:
    incident = make_contribution(session)
    move(desk, incident, "planned")
    session.refresh(incident)
    answer = move(desk, incident, "resolved", seen="received", sentence="Mon long texte.")
    assert answer.status_code == 409
    html = answer.get_data(as_text=True)
    assert "Mon long texte." in html
    assert "Planifié" in html
    session.refresh(incident)
    assert incident.status == "planned"


def test_who_closed_a_case_is_not_offered_to_dismiss_its_contest(
    desk: CheckingClient, session: Session
) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author)
    move(desk, incident, "resolved", sentence="Réparé.")
    session.refresh(incident)
    move_kernel(
        session,
        incident,
        "contested",
        actor=actor(author),
        standing={Party.AUTHOR},
        sentence="Non.",
    )
    session.commit()
    page = desk.get(f"/desk/{incident.reference}").get_data(as_text=True)
    assert 'id="move-declined"' not in page
    assert "une autre personne décidera" in page
    bulk = desk.get(f"/desk/bulk?contribution={incident.reference}").get_data(as_text=True)
    assert "Classer sans suite" not in bulk
    words = {"sentence": "Rien à refaire.", "reason": "other"}
    answer = move(desk, incident, "declined", **words)
    assert answer.status_code == 403
    assert "Rien à refaire." in answer.get_data(as_text=True)
    other = make_account(session, "other@example.org", Role.AGENT)
    desk.sign_in(other)
    assert move(desk, incident, "declined", **words).status_code == 303


def test_an_unknown_step_is_refused(desk: CheckingClient, session: Session) -> None:
    incident = make_contribution(session)
    for to in ("confirmed", "nowhere", "duplicate", "withdrawn"):
        assert move(desk, incident, to).status_code in {403, 409}
    session.refresh(incident)
    assert incident.status == "received"


def test_an_agent_leaves_their_own_report_to_others(
    desk: CheckingClient, session: Session, agent: Account
) -> None:
    own = make_contribution(session, author=agent)
    assert move(desk, own, "planned").status_code in {403, 409}
    session.refresh(own)
    assert own.status == "received"


def test_a_kept_reply_goes_into_the_sentence_without_script(
    desk: CheckingClient, session: Session, roads: Department
) -> None:
    incident = make_contribution(session)
    answer = desk.send(
        "/desk/replies",
        {"title": "Ampoule", "body": "Ampoule remplacée.", "department": str(roads.id)},
    )
    assert answer.status_code == 303
    reply = session.scalars(select(SavedReply)).one()
    page = move(desk, incident, "resolved", insert=str(reply.id), sentence="Bonjour.")
    assert page.status_code == 200
    html = page.get_data(as_text=True)
    assert "Bonjour." in html
    assert re.search(r"<textarea[^>]*id=\"resolved-sentence\"[^>]*>[^<]*Ampoule remplacée\.", html)
    session.refresh(incident)
    assert incident.status == "received"


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("incident", "declined", "Sans suite"),
        ("idea", "declined", "Non retenue"),
        ("incident", "forwarded", "Transmis"),
        ("", "withdrawn", "Retiré par l’auteur / Retirée par l’auteur"),
    ],
)
def test_a_kept_reply_names_its_step_as_its_kind_does(
    desk: CheckingClient, session: Session, roads: Department, kind: str, status: str, said: str
) -> None:
    form = {"title": "Une", "body": "Non.", "department": str(roads.id)}
    assert desk.send("/desk/replies", form | {"kind": kind, "status": status}).status_code == 303
    assert f"<span>{said}</span></span>" in desk.get("/desk/replies").text


def test_replies_of_other_departments_are_theirs(desk: CheckingClient, session: Session) -> None:
    parks = session.scalars(select(Department).where(Department.code == "espaces-verts")).one()
    reply = SavedReply(title="Arbre", body="Taillé.", department_id=parks.id)
    session.add(reply)
    session.commit()
    assert desk.get(f"/desk/replies/{reply.id}").status_code == 403
    assert desk.send(f"/desk/replies/{reply.id}/delete").status_code == 403
    bad = {"title": "A", "body": "B", "department": str(parks.id)}
    assert desk.send("/desk/replies", bad).status_code == 422


def test_own_replies_are_changed_and_deleted(
    desk: CheckingClient, session: Session, roads: Department
) -> None:
    reply = SavedReply(title="Lampe", body="Changée.", department_id=roads.id)
    session.add(reply)
    session.commit()
    said = {"title": "Lampe", "body": "Remplacée.", "department": str(roads.id)}
    assert desk.get(f"/desk/replies/{reply.id}").status_code == 200
    assert desk.send(f"/desk/replies/{reply.id}", said).status_code == 303
    session.refresh(reply)
    assert reply.body == "Remplacée."
    assert desk.send(f"/desk/replies/{reply.id}/delete").status_code == 303
    assert session.scalars(select(SavedReply)).all() == []


def test_notes_are_for_colleagues(
    desk: CheckingClient, session: Session, client: CheckingClient
) -> None:
    incident = make_contribution(session)
    url = f"/desk/{incident.reference}"
    assert desk.send(f"{url}/notes", {"body": " "}).status_code == 422
    assert desk.send(f"{url}/notes", {"body": "Rappeler lundi <b>matin</b>."}).status_code == 303
    assert "Rappeler lundi &lt;b&gt;" in desk.get(url).get_data(as_text=True)
    desk.sign_out()
    public = desk.get(f"/incidents/{incident.reference}").get_data(as_text=True)
    assert "Rappeler lundi" not in public


def test_assigning_to_a_colleague_only(
    desk: CheckingClient, session: Session, agent: Account
) -> None:
    incident = make_contribution(session)
    stranger = make_account(session)
    url = f"/desk/{incident.reference}/assign"
    assert desk.send(url, {"account": str(stranger.id)}).status_code == 422
    assert desk.send(url, {"account": str(agent.id)}).status_code == 303
    session.refresh(incident)
    assert incident.assigned_to_id == agent.id
    entry = session.scalars(select(HistoryEntry)).one()
    assert (entry.field, entry.is_public) == ("assigned_to", False)
    assert desk.send(url, {"account": ""}).status_code == 303
    session.refresh(incident)
    assert incident.assigned_to_id is None


def test_reclassifying_says_why_and_hands_over(desk: CheckingClient, session: Session) -> None:
    incident = make_contribution(session)
    waste = session.scalars(select(Category).where(Category.code == "depot")).one()
    url = f"/desk/{incident.reference}/reclassify"
    assert desk.send(url, {"category": str(waste.id), "why": ""}).status_code == 422
    answer = desk.send(url, {"category": str(waste.id), "why": "C'est un dépôt."})
    assert answer.status_code == 303
    assert answer.location.endswith("/desk")
    session.refresh(incident)
    assert incident.category_id == waste.id
    assert incident.department_id == waste.department_id


def test_a_category_of_another_kind_is_refused(desk: CheckingClient, session: Session) -> None:
    incident = make_contribution(session)
    ideas = session.scalars(select(Category).where(Category.code == "cadre-de-vie")).one()
    answer = desk.send(
        f"/desk/{incident.reference}/reclassify", {"category": str(ideas.id), "why": "Essai."}
    )
    assert answer.status_code == 422


def test_several_cases_take_one_step_together(desk: CheckingClient, session: Session) -> None:
    cases = [make_contribution(session, title=f"Lampe {n}") for n in range(3)]
    other = make_contribution(session, title="Autre service", category="depot")
    references = [case.reference for case in (*cases, other)]
    page = desk.get("/desk/bulk", query_string={"contribution": references})
    assert page.status_code == 200
    assert other.title not in page.get_data(as_text=True)
    data = {"contribution": references, "to": "resolved", "seen": "received", "view": "new"}
    assert desk.send("/desk/bulk", data).status_code == 422
    reply = SavedReply(title="Merci", body="Merci du signalement.")
    session.add(reply)
    session.commit()
    inserting = data | {"sentence": "Réparé.", "insert": str(reply.id)}
    assert "Réparé.\n\nMerci du signalement." in desk.send("/desk/bulk", inserting).text
    done = desk.send("/desk/bulk", data | {"sentence": "Réparé."})
    assert done.status_code == 303
    assert "/desk?view=new&done=" in done.location, "back to where they were chosen"
    for case in cases:
        session.refresh(case)
        assert case.status == "resolved"
    session.refresh(other)
    assert other.status == "received"
    assert desk.send("/desk/bulk", data | {"sentence": "Encore."}).status_code in {409, 422}


def test_a_mixed_choice_is_explained(desk: CheckingClient, session: Session) -> None:
    one, other = make_contribution(session), make_contribution(session)
    move(desk, other, "planned")
    page = desk.get(
        "/desk/bulk", query_string={"contribution": [one.reference, other.reference, "x"]}
    )
    assert "à la même étape" in page.get_data(as_text=True)
    assert desk.get("/desk/bulk").status_code == 200


def test_the_authors_address_is_for_who_is_in_charge(
    desk: CheckingClient, session: Session
) -> None:
    author = make_account(session, "secret@example.org")
    incident = make_contribution(session, author=author)
    url = f"/desk/{incident.reference}"
    assert "secret@example.org" in desk.get(url).get_data(as_text=True)
    desk.sign_out()
    page = desk.get(f"/incidents/{incident.reference}").get_data(as_text=True)
    assert "secret@example.org" not in page


def test_the_public_page_leads_the_staff_in_charge_to_the_desk(
    desk: CheckingClient, session: Session
) -> None:
    incident = make_contribution(session)
    assert "Traiter au bureau" in desk.get(f"/incidents/{incident.reference}").get_data(
        as_text=True
    )
    desk.sign_out()
    assert "Traiter au bureau" not in desk.get(f"/incidents/{incident.reference}").get_data(
        as_text=True
    )


def test_a_mediator_sees_the_contested(client: CheckingClient, session: Session) -> None:
    author = make_account(session)
    contested = make_contribution(session, author=author, title="Contesté")
    make_contribution(session, title="Ordinaire")
    contested.status = "contested"
    session.commit()
    client.sign_in(make_account(session, "mediator@example.org", Role.MEDIATOR))
    assert 'href="/desk"' in client.get("/moderation/appeals").get_data(as_text=True)
    html = client.get("/desk").get_data(as_text=True)
    assert "Contesté" in html
    assert "Ordinaire" not in html
    answer = move(client, contested, "in_progress")
    assert answer.status_code == 303


def test_what_took_twice_its_time_tops_the_mediators_list(
    client: CheckingClient, session: Session
) -> None:
    now = utcnow()
    for number in range(52):
        contested = make_contribution(session, title=f"Contesté {number}")
        contested.status = "contested"
        contested.submitted_at = now - timedelta(days=400)
        contested.due_at = now - timedelta(days=100)
    late = make_contribution(session, title="Deux fois trop long")
    slow = make_contribution(session, title="Un peu en retard")
    late.submitted_at = slow.submitted_at = now - timedelta(days=31)
    late.due_at, slow.due_at = now - timedelta(days=16), now - timedelta(days=2)
    session.commit()
    client.sign_in(make_account(session, "mediator@example.org", Role.MEDIATOR))
    html = client.get("/desk").get_data(as_text=True)
    assert html.index("Deux fois trop long") < html.index("Contesté 0")
    assert "Un peu en retard" not in html
    found = re.search(r'rel="next" href="([^"]+)"', html)
    assert found is not None
    following = client.get(found[1].replace("&amp;", "&")).get_data(as_text=True)
    assert "Contesté 51" in following
    assert "Deux fois trop long" not in following


@pytest.mark.parametrize(
    "path",
    [
        "/desk?view=x&sort=y&q=%00&after=~~",
        "/desk?after=2026-01-01T00:00:00~1",
        "/desk?sort=support&after=a~b",
        "/desk?q=%27%22%3Cscript%3E",
        "/desk/bulk?contribution=%00&to=x",
        "/desk/replies/99999999999",
    ],
)
def test_hostile_addresses_are_answered(desk: CheckingClient, path: str) -> None:
    assert desk.get(path).status_code in {200, 404}


def test_hostile_text_is_shown_as_text(desk: CheckingClient, session: Session) -> None:
    incident = make_contribution(session, title="<script>alert(1)</script>", body="<svg onload=x>")
    for url in ("/desk", f"/desk/{incident.reference}"):
        html = desk.get(url).get_data(as_text=True)
        assert "<script>alert" not in html
        assert "<svg onload" not in html


def test_the_queue_asks_the_same_whatever_is_owed(
    desk: CheckingClient, session: Session, agent: Account
) -> None:
    counts = []
    for _ in range(2):
        for _ in range(5):
            case = make_contribution(session, author=make_account(session))
            case.assigned_to = make_account(session, "", Role.AGENT)
        session.commit()
        with counting(db.engine) as statements:
            assert desk.get("/desk").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 10


def test_a_case_asks_a_bounded_number_of_questions(desk: CheckingClient, session: Session) -> None:
    incident = make_contribution(session, author=make_account(session))
    with counting(db.engine) as statements:
        assert desk.get(f"/desk/{incident.reference}").status_code == 200
    assert len(statements) <= 22
