"""A resident reports a problem: by the map, an address or a street, signed in or not."""

import html
import io
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import has_request_context, request
from PIL import ExifTags, Image
from sqlalchemy import delete, event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civic.accounts.actor import VISITOR, Role
from civic.accounts.models import Account
from civic.accounts.tokens import new_token
from civic.attachments.models import Photo
from civic.contributions.models import Contribution, ModerationState, Scope
from civic.contributions.operations import Draft
from civic.contributions.screening_registry import HoldReason, screeners
from civic.contributions.signals import acknowledgement_due, contribution_submitted
from civic.database import utcnow
from civic.follows.models import Follow
from civic.idempotency.operations import forget_expired
from civic.incidents.operations import submit_incident
from civic.notifications.models import OutgoingEmail
from civic.participation.submission.operations import Sender
from civic.places.geometry import Position, morton_cell
from civic.places.models import Address, Area, Street, StreetWord
from civic.taxonomy.models import AnswerType, Category, CategoryQuestion, PublicationPolicy
from tests.factories import CENTRE, make_account, make_contribution

NEW = "/incidents/new"


def category_of(session: Session, code: str = "eclairage") -> Category:
    return session.scalars(select(Category).where(Category.code == code)).one()


NEARLY = Position(48.1101, -1.6811)
"""Some metres from where the form says that it is."""


def report(session: Session, **changes: Any) -> dict[str, Any]:
    """What the form sends when everything is filled in."""
    filled = {
        "lat": "48.1100000",
        "lon": "-1.6810000",
        "address": "",
        "category": str(category_of(session).id),
        "title": "Lampadaire éteint",
        "body": "Depuis une semaine, devant l'école.",
        "form_key": "k" * 32,
    }
    return {name: value for name, value in (filled | changes).items() if value is not None}


def stored(session: Session) -> list[Contribution]:
    session.expire_all()
    return list(session.scalars(select(Contribution).order_by(Contribution.id)))


def jpeg(colour: str = "red") -> io.BytesIO:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(buffer, "JPEG")
    buffer.seek(0)
    return buffer


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.get_data(as_text=True))


@pytest.fixture
def screening() -> Iterator[list[Any]]:
    before = list(screeners)
    yield screeners
    screeners[:] = before


def test_a_visitor_reports_with_nothing_but_a_place_a_category_and_a_title(
    client: Any, session: Session
) -> None:
    assert client.get(NEW).status_code == 200
    answer = client.send(NEW, report(session, body=""), page=NEW)
    assert answer.status_code == 303
    incident = stored(session)[0]
    assert answer.location == f"/incidents/{incident.reference}/received"
    assert incident.moderation_state is ModerationState.PUBLISHED
    assert incident.author_id is None
    assert incident.area is not None
    assert incident.area.slug == "ouest"
    assert incident.follow_hash is not None
    assert incident.locale == "fr"


def test_the_acknowledgement_says_what_the_law_wants(client: Any, session: Session) -> None:
    answer = client.send(NEW, report(session), page=NEW)
    page = text_of(client.get(answer.location))
    incident = stored(session)[0]
    for due in (
        incident.reference,
        "Voirie",
        "voirie@example.org",
        "1 place de la Mairie",
        "02 00 00 00 00",
        "L231-4",
        "/s/",
        "data:image/svg+xml",
    ):
        assert due in page
    assert str(incident.due_at.day) in page if incident.due_at else False


def test_an_acknowledgement_without_a_department_gives_the_towns_addresses(
    client: Any, session: Session, town: Any
) -> None:
    town.legal = {
        "publisher": "Commune de Village-sur-Test",
        "publisher_address": "2 place de l’Église",
        "contact_email": "mairie@example.org",
        "contact_telephone": "02 11 11 11 11",
    }
    category_of(session).department = None
    session.commit()
    answer = client.send(NEW, report(session, email="ana@example.org"), page=NEW)
    page = text_of(client.get(answer.location))
    mail = session.scalars(select(OutgoingEmail)).one()
    for due in town.legal.values():
        assert due in page
        assert due in mail.data["department"].values()


def test_what_a_department_leaves_empty_is_the_towns(
    client: Any, session: Session, town: Any
) -> None:
    town.legal = {"contact_email": "mairie@example.org", "contact_telephone": "02 11 11 11 11"}
    department = category_of(session).department
    assert department is not None
    department.telephone = ""
    session.commit()
    page = text_of(client.get(client.send(NEW, report(session), page=NEW).location))
    assert "02 11 11 11 11" in page
    assert "voirie@example.org" in page
    assert "mairie@example.org" not in page


def test_the_acknowledgement_is_its_authors_only(client: Any, app: Any, session: Session) -> None:
    answer = client.send(NEW, report(session), page=NEW)
    stranger = app.test_client()
    seen = stranger.get(answer.location)
    assert seen.status_code == 302
    assert "L231-4" not in seen.get_data(as_text=True)


def test_the_private_link_makes_a_visitor_the_author_again(
    client: Any, app: Any, session: Session
) -> None:
    answer = client.send(NEW, report(session), page=NEW)
    page = client.get(answer.location).get_data(as_text=True)
    found = re.search(r'value="http://localhost(/s/[^"]+)"', page)
    assert found
    other = app.test_client()
    back = other.get(found[1])
    assert back.status_code == 303
    assert back.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in back.headers["X-Robots-Tag"]
    assert "Corriger le texte" in other.get(back.location).get_data(as_text=True)
    assert "Corriger le texte" not in app.test_client().get(back.location).get_data(as_text=True)


def test_a_broken_private_link_says_what_to_do(client: Any) -> None:
    answer = client.get("/s/not-a-link")
    assert answer.status_code == 404
    assert "lien de suivi" in answer.get_data(as_text=True)


def test_an_address_without_an_account_makes_an_unverified_one(
    client: Any, session: Session
) -> None:
    owed: list[str] = []

    def note(_session: Session, follow_token: str, **_: Any) -> None:
        owed.append(follow_token)

    with acknowledgement_due.connected_to(note):
        client.send(NEW, report(session, email="New@Example.org"), page=NEW)
    incident = stored(session)[0]
    account = session.scalars(select(Account)).one()
    assert account.email == "new@example.org"
    assert not account.is_verified
    assert incident.author_id == account.id
    assert session.scalars(select(Follow.account_id)).all() == [account.id]
    assert len(owed) == 1
    assert owed[0]


def test_a_stranger_cannot_write_under_somebodys_name(client: Any, session: Session) -> None:
    make_account(session, "known@example.org")
    client.send(NEW, report(session, email="known@example.org"), page=NEW)
    assert stored(session)[0].hides_author
    page = client.get(f"/incidents/{stored(session)[0].reference}")
    assert 'byline-name">known' not in page.get_data(as_text=True)


def test_a_resident_is_the_author_and_may_stay_anonymous_for_the_public(
    client: Any, app: Any, session: Session
) -> None:
    account = make_account(session, "zebulon@example.org")
    client.sign_in(account)
    client.send(NEW, report(session, hides_author="y"), page=NEW)
    incident = stored(session)[0]
    assert incident.author_id == account.id
    assert incident.hides_author
    page = app.test_client().get(f"/incidents/{incident.reference}").get_data(as_text=True)
    assert "zebulon" not in page


def test_a_category_can_want_an_address(client: Any, session: Session) -> None:
    category_of(session).allows_anonymous = False
    session.commit()
    answer = client.send(NEW, report(session), page=NEW)
    assert answer.status_code == 422
    assert "demande une adresse électronique" in answer.get_data(as_text=True)
    assert client.send(NEW, report(session, email="a@example.org"), page=NEW).status_code == 303


def test_a_wrong_address_is_refused_beside_its_field(client: Any, session: Session) -> None:
    answer = client.send(NEW, report(session, email="not an address"), page=NEW)
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.get_data(as_text=True)
    assert stored(session) == []


def test_all_that_is_wrong_is_said_at_once(client: Any, session: Session) -> None:
    wrong = report(session, title="", lat="", lon="", category="", email="nobody")
    page = text_of(client.send(NEW, wrong, page=NEW))
    for said in (
        "Donnez un titre",
        "Indiquez le lieu",
        "Choisissez une catégorie",
        "Vérifiez cette",
    ):
        assert said in page
    category_of(session).allows_anonymous = False
    session.commit()
    page = text_of(client.send(NEW, report(session, title="", email=""), page=NEW))
    assert "Donnez un titre" in page
    assert "demande une adresse électronique" in page


@pytest.mark.parametrize(
    ("policy", "held"),
    [
        (PublicationPolicy.AFTER, False),
        (PublicationPolicy.RISK, True),
        (PublicationPolicy.BEFORE, True),
    ],
)
def test_the_category_decides_whether_a_person_reads_it_first(
    client: Any, session: Session, screening: list[Any], policy: PublicationPolicy, held: bool
) -> None:
    screening[:] = [lambda *_: [HoldReason("blocked_word", "zut")]]
    category_of(session).policy = policy
    session.commit()
    told: list[Any] = []

    def note(_session: Session, holds: Any, **_: Any) -> None:
        told.extend(holds)

    with contribution_submitted.connected_to(note):
        client.send(NEW, report(session), page=NEW)
    assert (stored(session)[0].moderation_state is ModerationState.HELD) is held
    assert bool(told) is held


def test_what_is_held_is_its_authors_only(client: Any, app: Any, session: Session) -> None:
    category_of(session).policy = PublicationPolicy.BEFORE
    session.commit()
    client.send(NEW, report(session), page=NEW)
    url = f"/incidents/{stored(session)[0].reference}"
    assert "Pas encore publié" in client.get(url).get_data(as_text=True)
    assert app.test_client().get(url).status_code == 404


def test_the_same_form_sent_twice_is_one_report(client: Any, session: Session) -> None:
    first = client.send(NEW, report(session), page=NEW)
    second = client.send(NEW, report(session, title="Un autre titre"), page=NEW)
    assert (second.status_code, second.location) == (303, first.location)
    assert len(stored(session)) == 1


def test_the_same_form_is_one_report_even_after_its_key_is_forgotten(
    client: Any, session: Session
) -> None:
    first = client.send(NEW, report(session), page=NEW)
    forget_expired(session, utcnow() + timedelta(days=31))
    session.commit()
    second = client.send(NEW, report(session, title="Un autre titre"), page=NEW)
    assert (second.status_code, second.location) == (303, first.location)
    assert len(stored(session)) == 1


def test_the_same_form_sent_twice_at_one_moment_is_no_near_duplicate(
    client: Any, app: Any, session: Session
) -> None:
    """The second arrives while the first, whose key was looked up already, keeps its photos."""
    answers: list[Any] = []
    form = report(session)
    twin = threading.Thread(
        target=lambda: answers.append(app.test_client().send(NEW, form, page=NEW))
    )

    def arrive(_session: Session) -> None:
        if has_request_context() and request.method == "POST" and twin.ident is None:
            twin.start()
            twin.join()

    event.listen(Session, "after_commit", arrive)
    try:
        answers.append(client.send(NEW, form, page=NEW))
    finally:
        event.remove(Session, "after_commit", arrive)
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert len(stored(session)) == 1


def test_another_form_is_another_report(client: Any, session: Session) -> None:
    client.send(NEW, report(session), page=NEW)
    other = report(session, form_key="z" * 32, lon="-1.6650", title="Un banc cassé")
    client.send(NEW, other, page=NEW)
    assert len(stored(session)) == 2


def test_a_place_outside_is_refused_with_the_towns_name(client: Any, session: Session) -> None:
    answer = client.send(NEW, report(session, lat="45.0", lon="3.0"), page=NEW)
    assert answer.status_code == 422
    assert "hors de Village-sur-Test" in answer.get_data(as_text=True)


def test_the_town_is_its_outline_not_its_box(client: Any, session: Session) -> None:
    outline = session.scalars(select(Area).where(Area.slug == "village-sur-test")).one()
    assert outline.outline["coordinates"][0][0] == [-1.7, 48.1]
    asked = client.get("/places/at?lat=48.11&lon=-1.67").get_json()
    assert asked["inside"] is True
    assert client.get("/places/at?lat=48.2&lon=-1.67").get_json()["inside"] is False
    assert client.get("/places/at?lat=x&lon=nan").status_code == 400


@pytest.mark.parametrize("place", [("", ""), ("nan", "nan"), ("91", "0"), ("1e999", "x")])
def test_without_a_place_the_form_comes_back_filled(
    client: Any, session: Session, place: tuple[str, str]
) -> None:
    answer = client.send(NEW, report(session, lat=place[0], lon=place[1]), page=NEW)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Indiquez le lieu" in page
    assert 'value="Lampadaire éteint"' in page
    assert "Depuis une semaine, devant l&#39;école." in page


def test_a_refused_form_keeps_the_photos(client: Any, session: Session) -> None:
    for category in session.scalars(select(Category)):
        category.policy = PublicationPolicy.AFTER
    session.commit()
    data = report(session, title="") | {"photos": [(jpeg(), "a.jpg"), (jpeg("blue"), "b.jpg")]}
    answer = client.send(NEW, data, page=NEW)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    photos = re.findall(r'name="kept_photos" value="(\d+)"', page)
    assert len(photos) == 2
    token = re.search(r'name="draft_token"[^>]*value="(\w+)"', page)
    assert token
    again = report(session, draft_token=token[1], kept_photos=[photos[1]])
    assert client.send(NEW, again, page=NEW).status_code == 303
    incident = stored(session)[0]
    assert incident.photo_count == 1
    kept = session.scalars(select(Photo).where(Photo.contribution_id == incident.id)).one()
    assert kept.id == int(photos[1])
    assert kept.gps_lat is None
    shown = client.get(f"/incidents/{incident.reference}").get_data(as_text=True)
    assert f"/photos/{kept.key}/" in shown
    assert f'og:image" content="http://localhost/photos/{kept.key}/medium.jpg"' in shown


def test_a_file_that_is_no_photo_is_named_and_the_rest_is_kept(
    client: Any, session: Session
) -> None:
    data = report(session) | {"photos": [(io.BytesIO(b"MZ hello"), "a.exe"), (jpeg(), "b.jpg")]}
    answer = client.send(NEW, data, page=NEW)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "a.exe" in page
    assert len(re.findall('name="kept_photos"', page)) == 1


def test_a_text_that_is_too_long_is_said_to_be_and_comes_back_whole(
    client: Any, session: Session
) -> None:
    assert 'maxlength="10000"' not in client.get(NEW).get_data(as_text=True)
    answer = client.send(NEW, report(session, body="y" * 10_240), page=NEW)
    assert answer.status_code == 422
    assert "y" * 10_240 in answer.get_data(as_text=True)


def test_a_file_that_is_no_photo_is_named_at_every_step(client: Any, session: Session) -> None:
    data = report(session) | {"photos": [(io.BytesIO(b"MZ hello"), "a.exe")], "letter": "C"}
    assert "a.exe" in client.send(f"{NEW}/place", data, page=NEW).get_data(as_text=True)


def test_an_old_form_comes_back_filled_and_can_be_sent_again(client: Any, session: Session) -> None:
    data = report(session) | {"csrf_token": "expired", "photos": [(jpeg(), "a.jpg")]}
    answer = client.post(NEW, data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Rien n’est perdu" in page
    assert 'value="Lampadaire éteint"' in page
    assert 'name="kept_photos"' in page
    fresh = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert fresh
    assert client.post(NEW, data=report(session, csrf_token=fresh[1])).status_code == 303


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "x" * 161},
        {"body": "x" * 10_001},
        {"title": "   "},
        {"category": "999999"},
        {"category": "1 OR 1=1"},
        {"address": "y" * 251},
        {"email": "z" * 300 + "@example.org"},
    ],
)
def test_what_cannot_be_stored_is_said_and_nothing_is_stored(
    client: Any, session: Session, changes: dict[str, str]
) -> None:
    answer = client.send(NEW, report(session, **changes), page=NEW)
    assert answer.status_code == 422
    assert "error-summary" in answer.get_data(as_text=True)
    assert stored(session) == []


def test_hostile_text_is_shown_as_text(client: Any, session: Session) -> None:
    evil = "<script>alert(1)</script>\x00"
    data = report(session, title=evil, body=evil, address=evil, resolved_for=evil)
    client.send(NEW, data, page=NEW)
    page = client.get(f"/incidents/{stored(session)[0].reference}").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_an_idea_only_category_takes_no_incident(client: Any, session: Session) -> None:
    data = report(session, category=str(category_of(session, "cadre-de-vie").id))
    assert client.send(NEW, data, page=NEW).status_code == 422


def questions(session: Session) -> dict[str, CategoryQuestion]:
    category = category_of(session)
    choices = [{"key": "a", "name": "Poteau"}, {"key": "b", "name": "Câble"}]
    asked = {
        "pole": CategoryQuestion(
            code="pole", label="Numéro du poteau", answer_type=AnswerType.NUMBER, is_required=True
        ),
        "part": CategoryQuestion(
            code="part",
            label="Quelle partie ?",
            answer_type=AnswerType.SINGLEVALUELIST,
            choices=choices,
        ),
        "parts": CategoryQuestion(
            code="parts", label="Lesquels ?", answer_type=AnswerType.MULTIVALUELIST, choices=choices
        ),
        "since": CategoryQuestion(
            code="since", label="Depuis quand ?", answer_type=AnswerType.DATETIME
        ),
    }
    category.questions.extend(asked.values())
    session.commit()
    return asked


def test_the_questions_of_the_category_are_asked_and_kept(client: Any, session: Session) -> None:
    asked = questions(session)
    assert "Numéro du poteau" in client.get(NEW).get_data(as_text=True)
    answer = client.send(NEW, report(session), page=NEW)
    assert answer.status_code == 422
    assert "« Numéro du poteau » : Répondez par un nombre." in text_of(answer).replace(
        "\u00a0", " "
    )
    given = {
        f"q-{asked['pole'].id}": "12,5",
        f"q-{asked['part'].id}": "b",
        f"q-{asked['parts'].id}": ["a", "b"],
        f"q-{asked['since'].id}": "2026-11-20T08:30",
    }
    assert client.send(NEW, report(session) | given, page=NEW).status_code == 303
    incident = stored(session)[0]
    assert incident.answers == {
        "pole": 12.5,
        "part": "b",
        "parts": ["a", "b"],
        "since": "2026-11-20T08:30",
    }
    page = text_of(client.get(f"/incidents/{incident.reference}"))
    for shown in ("Numéro du poteau", "12,5", "Câble", "Poteau, Câble", "20/11/2026 08:30"):
        assert shown in page
    client.sign_in(
        make_account(session, "agent@example.org", Role.AGENT, department=incident.department)
    )
    assert "20/11/2026 08:30" in text_of(client.get(f"/desk/{incident.reference}"))


def test_an_answer_that_came_without_a_question_is_shown_without_its_code(
    client: Any, session: Session
) -> None:
    incident = make_contribution(session, answers={"detail": "Angle de rue"})
    page = text_of(client.get(f"/incidents/{incident.reference}"))
    assert "Angle de rue" in page
    assert ">detail<" not in page


def test_the_questions_of_other_categories_are_not_looked_at(client: Any, session: Session) -> None:
    asked = questions(session)
    data = report(session, category=str(category_of(session, "depot").id))
    data |= {f"q-{asked['part'].id}": "nonsense"}
    assert client.send(NEW, data, page=NEW).status_code == 303
    assert stored(session)[0].answers == {}


def test_an_answer_that_is_not_in_the_list_is_refused(client: Any, session: Session) -> None:
    asked = questions(session)
    data = report(session) | {f"q-{asked['pole'].id}": "3", f"q-{asked['part'].id}": "zzz"}
    assert client.send(NEW, data, page=NEW).status_code == 422


def test_a_form_of_many_questions_can_be_sent(client: Any, session: Session) -> None:
    asked = {f"q-{number}": "" for number in range(100_000, 100_400)}
    assert client.send(NEW, report(session) | asked, page=NEW).status_code == 303


def street(session: Session, name: str = "Rue Colbert", key: str = "rue colbert") -> Street:
    found = Street(name=name, key=key, lat=48.111, lon=-1.671, address_count=3)
    session.add(found)
    session.commit()
    return found


def test_a_street_is_picked_from_the_list_without_a_map(client: Any, session: Session) -> None:
    colbert = street(session)
    street(session, "Avenue de la Gare", "avenue gare")
    step = client.send(f"{NEW}/place", report(session, lat="", lon="", letter="C"), page=NEW)
    page = step.get_data(as_text=True)
    assert step.status_code == 200
    assert "Rue Colbert" in page
    assert "Avenue de la Gare" not in page
    assert 'value="Lampadaire éteint"' in page
    assert stored(session) == []
    data = report(session, lat="", lon="", street=str(colbert.id))
    assert client.send(NEW, data, page=NEW).status_code == 303
    incident = stored(session)[0]
    assert (incident.address, incident.lat) == ("Rue Colbert", 48.111)
    assert incident.area is not None
    assert incident.area.slug == "est"


@pytest.mark.parametrize("slug", ["est", ""])
def test_a_place_can_be_told_in_words_alone(client: Any, session: Session, slug: str) -> None:
    area = session.scalars(select(Area).where(Area.slug == slug)).first()
    told = {"place_words": "derrière l’école,  côté parc", "place_area": area and str(area.id)}
    answer = client.send(NEW, report(session, lat="", lon="", **told), page=NEW)
    assert answer.status_code == 303
    incident = stored(session)[0]
    assert incident.address == "derrière l’école, côté parc"
    assert (incident.lat, incident.area_id) == (None, area.id if area else None)
    assert incident.scope is (Scope.AREA if area else Scope.TOWN)
    assert "derrière l’école" in client.get(f"/incidents/{incident.reference}").get_data(True)
    assert "derrière l’école" in client.get("/incidents").get_data(True)


def test_an_unknown_address_is_taken_with_words_beside_it(client: Any, session: Session) -> None:
    data = report(session, lat="", lon="", address="chemin neuf", place_words="au bout")
    assert client.send(NEW, data, page=NEW).status_code == 303
    assert stored(session)[0].address == "chemin neuf (au bout)"


def test_words_add_to_a_point_and_move_it_nowhere(client: Any, session: Session) -> None:
    data = report(session, address="Rue Neuve", resolved_for="Rue Neuve", place_words="au fond")
    assert client.send(NEW, data, page=NEW).status_code == 303
    incident = stored(session)[0]
    assert (incident.address, incident.lat) == ("Rue Neuve (au fond)", 48.11)


def test_words_are_no_way_around_the_limits_of_the_town(client: Any, session: Session) -> None:
    data = report(session, lat="40", lon="2", place_words="très loin")
    assert client.send(NEW, data, page=NEW).status_code == 422
    data = report(session, lat="", lon="", place_words="x" * 121)
    answer = client.send(NEW, data, page=NEW)
    assert answer.status_code == 422
    assert "120 caractères" in answer.get_data(as_text=True)


def test_a_town_without_addresses_or_areas_takes_words(client: Any, session: Session) -> None:
    session.execute(delete(Area))
    session.commit()
    page = client.get(NEW).get_data(as_text=True)
    assert 'name="place_words"' in page
    assert 'name="place_area"' not in page
    assert 'value="address"' not in page
    data = report(session, lat="", lon="", place_words="place du marché")
    assert client.send(NEW, data, page=NEW).status_code == 303
    assert stored(session)[0].scope is Scope.TOWN


def test_the_page_of_streets_leads_back_with_the_place(client: Any, session: Session) -> None:
    colbert = street(session)
    page = client.get(f"{NEW}/streets?letter=C").get_data(as_text=True)
    assert f"{NEW}?street={colbert.id}" in page
    form = client.get(f"{NEW}?street={colbert.id}").get_data(as_text=True)
    assert 'value="48.1110000"' in form
    part = client.get(f"{NEW}/streets?letter=C", headers={"HX-Request": "true"})
    assert "<html" not in part.get_data(as_text=True)
    assert client.get(f"{NEW}?street=999").status_code == 404


def test_a_likely_duplicate_is_shown_once_before_it_is_sent(client: Any, session: Session) -> None:
    known = make_contribution(session, title="Le lampadaire est éteint", position=NEARLY)
    session.commit()
    answer = client.send(NEW, report(session), page=NEW)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Le lampadaire est éteint" in page
    assert f"/c/{known.reference}/vote" in page
    different = report(session, step="different")
    assert client.send(NEW, different, page=NEW).status_code == 303


def test_what_was_shown_while_typing_is_no_extra_step(client: Any, session: Session) -> None:
    known = make_contribution(session, title="Le lampadaire est éteint", position=NEARLY)
    session.commit()
    seen = report(session, seen_similar=[known.reference])
    assert client.send(NEW, seen, page=NEW).status_code == 303


def test_a_suspended_person_is_told_so(client: Any, session: Session) -> None:
    account = make_account(session, "bob@example.org")
    account.suspended_until = utcnow() + timedelta(days=3)
    session.commit()
    client.sign_in(account)
    answer = client.send(NEW, report(session), page=NEW)
    assert answer.status_code == 403
    assert "suspendu" in answer.get_data(as_text=True)
    assert 'value="Lampadaire éteint"' in answer.get_data(as_text=True)


def test_staff_report_as_anybody_does(client: Any, session: Session) -> None:
    agent = make_account(session, "agent@example.org", Role.AGENT)
    client.sign_in(agent)
    assert client.send(NEW, report(session), page=NEW).status_code == 303
    assert stored(session)[0].author_id == agent.id


def test_the_centre_of_the_test_town_is_on_an_edge_and_found(client: Any, session: Session) -> None:
    data = report(session, lat=str(CENTRE.lat), lon=str(CENTRE.lon))
    assert client.send(NEW, data, page=NEW).status_code == 303
    assert stored(session)[0].area_id is not None


def number(session: Session, of: Street, number: int, lat: float, lon: float) -> None:
    cell = morton_cell(lat, lon)
    session.add(Address(street_id=of.id, number=number, lat=lat, lon=lon, cell=cell))
    session.add_all(
        StreetWord(street_id=of.id, word=word)
        for word in of.key.split()
        if session.get(StreetWord, (of.id, word)) is None
    )
    session.commit()


def test_a_pin_is_given_the_nearest_address(client: Any, session: Session) -> None:
    number(session, street(session), 12, 48.1111, -1.6711)
    asked = client.get("/places/at?lat=48.1112&lon=-1.6712").get_json()
    assert asked["address"] == "devant le 12 Rue Colbert"
    client.send(NEW, report(session, lat="48.1112", lon="-1.6712"), page=NEW)
    assert stored(session)[0].address == "devant le 12 Rue Colbert"
    assert client.get("/places/at?lat=48.119&lon=-1.67").get_json()["address"] == ""


def test_an_address_is_found_step_by_step_without_script(client: Any, session: Session) -> None:
    number(session, street(session), 12, 48.1111, -1.6711)
    data = report(session, lat="", lon="", address="12 r colbert")
    step = client.send(f"{NEW}/place", data | {"step": "address"}, page=NEW)
    page = step.get_data(as_text=True)
    assert step.status_code == 200
    assert 'value="48.1111000"' in page
    assert "12 Rue Colbert" in page
    answer = client.send(NEW, data, page=NEW)
    assert answer.status_code == 303
    assert stored(session)[0].lat == 48.1111


def test_several_addresses_are_a_choice(client: Any, session: Session) -> None:
    number(session, street(session), 12, 48.1111, -1.6711)
    number(session, street(session, "Place Colbert", "place colbert"), 12, 48.112, -1.672)
    answer = client.send(NEW, report(session, lat="", lon="", address="12 colbert"), page=NEW)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Plusieurs adresses" in page
    offered = re.findall(r'name="candidate" value="([^"]+)"', page)
    assert len(offered) == 2
    data = report(session, lat="", lon="", address="12 colbert", candidate=offered[1])
    assert client.send(NEW, data, page=NEW).status_code == 303


def test_a_number_that_is_not_known_is_asked_about_and_kept(client: Any, session: Session) -> None:
    number(session, street(session), 1, 48.1111, -1.6711)
    typed = report(session, lat="", lon="", address="12 rue Colbert, Village-sur-Test")
    answer = client.send(NEW, typed, page=NEW)
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert stored(session) == []
    offered = re.findall(r'name="candidate" value="([^"]+)"', page)
    assert [one.split(";")[2] for one in offered] == [
        "12 Rue Colbert",
        "12 Rue Colbert (près du 1)",
    ]
    assert "au milieu de la rue" in page
    assert client.send(NEW, typed | {"candidate": offered[0]}, page=NEW).status_code == 303
    incident = stored(session)[0]
    assert (incident.address, incident.lat) == ("12 Rue Colbert", 48.111)
    english = client.get("/addresses?q=12+rue+colbert", headers={"Accept-Language": "en"})
    first, second = english.get_json()["addresses"]
    assert (first["label"], second["label"]) == ("12 Rue Colbert", "12 Rue Colbert (near no. 1)")
    assert "middle of the street" in first["note"]


PIN = {"lat": "48.1130000", "lon": "-1.6850000"}
"""About 1 km from the 12 rue Colbert."""


@pytest.mark.parametrize("resolved_for", ["", "devant le 3 Rue Neuve", "12 rue Colbert"])
@pytest.mark.parametrize("placed_by", ["", "position", "map", "photo"])
def test_a_pin_and_an_address_that_disagree_are_asked_about(
    client: Any, session: Session, resolved_for: str, placed_by: str
) -> None:
    number(session, street(session), 12, 48.1111, -1.6711)
    data = report(
        session, **PIN, address="12 rue Colbert", resolved_for=resolved_for, placed_by=placed_by
    )
    answer = client.send(NEW, data, page=NEW)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Le repère et l’adresse sont à 1,1 km l’un de l’autre" in page.replace("\xa0", " ")
    pin, address = re.findall(r'name="candidate" value="([^"]+)"', page)
    assert stored(session) == []
    again = data | {"lat": "", "lon": "", "candidate": pin}
    assert client.send(NEW, again, page=NEW).status_code == 303
    again = data | {"lat": "", "lon": "", "candidate": address, "form_key": "l" * 32}
    assert client.send(NEW, again, page=NEW).status_code == 303
    by_pin, by_address = stored(session)
    assert (by_pin.lat, by_address.lat) == (48.113, 48.1111)
    assert by_address.address.startswith("12 Rue Colbert")


@pytest.mark.parametrize(
    ("lat", "lon", "address"),
    [
        ("48.1112", "-1.6712", "12 rue Colbert"),
        ("48.1112", "-1.6712", "devant le 12 Rue Colbert"),
        ("48.1130", "-1.6850", "derrière l’école, près du banc"),
        ("48.1130", "-1.6850", "allée inconnue"),
        ("48.1130", "-1.6850", ""),
    ],
)
def test_a_pin_and_words_that_agree_are_taken_at_once(
    client: Any, session: Session, lat: str, lon: str, address: str
) -> None:
    number(session, street(session), 12, 48.1111, -1.6711)
    data = report(session, lat=lat, lon=lon, address=address, placed_by="map")
    assert client.send(NEW, data, page=NEW).status_code == 303
    assert stored(session)[0].lat == float(lat)


def test_an_address_typed_over_another_is_looked_up_without_a_question(
    client: Any, session: Session
) -> None:
    number(session, street(session), 12, 48.1111, -1.6711)
    found = report(
        session, **PIN, address="12 rue colbert", resolved_for="Rue Neuve", placed_by="address"
    )
    assert client.send(NEW, found, page=NEW).status_code == 303
    assert stored(session)[0].lat == 48.1111


def test_what_civic_wrote_itself_is_understood(client: Any, session: Session) -> None:
    number(session, street(session), 12, 48.1111, -1.6711)
    for text in (
        client.get("/places/at?lat=48.1112&lon=-1.6712").get_json()["address"],
        client.get("/addresses?q=12+rue+colbert").get_json()["addresses"][0]["label"],
        client.get("/addresses?q=rue+colbert").get_json()["addresses"][0]["label"],
    ):
        place = {"lat": "", "lon": "", "address": text}
        data = report(session, **place, form_key=new_token(), step="different")
        assert client.send(NEW, data, page=NEW).status_code == 303, text
    assert {one.lat for one in stored(session)} <= {48.1111, stored(session)[-1].lat}


def test_an_unknown_address_says_what_else_to_do(client: Any, session: Session) -> None:
    answer = client.send(NEW, report(session, lat="", lon="", address="nulle part"), page=NEW)
    assert answer.status_code == 422
    assert "pas été trouvée" in answer.get_data(as_text=True)


@pytest.mark.parametrize("candidate", ["", "x", "1;2", "91;0;a", ";;", "nan;nan;x"])
def test_a_hostile_candidate_is_no_place(client: Any, session: Session, candidate: str) -> None:
    data = report(session, lat="", lon="", candidate=candidate)
    assert client.send(NEW, data, page=NEW).status_code == 422


def test_the_place_of_the_photo_is_offered_not_taken(client: Any, session: Session) -> None:
    photo = jpeg_at(48.1105, -1.6750)
    data = report(session, lat="", lon="") | {"photos": [(photo, "p.jpg")]}
    answer = client.send(NEW, data, page=NEW)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Votre photo dit où elle a été prise" in page
    offered = re.search(r'name="candidate" value="([^"]+)"', page)
    assert offered
    assert offered[1].startswith("48.1105000;-1.6750000")


def jpeg_at(lat: float, lon: float) -> io.BytesIO:
    buffer = io.BytesIO()
    picture = Image.new("RGB", (60, 40), "red")
    exif = picture.getexif()
    exif[ExifTags.IFD.GPSInfo] = {
        ExifTags.GPS.GPSLatitudeRef: "N" if lat >= 0 else "S",
        ExifTags.GPS.GPSLatitude: (abs(lat), 0.0, 0.0),
        ExifTags.GPS.GPSLongitudeRef: "E" if lon >= 0 else "W",
        ExifTags.GPS.GPSLongitude: (abs(lon), 0.0, 0.0),
    }
    picture.save(buffer, "JPEG", exif=exif)
    buffer.seek(0)
    return buffer


def test_two_sendings_at_the_same_moment_cannot_both_be_stored(session: Session, town: Any) -> None:
    draft = Draft("Un trou", "", category_of(session), position=CENTRE)
    submit_incident(session, draft, sender=Sender(VISITOR), form_key="t" * 32)
    with pytest.raises(IntegrityError):
        submit_incident(session, draft, sender=Sender(VISITOR), form_key="t" * 32)
    session.rollback()


def test_too_large_an_upload_has_a_page_with_a_way_back(
    client: Any, app: Any, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = report(session) | {"photos": [(io.BytesIO(b"x" * 30_000), "big.jpg")]}
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 20_000)
    answer = client.post(NEW, data=data)
    assert answer.status_code == 413
    assert "plus légères" in answer.get_data(as_text=True)
    assert "ce que vous avez écrit y est encore" in answer.get_data(as_text=True)


@pytest.mark.parametrize("title", ["\u200b", "\u2800 \u2800", "\u3164", "\u00ad", "\u2063\ufeff"])
def test_a_title_in_which_nothing_can_be_seen_is_none(
    client: Any, session: Session, title: str
) -> None:
    sent = client.send(NEW, report(session, title=title))
    assert sent.status_code == 422
    assert "Donnez un titre" in sent.text
    assert stored(session) == []


def test_what_is_sent_is_cleaned_before_it_is_stored(client: Any, session: Session) -> None:
    sent = client.send(
        NEW,
        report(
            session, title="Lampe\u202e e\u0301teinte\r\nici", body="Un\r\n\u2066deux\u2069\x07"
        ),
    )
    assert sent.status_code == 303
    (one,) = stored(session)
    assert (one.title, one.body) == ("Lampe éteinte ici", "Un\ndeux")
