"""Every form of the site in which a person writes, found by opening the pages they stand on."""

import re
from dataclasses import dataclass
from pathlib import Path

from justhtml import JustHTML
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.actions.operations import ActionDraft, create_action
from civic.attachments.models import Photo
from civic.attachments.operations import set_photo_state
from civic.comments.operations import add_comment
from civic.contributions.models import Contribution, ModerationState
from civic.desk import operations as desk
from civic.moderation import operations as moderation
from civic.moderation.operations import Grounds
from civic.participation.operations import add_photos
from civic.places.models import Area
from civic.taxonomy.models import AnswerType, Category, CategoryQuestion, Department
from tests.factories import actor, make_account, make_contribution

WRITTEN = ("text", "search", "email", "tel", "url", "")
WHY = Grounds(clause="1", facts="Une insulte au deuxième paragraphe.")


@dataclass
class Written:
    """One form: where it stands, where it is sent, what it sends, and which of it are words."""

    page: str
    action: str
    data: dict[str, str]
    words: list[str]
    draft: str


@dataclass
class Place:
    """A page, and who opens it."""

    who: Account | None
    path: str


def forms_on(html: str, path: str, *, wordless: bool = False) -> list[Written]:
    """The forms of a page that are sent by POST and have room for words; or all of them."""
    found = []
    for form in JustHTML(html, sanitize=False).query("form"):
        if form.attrs.get("method", "get").lower() != "post":
            continue
        data: dict[str, str] = {}
        words: list[str] = []
        for node in form.query("input, textarea, select"):
            name, kind = node.attrs.get("name"), node.attrs.get("type", "")
            if not name or kind in {"file", "submit", "password"}:
                continue
            if kind in {"checkbox", "radio"} and "checked" not in node.attrs:
                continue
            data[name] = node.attrs.get("value", "") if node.name == "input" else ""
            if node.name == "select":
                chosen = node.query("option[selected]") or node.query("option")
                data[name] = chosen[0].attrs.get("value", "") if chosen else ""
            elif node.name == "textarea":
                data[name] = node.to_text().strip()
            if node.name == "textarea" or (node.name == "input" and kind in WRITTEN):
                words.append(name)
        if words or wordless:
            action = form.attrs.get("action") or path
            draft = form.attrs.get("data-draft", "")
            found.append(Written(path, action.partition("#")[0], data, words, draft))
    return found


def make_places(session: Session) -> list[Place]:
    """One of each thing somebody writes about, and the pages of their forms."""
    staff = make_account(session, "staff@example.org", *Role)
    author = make_account(session, "author@example.org")
    return [
        *_of_residents(session, author, staff),
        *(Place(staff, path) for path in _of_the_desk(session, author, staff)),
        *(Place(staff, path) for path in _of_administrators(session)),
        Place(author, "/account/settings"),
    ]


def _of_residents(session: Session, author: Account, staff: Account) -> list[Place]:
    fresh = make_contribution(session, author=author, title="Toute fraîche")
    idea = make_contribution(session, "idea", author=author, title="Une idée fraîche")
    said = add_comment(session, fresh, actor=actor(author), body="Un commentaire à moi.")
    asked = _moved(session, author, staff, "question_asked")
    done = _moved(session, author, staff, "resolved")
    hidden = make_contribution(session, author=author, title="À retirer")
    decision = moderation.hide(session, hidden, actor=actor(staff), grounds=WHY)
    session.commit()
    paths = [
        "/incidents/new",
        "/ideas/new",
        f"/incidents/{fresh.reference}",
        f"/c/{fresh.reference}/comments/new",
        f"/c/{fresh.reference}/comments/new?parent={said.id}",
        f"/comments/{said.id}/edit",
        f"/c/{fresh.reference}/flag",
        f"/incidents/{fresh.reference}/edit",
        f"/ideas/{idea.reference}/edit",
        f"/incidents/{fresh.reference}/precision",
        f"/incidents/{asked.reference}/answer",
        f"/incidents/{done.reference}/contest",
        f"/decisions/{decision.reference}",
    ]
    visitors = ["/incidents/new", "/ideas/new", f"/c/{fresh.reference}/flag"]
    return [Place(author, path) for path in paths] + [Place(None, path) for path in visitors]


def _moved(session: Session, author: Account, staff: Account, to: str) -> Contribution:
    case = make_contribution(session, author=author, title=f"Vers {to}")
    step = desk.Step(to=to, seen=case.status, sentence="Où est-ce exactement ?")
    desk.move_case(session, case, step, actor=actor(staff))
    return case


def _of_the_desk(session: Session, author: Account, staff: Account) -> list[str]:
    case = make_contribution(session, author=author, title="Un dossier")
    held = make_contribution(session, author=author, title="Retenu", held=True)
    hidden = make_contribution(session, author=author, title="Retiré et contesté")
    decision = moderation.hide(
        session,
        hidden,
        actor=actor(make_account(session, "", Role.MODERATOR)),
        grounds=WHY,
    )
    appeal = moderation.submit_appeal(session, decision, actor=actor(author), text="Non.")
    suspended = make_account(session, "suspended@example.org")
    moderation.suspend(session, suspended, actor=actor(staff), grounds=WHY, days=3)
    roads = session.scalars(select(Department)).first()
    assert roads is not None
    photo = Photo(draft_token="draft", key="a" * 40, sha256="b" * 64, width=40, height=30)
    session.add(photo)
    session.flush()
    add_photos(session, case, "draft", actor=actor(staff))
    set_photo_state(session, photo, ModerationState.HIDDEN)
    reply = desk.save_reply(
        session,
        None,
        actor=actor(staff),
        title="Merci",
        body="Merci beaucoup.",
        department_id=roads.id,
        status="",
    )
    draft = ActionDraft(title="Dix lampes", body="Dix lampes neuves.", department=roads)
    action = create_action(session, draft, [case], actor=actor(staff))
    other = make_contribution(session, author=author, title="Un autre dossier")
    session.commit()
    return [
        f"/desk/{other.reference}",
        f"/desk/bulk?contribution={other.reference}",
        "/desk/new",
        "/desk/replies",
        f"/desk/replies/{reply.id}",
        f"/merge/{other.reference}",
        f"/moderation/{held.id}",
        f"/moderation/{hidden.id}",
        f"/moderation/{case.id}",
        f"/moderation/accounts/{author.id}",
        f"/moderation/accounts/{suspended.id}",
        f"/moderation/appeals/{appeal.id}",
        "/actions/new",
        f"/actions/{action.slug}",
        f"/actions/{action.slug}/edit",
        f"/actions/{action.slug}/updates",
    ]


def _of_administrators(session: Session) -> list[str]:
    department = session.scalars(select(Department)).first()
    category = session.scalars(select(Category)).first()
    area = session.scalars(select(Area)).first()
    assert department is not None
    assert category is not None
    assert area is not None
    question = CategoryQuestion(
        category=category, code="hauteur", label="Hauteur ?", answer_type=AnswerType.STRING
    )
    session.add(question)
    session.commit()
    return [
        "/administration/town",
        "/administration/legal",
        "/administration/blocked-words",
        "/administration/people",
        "/administration/departments/new",
        f"/administration/departments/{department.id}",
        "/administration/categories/new",
        f"/administration/categories/{category.id}",
        f"/administration/categories/{category.id}/questions/new",
        f"/administration/questions/{question.id}",
        f"/administration/areas/{area.id}",
    ]


def endpoints_with_words(templates: Path) -> set[str]:
    """The endpoints that the templates send forms with words to, as far as they name them."""
    found: set[str] = set()
    for path in templates.rglob("*.html"):
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", path.read_text(), re.DOTALL):
            if re.search(r"\bfield\(|<textarea|type=\"text\"", form):
                opening = form.partition(">\n")[0]
                found |= set(re.findall(r"url_for\('([a-z_.]+)'", opening))
    return found
