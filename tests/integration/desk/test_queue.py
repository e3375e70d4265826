"""What is to be done, and only that; from a case to the next of the list, and back to the list."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account, RoleGrant
from civic.contributions.models import Contribution, Deadline, Due
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.database import utcnow
from civic.desk.filters import VIEWS
from civic.desk.models import SavedReply
from civic.desk.queries import DeskFilters, count_views, list_cases, list_colleagues, list_replies
from civic.moderation import operations as moderation
from civic.moderation.operations.statements import Grounds
from civic.notifications.schedule import crossed_since
from civic.places.models import Area
from civic.taxonomy.models import Category, Department
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution

GROUNDS = Grounds(clause="2", facts="Un visage.")


@pytest.fixture
def roads(session: Session, town: Any) -> Department:
    return session.scalars(select(Department).where(Department.code == "voirie")).one()


@pytest.fixture
def agent(session: Session, town: Any) -> Account:
    return make_account(session, "agent@example.org", Role.AGENT)


def views_of(session: Session, agent: Account, case: Contribution, words: str = "") -> set[str]:
    """Return the views that list the case; each of them counts it."""
    session.commit()
    found = {
        view
        for view in VIEWS
        if case in list_cases(session, actor(agent), DeskFilters(view, words)).cases
    }
    counts = count_views(session, actor(agent), words)
    assert {view for view, count in counts.items() if count} == found & set(counts)
    return found - {"all"}


@pytest.mark.parametrize("stays_due", [False, True])
def test_what_was_taken_down_is_left_alone_unless_the_problem_stays(
    session: Session, agent: Account, roads: Department, *, stays_due: bool
) -> None:
    moderator = make_account(session, "", Role.MODERATOR)
    case = make_contribution(session)
    case.submitted_at, case.due_at = utcnow() - timedelta(days=9), utcnow() - timedelta(days=5)
    session.execute(delete(Deadline).where(Deadline.what == Due.ACKNOWLEDGE))
    case.assigned_to = agent
    due = {"mine", "open", "new", "late", "doubled"}
    assert views_of(session, agent, case) == due
    moderation.hide(session, case, actor=actor(moderator), grounds=GROUNDS, stays_due=stays_due)
    assert views_of(session, agent, case) == (due if stays_due else {"closed"})
    mediator = make_account(session, "", Role.MEDIATOR)
    assert bool(views_of(session, mediator, case)) is stays_due
    week_ago = utcnow() - timedelta(days=7)
    assert bool(crossed_since(session, roads, week_ago, utcnow())) is stays_due
    moderation.restore(session, case, actor=actor(moderator), grounds=Grounds())
    assert views_of(session, agent, case) == due


def test_a_contested_file_that_was_taken_down_waits_for_nobody(
    session: Session, agent: Account
) -> None:
    case = make_contribution(session)
    case.status = "contested"
    assert "contested" in views_of(session, agent, case)
    moderator = actor(make_account(session, "", Role.MODERATOR))
    moderation.hide(session, case, actor=moderator, grounds=GROUNDS)
    assert views_of(session, agent, case) == {"closed"}


def test_the_moderator_says_that_the_problem_stays(
    client: CheckingClient, session: Session, agent: Account
) -> None:
    client.sign_in(make_account(session, "", Role.MODERATOR))
    for says in (False, True):
        case = make_contribution(session)
        page = client.get(f"/moderation/{case.id}").text
        assert "Le problème reste à traiter" in page
        form = {"hide-clause": "2", "hide-facts": "Un visage.", "hide-state": "published"}
        form |= {"hide-stays_due": "y"} if says else {}
        assert client.send(f"/moderation/{case.id}/hide", form).status_code == 303
        session.refresh(case)
        assert ("open" in views_of(session, agent, case)) is says


def test_an_idea_is_due_once_the_town_is_asked(session: Session, agent: Account) -> None:
    idea = make_contribution(session, "idea")
    assert views_of(session, agent, idea) == {"ideas"}
    move(session, idea, "under_review", actor=actor(agent), standing={Party.AGENT})
    assert views_of(session, agent, idea) == {"ideas", "open"}


def test_a_search_looks_in_all_and_each_tab_counts_what_it_found(
    client: CheckingClient, session: Session, agent: Account
) -> None:
    cases = {to: make_contribution(session, title=f"Épave {to}") for to in ("", "resolved")}
    make_contribution(session, title="Autre chose")
    moving = {"actor": actor(agent), "standing": {Party.AGENT}, "sentence": "Fait."}
    move(session, cases["resolved"], "resolved", **moving)
    session.commit()
    client.sign_in(agent)
    page = client.get("/desk?q=epave").text
    assert all(case.title in page for case in cases.values())
    assert "Autre chose" not in page
    tabs = dict(re.findall(r'<span>([^<]+)</span><span class="count"><span[^>]*>(\d+)', page))
    assert (tabs["Tous"], tabs["Tout ce qui est dû"], tabs["Clos ou retirés"]) == ("2", "1", "1")
    assert cases["resolved"].title not in client.get("/desk?q=epave&view=open").text


def test_after_a_step_comes_the_next_of_the_list_and_back_leads_to_it(
    client: CheckingClient, session: Session, agent: Account
) -> None:
    cases = [make_contribution(session, title=f"Lampe {n}") for n in range(4)]
    for days, case in enumerate(cases):
        case.due_at = utcnow() + timedelta(days=days - 9)
    make_contribution(session, title="Lampe à venir")
    session.commit()
    client.sign_in(agent)
    page = client.get("/desk?view=late&sort=due&q=lampe").text
    links = re.findall(r'href="(/desk/S-[^"]+)"', page)
    assert [case.reference in link for case, link in zip(cases, links, strict=True)] == [True] * 4
    first = links[0].replace("&amp;", "&")
    shown = client.get(first).text
    assert "Dossier suivant" in shown
    action = re.search(r'action="([^"#]+/move/acknowledged[^"#]*)', shown)
    assert action is not None
    done = client.send(action[1].replace("&amp;", "&"), {"seen": "received"})
    assert f"/desk/{cases[1].reference}?" in done.location
    assert "view=late" in done.location
    assert "q=lampe" in done.location
    following = client.get(done.location).text
    assert cases[0].reference in following, "what was just done is still to be undone"
    back = re.search(r'href="(/desk\?[^"]+)"', following)
    assert back is not None
    assert client.get(back[1].replace("&amp;", "&")).text.count("Lampe à venir") == 0
    undo = re.search(
        r'action="(/c/[^"]+/undo[^"]*)".*?name="step" value="(\d+)"', following, re.DOTALL
    )
    assert undo is not None
    undone = client.send(undo[1].replace("&amp;", "&"), {"step": undo[2]})
    assert f"/desk/{cases[0].reference}?" in undone.location
    assert "view=late" in undone.location
    last = links[3].replace("&amp;", "&").replace("?", "/move/planned?")
    ended = client.send(last, {"seen": "received"})
    assert ended.location.startswith("/desk?")
    assert "Annuler cette étape" in client.get(ended.location).text


@pytest.mark.parametrize("sort", ["due", "support", "newest"])
def test_the_next_one_is_that_of_every_order(
    client: CheckingClient, session: Session, agent: Account, sort: str
) -> None:
    for number in range(5):
        case = make_contribution(session, title=f"Cas {number}")
        case.vote_count = number % 2
        case.due_at = None if number == 3 else case.due_at
    session.commit()
    client.sign_in(agent)
    page = client.get(f"/desk?sort={sort}").text
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/desk/S-[^"]+)"', page)]
    for here, there in zip(links, [*links[1:], ""], strict=True):
        found = re.search(
            r'href="([^"]+)"[^>]*>(?:(?!</a>).)*Dossier suivant', client.get(here).text
        )
        assert (found[1].replace("&amp;", "&").split("?")[0] if found else "") == there.split("?")[
            0
        ]


def test_a_reply_is_offered_where_it_suits(
    client: CheckingClient, session: Session, agent: Account, roads: Department
) -> None:
    lights = session.scalars(select(Category).where(Category.code == "eclairage")).one()
    for title, more in {
        "Pour tous": {},
        "Pour les idées": {"kind": "idea"},
        "Pour les signalements": {"kind": "incident"},
        "Pour l’éclairage": {"category_id": lights.id},
        "Pour l’éclairage clos": {"category_id": lights.id, "status": "resolved"},
        "Pour la voirie": {"department_id": roads.id},
    }.items():
        session.add(SavedReply(title=title, body=f"{title}.", **more))
    session.commit()
    lamp, tree = make_contribution(session), make_contribution(session, "idea")

    def offered(case: Contribution) -> set[str]:
        return {
            one.title.removeprefix("Pour ") for one in list_replies(session, actor(agent), case)
        }

    assert offered(tree) == {"tous", "les idées"}
    everything = {"tous", "les signalements", "l’éclairage", "l’éclairage clos", "la voirie"}
    assert offered(lamp) == everything
    client.sign_in(agent)
    page = client.get(f"/desk/{lamp.reference}").text
    resolving = page[page.index('id="move-resolved"') :].split("</details>")[0]
    asking = page[page.index('id="move-question_asked"') :].split("</details>")[0]
    assert "Pour l’éclairage clos" in resolving
    assert "Pour l’éclairage clos" not in asking
    assert "Pour l’éclairage" in asking


def test_a_reply_of_another_kind_is_not_put_in(
    client: CheckingClient, session: Session, agent: Account
) -> None:
    other = SavedReply(title="Idée", body="Merci de votre idée.", kind="idea")
    session.add(other)
    session.commit()
    case = make_contribution(session)
    client.sign_in(agent)
    form = {"seen": "received", "insert": str(other.id)}
    page = client.send(f"/desk/{case.reference}/move/resolved", form)
    assert page.status_code == 200
    assert "Merci de votre idée." not in page.text


def test_only_who_works_there_is_offered(session: Session, agent: Account) -> None:
    areas = {one.slug: one.id for one in session.scalars(select(Area))}
    departments = {one.code: one for one in session.scalars(select(Department))}
    case = make_contribution(session, area_id=areas["ouest"])
    for name, code, slug in (
        ("here", "voirie", "ouest"),
        ("around", "voirie", "village-sur-test"),
        ("elsewhere", "voirie", "est"),
        ("anywhere", "voirie", None),
        ("other", "proprete", "ouest"),
    ):
        account = make_account(session, f"{name}@example.org")
        grant = RoleGrant(role=Role.AGENT, department_id=departments[code].id)
        grant.area_id = areas[slug] if slug else None
        account.grants.append(grant)
    session.commit()
    assert {one.display_name for one in list_colleagues(session, case)} == {
        "agent",
        "here",
        "around",
        "anywhere",
    }
