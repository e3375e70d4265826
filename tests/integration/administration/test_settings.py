"""The settings: changed by administrators only, one after the other, with a record of each."""

import io
from typing import Any

import orjson
import pytest
from PIL import Image
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account, RoleGrant
from civic.administration.models import Change, SettingChange, Subject
from civic.administration.operations.changes import ChangedMeanwhile
from civic.administration.operations.people import take_back
from civic.administration.operations.taxonomy import (
    create_category,
    delete_category,
    edit_department,
    set_department_active,
)
from civic.administration.operations.town import edit_blocked_words
from civic.database import utcnow
from civic.errors import Conflict, Forbidden, Invalid
from civic.extensions import db
from civic.moderation.screening import blocked_words_with
from civic.notifications.models import OutgoingEmail
from civic.places.models import Area, AreaLevel, Town
from civic.places.schedule import REASSIGN
from civic.tasks import queue, schedule
from civic.tasks.models import Job, JobState, Lane
from civic.taxonomy.models import AnswerType, Category, CategoryQuestion, Department
from tests.factories import actor, make_account, make_contribution, square

PAGES = (
    "/administration",
    "/administration/town",
    "/administration/legal",
    "/administration/departments",
    "/administration/departments/new",
    "/administration/categories",
    "/administration/categories/new",
    "/administration/areas",
    "/administration/people",
    "/administration/people?q=example",
    "/administration/blocked-words",
    "/administration/log",
)


@pytest.fixture
def chief(session: Session, town: Any) -> Account:
    return make_account(session, "chief@example.org", Role.ADMINISTRATOR)


@pytest.fixture
def desk(client: Any, chief: Account) -> Any:
    return client.sign_in(chief)


def read(answer: Any) -> str:
    """The page, with plain spaces where French typography wants no-break ones."""
    html: str = answer.get_data(as_text=True)
    return html.replace("\u00a0", " ")


def category_of(session: Session, code: str = "eclairage") -> Category:
    return session.scalars(select(Category).where(Category.code == code)).one()


def department_of(session: Session, code: str = "voirie") -> Department:
    return session.scalars(select(Department).where(Department.code == code)).one()


def changes(session: Session) -> list[tuple[Subject, Change, dict[str, Any]]]:
    session.expire_all()
    rows = session.scalars(select(SettingChange).order_by(SettingChange.id))
    return [(row.subject, row.what, row.details) for row in rows]


def category_form(category: Category, **changed: Any) -> dict[str, Any]:
    return {
        "version": category.version,
        "name": category.name,
        "kinds": category.kinds,
        "department": category.department_id or 0,
        "icon": category.icon,
        "colour": category.colour,
        "policy": category.policy.value,
        "radius_m": category.radius_m,
        "days_to_acknowledge": category.days_to_acknowledge,
        "days_to_resolve": category.days_to_resolve,
        **changed,
    }


@pytest.mark.parametrize("url", PAGES)
def test_pages_open_for_administrators_and_for_nobody_else(
    client: Any, session: Session, chief: Account, url: str
) -> None:
    agent = make_account(session, "", Role.AGENT, Role.MODERATOR, Role.MEDIATOR)
    assert client.sign_in(agent).get(url).status_code == 403
    assert client.sign_in(chief).get(url).status_code == 200


class TestTown:
    def form(self, session: Session, **changed: Any) -> dict[str, Any]:
        town = session.get(Town, 1)
        assert town is not None
        return {
            "version": town.version,
            "name": town.name,
            "locale": "fr",
            "zone": "Indian/Reunion",
            "colour": "#AA3300",
            "population": "1200",
            **changed,
        }

    def test_is_changed_and_recorded(self, desk: Any, session: Session) -> None:
        answer = desk.send("/administration/town", self.form(session))
        assert answer.status_code == 303
        session.expire_all()
        town = session.get(Town, 1)
        assert town is not None
        assert (town.zone, town.population, town.theme["colour"]) == (
            "Indian/Reunion",
            1200,
            "#aa3300",
        )
        ((subject, what, details),) = changes(session)
        assert (subject, what) == (Subject.TOWN, Change.EDITED)
        assert details["zone"] == ["Europe/Paris", "Indian/Reunion"]
        log = read(desk.get("/administration/log"))
        assert "Indian/Reunion" in log
        assert "chief" in log

    def test_saving_what_is_there_records_nothing(self, desk: Any, session: Session) -> None:
        desk.send("/administration/town", self.form(session))
        desk.send("/administration/town", self.form(session))
        assert len(changes(session)) == 1

    def test_refuses_what_is_no_colour_and_no_zone(self, desk: Any, session: Session) -> None:
        answer = desk.send(
            "/administration/town", self.form(session, colour="rouge", zone="Moon/Sea")
        )
        assert answer.status_code == 422

    def test_logo_is_kept_as_pixels_and_shown(self, desk: Any, session: Session) -> None:
        picture = io.BytesIO()
        Image.new("RGB", (900, 600), "red").save(picture, "JPEG")
        picture.seek(0)
        data = self.form(session, logo_file=(picture, "logo.jpg"))
        answer = desk.send("/administration/town", data, content_type="multipart/form-data")
        assert answer.status_code == 303
        session.expire_all()
        town = session.get(Town, 1)
        assert town is not None
        logo = desk.get(f"/town/logo-{town.theme['logo']}.png")
        assert logo.mimetype == "image/png"
        assert Image.open(io.BytesIO(logo.data)).size == (192, 128)
        gone = self.form(session, removes_logo="y")
        desk.send("/administration/town", gone)
        session.expire_all()
        assert town.theme["logo"] == ""

    def test_a_file_that_is_no_picture_is_refused(self, desk: Any, session: Session) -> None:
        data = self.form(session, logo_file=(io.BytesIO(b"<svg/>"), "logo.svg"))
        answer = desk.send("/administration/town", data, content_type="multipart/form-data")
        assert answer.status_code == 422
        assert desk.get("/town/logo-0123456789abcdef.png").status_code == 404


class TestTwoAtOnce:
    def test_second_sees_what_the_first_did_and_loses_nothing(
        self, desk: Any, session: Session
    ) -> None:
        department = department_of(session)
        url = f"/administration/departments/{department.id}"
        first = {"version": 1, "name": "Voirie", "telephone": "01 11 11 11 11"}
        second = {"version": 1, "name": "Voirie et réseaux", "telephone": "02 22 22 22 22"}
        assert desk.send(url, first).status_code == 303
        answer = desk.send(url, second)
        page = read(answer)
        assert answer.status_code == 409
        assert "Voirie et réseaux" in page
        assert "01 11 11 11 11" in page
        assert 'name="version"' in page
        assert 'value="2"' in page
        assert desk.send(url, second | {"version": 2}).status_code == 303
        session.expire_all()
        assert department_of(session).telephone == "02 22 22 22 22"

    def test_the_version_decides_whatever_was_read_before(
        self, session: Session, chief: Account
    ) -> None:
        department = department_of(session)
        values = {
            "name": "A",
            "name_en": "",
            "email": "",
            "postal_address": "",
            "telephone": "",
        }
        edit_department(session, department, values, version=1, actor=actor(chief))
        with pytest.raises(ChangedMeanwhile):
            edit_department(session, department, values, version=1, actor=actor(chief))

    def test_a_category_comes_back_as_it_was_typed(self, desk: Any, session: Session) -> None:
        category = category_of(session)
        url = f"/administration/categories/{category.id}"
        form = category_form(category)
        assert desk.send(url, form | {"days_to_resolve": 9}).status_code == 303
        answer = desk.send(url, form | {"days_to_resolve": 30})
        assert answer.status_code == 409
        assert 'value="30"' in read(answer)


class TestDepartments:
    def test_are_added_under_a_code_of_their_own(self, desk: Any, session: Session) -> None:
        for _ in range(2):
            answer = desk.send("/administration/departments/new", {"name": "Voirie"})
            assert answer.status_code == 303
        codes = session.scalars(select(Department.code).where(Department.name == "Voirie")).all()
        assert set(codes) == {"voirie", "voirie-2", "voirie-3"}

    def test_an_address_that_is_none_is_refused(self, desk: Any) -> None:
        answer = desk.send("/administration/departments/new", {"name": "A", "email": "nope"})
        assert answer.status_code == 422

    def test_is_not_stopped_while_a_category_needs_it(
        self, session: Session, chief: Account, desk: Any
    ) -> None:
        department = department_of(session)
        with pytest.raises(Conflict, match="Éclairage public"):
            set_department_active(session, department, active=False, actor=actor(chief))
        url = f"/administration/departments/{department.id}/active"
        page = read(desk.send(url, {"active": "0"}, follow_redirects=True))
        assert "Éclairage public" in page
        category_of(session).department = None
        session.commit()
        desk.send(url, {"active": "0"})
        session.expire_all()
        assert not department_of(session).is_active
        desk.send(url, {"active": "1"})
        session.expire_all()
        assert department_of(session).is_active
        assert [what for _, what, _ in changes(session)] == [
            Change.DEACTIVATED,
            Change.REACTIVATED,
        ]


class TestCategories:
    def test_are_added_with_a_policy_and_a_clock(self, desk: Any, session: Session) -> None:
        category = category_of(session)
        form = category_form(category, name="Bruit", icon="ear", policy="before", radius_m=80)
        answer = desk.send("/administration/categories/new", form)
        assert answer.status_code == 303
        added = category_of(session, "bruit")
        assert (added.policy.value, added.radius_m, added.icon) == ("before", 80, "ear")
        assert added.allows_anonymous is False
        assert desk.get(f"/administration/categories/{added.id}").status_code == 200

    @pytest.mark.parametrize(
        "wrong",
        [
            {"kinds": []},
            {"icon": "no-such-icon"},
            {"colour": "#12"},
            {"days_to_resolve": 0},
            {"radius_m": "far"},
            {"department": 999999},
            {"name": " "},
        ],
    )
    def test_refuse_what_cannot_be(
        self, desk: Any, session: Session, wrong: dict[str, Any]
    ) -> None:
        answer = desk.send(
            "/administration/categories/new", category_form(category_of(session), **wrong)
        )
        assert answer.status_code == 422

    def test_in_use_are_stopped_and_never_deleted(
        self, session: Session, chief: Account, desk: Any
    ) -> None:
        contribution = make_contribution(session)
        category = contribution.category
        with pytest.raises(Conflict):
            delete_category(session, category, actor=actor(chief))
        url = f"/administration/categories/{category.id}"
        page = read(desk.send(f"{url}/delete", follow_redirects=True))
        assert "hors service" in page
        desk.send(f"{url}/active", {"active": "0"})
        session.expire_all()
        assert not category_of(session).is_active

    def test_never_used_can_be_deleted(self, desk: Any, session: Session) -> None:
        category = category_of(session)
        assert desk.send(f"/administration/categories/{category.id}/delete").status_code == 303
        assert session.scalar(select(func.count()).select_from(Category)) == 3

    def test_are_put_in_another_order(self, desk: Any, session: Session) -> None:
        def order() -> list[str]:
            session.expire_all()
            return list(
                session.scalars(select(Category.code).order_by(Category.position, Category.name))
            )

        before = order()
        last = category_of(session, before[-1])
        url = f"/administration/categories/{last.id}/move"
        desk.send(url, {"to": "up"})
        assert order() == [*before[:-2], before[-1], before[-2]]
        desk.send(url, {"to": "down"})
        desk.send(url, {"to": "down"})
        assert order() == before

    def test_only_administrators_add_them(self, session: Session, town: Any) -> None:
        agent = actor(make_account(session, "", Role.AGENT))
        with pytest.raises(Forbidden):
            create_category(session, {"name": "A"}, department=None, actor=agent)


class TestQuestions:
    def form(self, category: Category, names: list[str], **changed: Any) -> dict[str, Any]:
        rows = {f"choices-{place}-name": name for place, name in enumerate(names)}
        return {
            "version": category.version,
            "label": "De quel côté ?",
            "answer_type": "singlevaluelist",
            **rows,
            **changed,
        }

    def test_choices_keep_the_key_of_their_answers(self, desk: Any, session: Session) -> None:
        category = category_of(session)
        url = f"/administration/categories/{category.id}/questions/new"
        assert desk.get(url).status_code == 200
        answer = desk.send(url, self.form(category, ["Pair", "Impair"]))
        assert answer.status_code == 303
        session.expire_all()
        (question,) = category.questions
        assert [choice["key"] for choice in question.choices] == ["pair", "impair"]
        renamed = self.form(category, ["Côté pair", "Impair", "Les deux"])
        renamed |= {"choices-0-key": "pair", "choices-1-key": "impair"}
        edit = f"/administration/questions/{question.id}"
        assert 'value="pair"' in read(desk.get(edit))
        assert desk.send(edit, renamed).status_code == 303
        session.expire_all()
        assert [choice["key"] for choice in question.choices] == ["pair", "impair", "les-deux"]
        assert question.choices[0]["name"] == "Côté pair"

    def test_a_list_needs_two_choices(self, desk: Any, session: Session) -> None:
        category = category_of(session)
        url = f"/administration/categories/{category.id}/questions/new"
        answer = desk.send(url, self.form(category, ["Pair"]))
        assert answer.status_code == 422
        assert "deux choix" in read(answer)
        text = self.form(category, [], answer_type="text")
        assert desk.send(url, text).status_code == 303

    def test_are_ordered_and_taken_away(self, desk: Any, session: Session) -> None:
        category = category_of(session)
        for place, code in enumerate(("a", "b")):
            category.questions.append(
                CategoryQuestion(
                    code=code, label=code, answer_type=AnswerType.STRING, position=place
                )
            )
        session.commit()
        first, second = category.questions
        desk.send(f"/administration/questions/{second.id}/move", {"to": "up"})
        session.expire_all()
        assert [question.code for question in category.questions] == ["b", "a"]
        assert desk.get(f"/administration/categories/{category.id}").status_code == 200
        desk.send(f"/administration/questions/{first.id}/delete")
        session.expire_all()
        assert [question.code for question in category.questions] == ["b"]
        assert desk.get(f"/administration/questions/{first.id}").status_code == 404

    def test_a_question_changed_meanwhile_comes_back(self, desk: Any, session: Session) -> None:
        category = category_of(session)
        category.questions.append(
            CategoryQuestion(code="a", label="A ?", answer_type=AnswerType.STRING)
        )
        session.commit()
        url = f"/administration/questions/{category.questions[0].id}"
        form = {"version": 1, "label": "B ?", "answer_type": "string"}
        assert desk.send(url, form).status_code == 303
        answer = desk.send(url, form | {"label": "C ?"})
        assert answer.status_code == 409
        assert "B ?" in read(answer)


class TestPeople:
    def test_a_new_agent_is_narrowed_to_a_department(self, desk: Any, session: Session) -> None:
        department = department_of(session)
        form = {
            "email": "Agent@Example.org",
            "role": "agent",
            "department": department.id,
            "area": 0,
        }
        assert desk.send("/administration/people", form).status_code == 303
        account = session.scalars(select(Account).where(Account.email == "agent@example.org")).one()
        (grant,) = account.grants
        assert (grant.role, grant.department_id) == (Role.AGENT, department.id)
        again = desk.send("/administration/people", form)
        assert again.status_code == 422
        ((subject, what, details),) = changes(session)
        assert (subject, what) == (Subject.PERSON, Change.GRANTED)
        assert details == {"role": [None, "agent"], "department": [None, "Voirie"]}
        assert "Voirie" in read(desk.get("/administration/people"))
        told = session.scalars(select(OutgoingEmail)).one()
        assert (told.template, told.recipient) == ("role_given", "agent@example.org")

    def test_other_roles_are_for_the_whole_town(self, desk: Any, session: Session) -> None:
        form = {"email": "m@example.org", "role": "moderator", "department": 1, "area": 0}
        desk.send("/administration/people", form)
        grant = session.scalars(select(RoleGrant).where(RoleGrant.role == Role.MODERATOR)).one()
        assert grant.department_id is None

    def test_nobody_removes_the_last_administrator(
        self, desk: Any, session: Session, chief: Account
    ) -> None:
        url = f"/administration/people/grants/{chief.grants[0].id}/revoke"
        page = read(desk.send(url, follow_redirects=True))
        assert "dernier compte" in page
        session.expire_all()
        assert chief.roles == {Role.ADMINISTRATOR}
        assert changes(session) == []
        make_account(session, "", Role.ADMINISTRATOR)
        answer = desk.send(url)
        assert answer.location == "/account"
        session.expire_all()
        assert chief.roles == frozenset()

    def test_a_search_finds_by_a_part_of_the_address(self, desk: Any, session: Session) -> None:
        make_account(session, "nadia.petit@example.org")
        page = read(desk.get("/administration/people?q=PETIT@"))
        assert "nadia.petit@example.org" in page
        page = read(desk.get("/administration/people?q=100%25"))
        assert "nadia" not in page

    def test_an_erased_person_has_no_name_in_the_log(
        self, desk: Any, session: Session, chief: Account
    ) -> None:
        other = make_account(session, "gone@example.org", Role.MODERATOR)
        take_back(session, other.grants[0], actor=actor(chief))
        other.display_name = "Compte supprimé"
        session.commit()
        page = read(desk.get("/administration/log"))
        assert "Compte supprimé" in page
        assert "gone" not in page


class TestBlockedWords:
    def test_join_the_list_that_comes_with_civic(
        self, desk: Any, session: Session, chief: Account
    ) -> None:
        answer = desk.send(
            "/administration/blocked-words",
            {"version": 1, "words": "Machinchose\n\n  truc   bidule \nmachinchose"},
        )
        assert answer.status_code == 303
        session.expire_all()
        town = session.get(Town, 1)
        assert town is not None
        assert town.blocked_words == "Machinchose\ntruc bidule\nmachinchose"
        found = blocked_words_with(town.blocked_words).find("Quel TRUC bidule, ce connard")
        assert [word.lower() for word in found] == ["truc bidule", "connard"]
        with pytest.raises(Invalid):
            edit_blocked_words(session, town, "le", version=2, actor=actor(chief))


def test_an_area_keeps_its_address_when_it_is_renamed(desk: Any, session: Session) -> None:
    area = session.scalars(select(Area).where(Area.slug == "est")).one()
    url = f"/administration/areas/{area.id}"
    assert desk.get(url).status_code == 200
    form = {"version": 1, "name": "Faubourg de l’Est", "population": "800"}
    assert desk.send(url, form).status_code == 303
    session.expire_all()
    assert (area.slug, area.name, area.population) == ("est", "Faubourg de l’Est", 800)


def assign(session: Session) -> None:
    """Do what the worker does with what was asked for."""
    claimed = queue.claim(session, "worker")
    assert claimed is not None
    session.commit()
    job = schedule.find_job(claimed.kind)
    assert job is not None
    job.work(session)
    running = queue.find_asked(session, claimed.kind)
    assert running is not None
    session.refresh(running)
    assert (running.state, running.progress) == (JobState.RUNNING, 100)
    queue.finish(session, claimed)
    session.commit()
    session.expire_all()


class TestOutlines:
    def send(self, desk: Any, content: bytes) -> Any:
        data = {"file": (io.BytesIO(content), "a.geojson"), "level": "neighbourhood"}
        return desk.send("/administration/areas", data, content_type="multipart/form-data")

    def test_neighbourhoods_are_offered_first(self, desk: Any) -> None:
        page = desk.get("/administration/areas").get_data(as_text=True)
        first = page.partition('name="level"')[2].partition("</option>")[0]
        assert "neighbourhood" in first
        assert "selected" in first

    def test_a_file_adds_areas_and_moves_contributions(self, desk: Any, session: Session) -> None:
        contribution = make_contribution(session)
        feature = {
            "type": "Feature",
            "properties": {"name": "Centre"},
            "geometry": square(48.1095, -1.6805, 48.1105, -1.6795),
        }
        content = orjson.dumps({"type": "FeatureCollection", "features": [feature, {}]})
        answer = self.send(desk, content)
        assert answer.status_code == 303
        session.expire_all()
        area = session.scalars(select(Area).where(Area.slug == "centre")).one()
        assert contribution.area_id != area.id
        assert "0 %" in read(desk.get("/administration/areas"))
        assign(session)
        assert contribution.area_id == area.id
        assert "<progress" not in read(desk.get("/administration/areas"))
        ((subject, what, details),) = changes(session)
        assert (subject, what) == (Subject.AREA, Change.IMPORTED)
        assert details["added"] == [None, 1]
        assert details["rejected"] == [None, 1]
        assert "refusé" in read(desk.get("/administration/areas"))
        assert desk.get("/administration/log").status_code == 200

    def test_a_set_is_replaced_and_what_is_odd_is_said(self, desk: Any, session: Session) -> None:
        features = [
            {"properties": {"name": "Ouest"}, "geometry": square(48.1, -1.71, 48.12, -1.68)},
            {"properties": {"name": "Loin"}, "geometry": square(49.1, -1.71, 49.12, -1.68)},
        ]
        data = {
            "file": (io.BytesIO(orjson.dumps({"features": features})), "a.geojson"),
            "level": "neighbourhood",
            "replace": "y",
        }
        answer = desk.send("/administration/areas", data, content_type="multipart/form-data")
        assert answer.status_code == 303
        page = read(desk.get("/administration/areas"))
        assert "« Ouest » dépasse de la ville (33 %)." in page
        assert "Contour 2 refusé" in page
        assert "1 quartier retiré" in page
        session.expire_all()
        east = session.scalars(select(Area).where(Area.slug == "est")).one()
        assert east.retired_at is not None
        switch = f"/administration/areas/{east.id}/used"
        for used in ("1", "1", "0"):
            assert desk.send(switch, {"used": used}).status_code == 303
        session.expire_all()
        assert east.retired_at is not None
        assert [what for _, what, _ in changes(session)] == [
            Change.IMPORTED,
            Change.REACTIVATED,
            Change.DEACTIVATED,
        ]
        assert "« Est » est retiré." in read(desk.get("/administration/areas"))

    def test_nobody_waits_for_a_set_of_outlines(self, desk: Any, session: Session) -> None:
        make_contribution(session)
        features = [
            {
                "properties": {"name": f"Bande {n}"},
                "geometry": square(48.1, -1.7 + n * 0.0005, 48.12, -1.6995 + n * 0.0005),
            }
            for n in range(80)
        ]
        commits = []

        def note(_connection: Any) -> None:
            commits.append(1)

        event.listen(db.engine, "commit", note)
        try:
            answer = self.send(desk, orjson.dumps({"features": features}))
        finally:
            event.remove(db.engine, "commit", note)
        assert answer.status_code == 303
        assert len(commits) > 3
        assert session.scalar(select(func.count()).select_from(Area)) == 83

    def test_what_fails_is_said(self, desk: Any, session: Session) -> None:
        make_contribution(session)
        session.add(
            Job(
                kind=REASSIGN,
                lane=Lane.HEAVY,
                state=JobState.FAILED,
                problem="OSError",
                finished_at=utcnow(),
            )
        )
        session.commit()
        assert "s’est arrêté" in read(desk.get("/administration/areas"))
        east = session.scalars(select(Area).where(Area.slug == "est")).one()
        desk.send(f"/administration/areas/{east.id}/used", {"used": "0"})
        assert "s’est arrêté" not in read(desk.get("/administration/areas"))
        assign(session)
        assert session.scalars(select(Job)).all() == []

    def test_the_outline_of_the_town_stays(self, desk: Any, session: Session) -> None:
        whole = session.scalars(select(Area).where(Area.level == AreaLevel.TOWN)).one()
        desk.send(f"/administration/areas/{whole.id}/used", {"used": "0"})
        session.expire_all()
        assert whole.retired_at is None

    @pytest.mark.parametrize("content", [b"name;x", b"[]", b'{"features": []}', b'{"a": 1}'])
    def test_a_file_without_outlines_is_refused(
        self, desk: Any, session: Session, content: bytes
    ) -> None:
        assert self.send(desk, content).status_code == 422
        assert changes(session) == []


def test_the_index_says_what_is_missing_until_nothing_is(
    desk: Any, session: Session, town: Town
) -> None:
    page = read(desk.get("/administration"))
    assert "Directeur ou directrice de la publication" in page
    form = {
        "version": 1,
        "publisher": "Ville de Village",
        "director": "A. Martin",
        "contact_email": "mairie@example.org",
        "host_name": "Hébergeur",
        "host_address": "1 rue du Port\n35000 Rennes",
        "host_telephone": "02 00 00 00 00",
        "dpo_contact": "dpo@example.org",
        "accessibility_contact": "acces@example.org",
        "accessibility_status": "partial",
        "accessibility_date": "2026-11-02",
    }
    assert desk.send("/administration/legal", form).status_code == 303
    page = read(desk.get("/administration"))
    assert "Directeur ou directrice de la publication » " not in page
    assert "est rempli" in page


def test_the_log_goes_on_over_pages(desk: Any, session: Session, chief: Account) -> None:
    for number in range(51):
        session.add(
            SettingChange(
                account_id=chief.id,
                subject=Subject.CATEGORY,
                subject_id=1,
                label=f"n{number}",
                what=Change.CREATED,
            )
        )
    session.commit()
    first = read(desk.get("/administration/log"))
    assert "« n0 »" not in first
    oldest = session.scalars(select(SettingChange.id).order_by(SettingChange.id)).all()[1]
    assert f"before={oldest}" in first
    assert "« n0 »" in read(desk.get(f"/administration/log?before={oldest}"))
