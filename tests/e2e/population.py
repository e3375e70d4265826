"""Who lives in the town of the journeys, and what has happened there before they begin."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.accounts.operations.address import CHANGE, LIFE, STOP
from civic.accounts.operations.capabilities import issue_capability, subject_of
from civic.actions.models import Action
from civic.actions.operations import ActionDraft, MilestoneDraft, create_action, post_update
from civic.comments.models import Stance
from civic.comments.operations import add_comment
from civic.contributions.models import Audience, Contribution
from civic.desk.models import SavedReply
from civic.desk.operations import Step, add_note, answer, move_case, save_reply
from civic.flags.models import FlagReason
from civic.flags.operations import raise_flag
from civic.moderation.models import Appeal, AppealOutcome, Decision
from civic.moderation.operations import Grounds, answer_appeal, hide, submit_appeal
from civic.notifications.links import refusal_path
from civic.places.addresses import import_addresses
from civic.places.areas import import_areas
from civic.places.geometry import Position
from civic.places.models import Area, AreaLevel
from civic.taxonomy.models import AnswerType, Category, CategoryQuestion, Department
from civic.votes.operations import vote
from tests.factories import actor, make_account, make_contribution, make_town, square

STREETS = {
    "Rue Colbert": (48.1050, -1.6900),
    "Rue de la Paix": (48.1150, -1.6700),
    "Chemin Vert": (48.1170, -1.6950),
    "Allée des Tilleuls": (48.1030, -1.6650),
    "Impasse du Lavoir": (48.1020, -1.6780),
    "Quai Dupont": (48.1180, -1.6830),
}
"""Far apart: two reports on one street are taken for near duplicates, whichever test came first."""
ROLES = {
    "agent": Role.AGENT,
    "moderator": Role.MODERATOR,
    "mediator": Role.MEDIATOR,
    "administrator": Role.ADMINISTRATOR,
}
INSULT = Grounds(clause="1", facts="Une insulte au deuxième paragraphe.")


@dataclass(frozen=True, slots=True)
class Known:
    """Addresses and numbers that the tests name."""

    people: dict[str, int]
    """The account of each role, of a resident, and of one whose words were hidden."""
    paths: dict[str, str]
    """Words for the parts of addresses: ``{incident}``, ``{decision}``…"""


def populate(session: Session) -> Known:
    """Make the town: people of every role, a few contributions of every state, an action."""
    make_town(session).is_demo = True
    import_addresses(session, _addresses())
    session.commit()
    people = {
        name: make_account(session, f"{name}@example.org", role) for name, role in ROLES.items()
    }
    people["resident"] = make_account(session, "resident@example.org")
    people["offender"] = make_account(session, "offender@example.org")
    neighbour = make_account(session, "neighbour@example.org")
    paths = _contributions(session, people, neighbour)
    paths |= _moderated(session, people, neighbour)
    paths |= _without_a_space(session, people, neighbour)
    paths |= _seldom_seen(session, people)
    return Known({name: account.id for name, account in people.items()}, paths)


def promote(session: Session, items: list[Contribution], agent: Account, title: str) -> Action:
    """Turn contributions into an action."""
    roads = session.scalars(select(Department).where(Department.code == "voirie")).one()
    draft = ActionDraft(
        title=title,
        body="Dix lampes, rue par rue.",
        department=roads,
        start_on=date(2026, 12, 1),
        end_on=date(2027, 2, 1),
        cost=12_000,
        milestones=[
            MilestoneDraft("Commande", date(2026, 12, 1), is_done=True),
            MilestoneDraft("Pose", date(2027, 1, 15)),
        ],
    )
    return create_action(session, draft, items, actor=actor(agent))


def _addresses() -> list[dict[str, str]]:
    return [
        {
            "numero": str(number),
            "nom_voie": name,
            "code_postal": "35000",
            "lat": str(lat + number / 10_000),
            "lon": str(lon),
        }
        for name, (lat, lon) in STREETS.items()
        for number in (1, 3, 5)
    ]


def _contributions(
    session: Session, people: dict[str, Account], neighbour: Account
) -> dict[str, str]:
    resident, agent = people["resident"], people["agent"]
    incident = make_contribution(
        session, author=resident, title="Banc cassé au square", category="depot"
    )
    idea = make_contribution(
        session, "idea", author=resident, title="Un verger pour tous", body="Des **pommiers**."
    )
    for item in (incident, idea):
        vote(session, item, actor=actor(neighbour))
        comment = add_comment(session, item, actor=actor(neighbour), body="Bonne remarque.")
        add_comment(session, item, actor=actor(resident), body="Merci !", parent_id=comment.id)
    add_comment(session, idea, actor=actor(agent), body="Trop cher ?", stance=Stance.AGAINST)
    closed = make_contribution(session, author=resident, title="Trou dans la chaussée")
    sentence = "Le trou est rebouché depuis mardi."
    move_case(session, closed, Step("resolved", "received", sentence), actor=actor(agent))
    answer(session, incident, "Le code du square ?", audience=Audience.AUTHOR, actor=actor(agent))
    linked = [
        make_contribution(
            session,
            author=neighbour,
            title=f"Lampe éteinte {number}",
            position=Position(48.1160 + number / 1000, -1.6800),
        )
        for number in range(3)
    ]
    session.commit()
    action = promote(session, linked, agent, "Refaire les lampes")
    post_update(
        session, action, actor=actor(agent), body="Les lampes sont commandées.", to="scheduled"
    )
    session.add(SavedReply(title="Merci du signalement", body="Merci, nous passons cette semaine."))
    session.commit()
    return {
        "incident": incident.reference,
        "idea": idea.reference,
        "closed": closed.reference,
        "action": action.slug,
    }


def _moderated(session: Session, people: dict[str, Account], neighbour: Account) -> dict[str, str]:
    held = make_contribution(session, held=True, title="Un voisin bruyant", author=neighbour)
    flagged = make_contribution(session, title="Affiches partout", author=neighbour)
    flag = raise_flag(
        session,
        flagged,
        actor=actor(people["resident"]),
        reason=FlagReason.SPAM,
        text="Toujours les mêmes.",
    )
    hidden = make_contribution(session, title="Propos retirés", author=people["offender"])
    decision = _decided(session, hidden, people["moderator"])
    waiting = submit_appeal(
        session, decision, actor=actor(people["offender"]), text="C’était de l’humour."
    )
    other = make_contribution(session, title="Autres propos retirés", author=people["offender"])
    answered = _decided(session, other, people["moderator"])
    appeal: Appeal = submit_appeal(session, answered, actor=actor(people["offender"]), text="")
    answer_appeal(
        session,
        appeal,
        actor=actor(people["mediator"]),
        outcome=AppealOutcome.REJECTED,
        answer="La phrase visait une personne.",
    )
    mine = make_contribution(session, title="Encore des propos retirés", author=people["offender"])
    open_decision = _decided(session, mine, people["moderator"])
    session.commit()
    return {
        "held": str(held.id),
        "flagged": str(flagged.id),
        "hidden": hidden.reference,
        "receipt": flag.receipt,
        "decision": open_decision.reference,
        "answered": answered.reference,
        "appeal": str(waiting.id),
        "neighbour": str(neighbour.id),
    }


def _seldom_seen(session: Session, people: dict[str, Account]) -> dict[str, str]:
    """What the rarer pages are about."""
    resident, agent = people["resident"], people["agent"]
    fresh = make_contribution(session, "idea", author=resident, title="Des bancs à l’ombre")
    asked = make_contribution(session, author=resident, title="Une odeur étrange")
    question = "Est-ce le jour ou la nuit ?"
    move_case(session, asked, Step("question_asked", "received", question), actor=actor(agent))
    comment = add_comment(session, asked, actor=actor(resident), body="Surtout la nuit.")
    category = session.scalars(select(Category)).first()
    assert category is not None
    extra = CategoryQuestion(
        category=category, code="taille", label="Quelle taille ?", answer_type=AnswerType.STRING
    )
    session.add(extra)
    reply = save_reply(
        session,
        None,
        actor=actor(agent),
        title="Merci",
        body="Merci beaucoup.",
        department_id=category.department_id,
        status="",
    )
    scope = {"before": resident.email, "after": "autre@example.org"}
    links = {
        name: issue_capability(
            session, purpose=purpose, subject=subject_of(resident), scope=scope, life=LIFE
        )
        for name, purpose in (("change", CHANGE), ("stop", STOP))
    }
    session.commit()
    return links | {
        "fresh": fresh.reference,
        "asked": asked.reference,
        "comment": str(comment.id),
        "question": str(extra.id),
        "reply": str(reply.id),
        "refusal": refusal_path("account", resident.id, "comments"),
    }


def _without_a_space(
    session: Session, people: dict[str, Account], neighbour: Account
) -> dict[str, str]:
    """Texts of one word, as long as may be: no page may grow wider for them."""
    word, agent = "Anticonstitutionnellement" * 6, people["agent"]
    neighbour.display_name = word[:80]
    incident = make_contribution(
        session,
        author=neighbour,
        title=word[:136],
        body=word * 3,
        address=word,
        **_long_names(session, word, agent),
    )
    idea = make_contribution(session, "idea", author=neighbour, title=word[:136], body=word * 3)
    for item in (incident, idea):
        add_comment(session, item, actor=actor(people["resident"]), body=word * 3)
    add_note(session, incident, actor=actor(agent), body=word * 3)
    sentence = f"https://example.org/{word}"
    move_case(session, incident, Step("planned", "received", sentence), actor=actor(agent))
    raise_flag(
        session,
        incident,
        actor=actor(people["resident"]),
        reason=FlagReason.OTHER,
        text=word * 3,
    )
    session.commit()
    action = promote(session, [idea], agent, word[:136])
    post_update(session, action, actor=actor(agent), body=word * 3, to="scheduled")
    session.commit()
    return {
        "long_incident": incident.reference,
        "long_idea": idea.reference,
        "long_action": action.slug,
        "long_flagged": str(incident.id),
    }


def _long_names(session: Session, word: str, agent: Account) -> dict[str, Any]:
    """Give a department, a category, its question, an area and a reply a name of one word."""
    department = Department(code="long", name=word[:136], name_en=word[:136])
    session.add(department)
    session.flush()
    category = Category(
        code="long",
        name=word[:120],
        name_en=word[:120],
        kinds=["incident"],
        department_id=department.id,
        position=99,
    )
    category.questions.append(
        CategoryQuestion(code="long", label=word[:136], answer_type=AnswerType.STRING)
    )
    session.add(category)
    session.flush()
    save_reply(
        session,
        None,
        actor=actor(agent),
        title=word[:120],
        body=word,
        department_id=department.id,
        status="",
        kind="incident",
        category_id=category.id,
    )
    outline = {"name": word[:136], "geometry": square(48.1190, -1.6610, 48.1195, -1.6605)}
    import_areas(session, [outline], AreaLevel.PARK, "name")
    area = session.scalars(select(Area).where(Area.level == AreaLevel.PARK)).one()
    answers = {"long": word}
    return {"category": "long", "area_id": area.id, "answers": answers}


def _decided(session: Session, contribution: Any, moderator: Account) -> Decision:
    return hide(session, contribution, actor=actor(moderator), grounds=INSULT)
