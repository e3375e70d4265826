"""Areas, addresses while one types, near duplicates, open data and what robots are told."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civic.contributions.kinds import kinds
from civic.contributions.models import Contribution
from civic.database import utcnow
from civic.extensions import db
from civic.finding.names import names_of
from civic.places.addresses import import_addresses
from civic.places.geometry import Position
from civic.places.models import Area, AreaLevel
from civic.similar.queries import Sketch, find_similar
from civic.taxonomy.models import Category
from tests.factories import CENTRE, make_account, make_contribution
from tests.queries import counting


@pytest.mark.parametrize(
    "url",
    ["/areas", "/areas/ouest", "/areas/village-sur-test", "/ranking", "/open-data", "/search"],
)
def test_the_pages_are_whole(client: Any, session: Session, url: str) -> None:
    west = session.scalars(select(Area).where(Area.slug == "ouest")).one()
    make_contribution(session, area_id=west.id)
    assert client.get(url).status_code == 200
    assert client.get(url, headers={"Accept-Language": "en"}).status_code == 200


def test_an_area_has_its_figures_and_those_inside_it(client: Any, session: Session) -> None:
    west = session.scalars(select(Area).where(Area.slug == "ouest")).one()
    made = make_contribution(session, area_id=west.id, title="Banc cassé")
    made.status, made.status_type = "confirmed", "fixed"
    made.submitted_at = utcnow() - timedelta(days=4, hours=1)
    made.closed_at = utcnow()
    session.commit()
    for slug in ("ouest", "village-sur-test"):
        html = client.get(f"/areas/{slug}").get_data(as_text=True)
        assert "Banc cassé" in html
        assert '<span class="stat-value">4</span>' in html
    assert "Banc cassé" not in client.get("/areas/est").get_data(as_text=True)
    assert client.get("/areas/nulle-part").status_code == 404


def test_areas_stand_in_the_order_people_count_in(client: Any, session: Session) -> None:
    for slug, name in (("est", "10e"), ("ouest", "2e")):
        session.scalars(select(Area).where(Area.slug == slug)).one().name = name
    session.commit()
    for page in ("/areas", "/incidents"):
        html = client.get(page).get_data(as_text=True)
        assert html.index(">2e<") < html.index(">10e<"), page


def test_a_new_name_is_shown_at_once(session: Session, town: Any) -> None:
    assert names_of(session).area("est") is not None
    east = session.scalars(select(Area).where(Area.slug == "est")).one()
    east.name = "Levant"
    session.flush()
    found = names_of(session).area("est")
    assert found is not None
    assert found.name == "Levant"
    session.rollback()
    found = names_of(session).area("est")
    assert found is not None
    assert found.name == "Est"


def test_addresses_come_to_the_script_of_a_form(client: Any, session: Session) -> None:
    row = {"numero": "12", "nom_voie": "Rue Colbert", "code_postal": "35000"}
    import_addresses(session, [row | {"lat": "48.11", "lon": "-1.68"}])
    session.commit()
    answer = client.get("/addresses?q=12+colb")
    assert answer.json == {
        "addresses": [{"label": "12 Rue Colbert, 35000", "note": "", "lat": 48.11, "lon": -1.68}]
    }
    for text in ("", "a", "é" * 5000, "%00", '"', "😀"):
        assert client.get("/addresses", query_string={"q": text}).status_code == 200


def sketch(session: Session, **more: Any) -> Sketch:
    light = session.scalars(select(Category).where(Category.code == "eclairage")).one()
    values = {"kind": kinds["incident"], "title": "Lampadaire éteint", "body": ""}
    return Sketch(**(values | {"category": light, "position": CENTRE} | more))


def test_the_same_problem_nearby_is_found(session: Session, town: Any) -> None:
    same = make_contribution(session, position=Position(48.1101, -1.68))
    make_contribution(session, title="Dépôt de gravats", category="depot")
    make_contribution(session, position=Position(48.1190, -1.68))
    held = make_contribution(session, held=True)
    done = make_contribution(session)
    done.status, done.status_type = "confirmed", "fixed"
    session.flush()
    found = find_similar(session, sketch(session))
    assert [one.contribution.id for one in found] == [same.id]
    assert found[0].distance_m == pytest.approx(11, abs=1)
    assert held.id not in [one.contribution.id for one in found]


def test_at_most_five_are_shown(session: Session, town: Any) -> None:
    for _ in range(8):
        make_contribution(session)
    assert len(find_similar(session, sketch(session))) == 5


def test_an_idea_is_found_by_its_words(session: Session, town: Any) -> None:
    old = make_contribution(session, "idea", title="Planter des arbres place de la Mairie")
    other = {"kind": kinds["idea"], "category": None, "position": None}
    found = find_similar(session, sketch(session, title="Plantons des arbres", **other))
    assert [one.contribution.id for one in found] == []
    found = find_similar(
        session, sketch(session, title="Planter des arbres place de la mairie", **other)
    )
    assert [one.contribution.id for one in found] == [old.id]


def test_the_form_is_offered_a_vote_instead(client: Any, session: Session) -> None:
    made = make_contribution(session, title="Lampadaire éteint <b>")
    light = made.category_id
    url = f"/similar?kind=incident&title=Lampadaire&lat=48.11&lon=-1.68&category={light}"
    html = client.get(url).get_data(as_text=True)
    assert f'formaction="/c/{made.reference}/vote"' in html
    assert "Lampadaire éteint &lt;b&gt;" in html


@pytest.mark.parametrize(
    "query",
    [
        "",
        "kind=nothing&title=Lampadaire",
        "kind=incident&lat=x&lon=y&title=Lampadaire",
        "kind=incident&lat=nan&lon=inf",
        "kind=incident&lat=99&lon=1",
        "kind=incident&title=a",
        "kind=idea&title=%00%00%00%00%00%00%00%00",
        "kind=idea&title=" + "%22%27%2A" * 40,
        "kind=incident&category=999999999999999999999&title=Lampadaire",
    ],
)
def test_nonsense_has_no_near_duplicates(client: Any, query: str) -> None:
    answer = client.get(f"/similar?{query}")
    assert answer.status_code == 200
    assert answer.get_data(as_text=True).strip() == ""


def test_looking_for_near_duplicates_asks_few_questions(session: Session, town: Any) -> None:
    for _ in range(8):
        make_contribution(session)
    asked = sketch(session)
    find_similar(session, asked)
    with counting(db.engine) as statements:
        find_similar(session, asked)
    assert len(statements) <= 3


def test_open_data_holds_everything_public_and_nobody(client: Any, session: Session) -> None:
    author = make_account(session, "nom.prenom@example.org")
    placed = make_contribution(session, author=author, title="=1+1")
    whole = make_contribution(session, "idea", position=None, title="Partout")
    make_contribution(session, held=True, title="Retenu")
    text = client.get("/open-data/contributions.csv").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["reference"] for row in rows] == [placed.reference, whole.reference]
    assert rows[0]["title"] == "'=1+1"
    assert "nom.prenom" not in text
    features = json.loads(client.get("/open-data/contributions.geojson").data)["features"]
    assert [feature["properties"]["reference"] for feature in features] == [placed.reference]
    assert features[0]["geometry"]["coordinates"] == [CENTRE.lon, CENTRE.lat]


def test_a_french_spreadsheet_opens_the_open_data_right(
    client: Any, session: Session, town: Any
) -> None:
    town.zone = "Indian/Reunion"
    made = make_contribution(session, title="Été ; « -1,5 »", body="=1+1")
    made.submitted_at = datetime(2026, 1, 31, 20, 5, tzinfo=UTC)
    session.commit()
    answer = client.get("/open-data/contributions.csv?spreadsheet=1")
    assert "contributions-tableur.csv" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbfreference;kind;")
    (row,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";")
    assert row["title"] == "Été ; « -1,5 »"
    assert row["description"] == "'=1+1"
    assert row["submitted_at"] == "01/02/2026 00:05"
    assert row["lat"] == str(CENTRE.lat).replace(".", ",")
    assert row["closed_at"] == ""
    plain = client.get("/open-data/contributions.csv").data
    assert plain.startswith(b"reference,kind,")
    assert b"2026-01-31T20:05:00+00:00" in plain


def test_robots_find_what_is_public(client: Any, session: Session) -> None:
    made = make_contribution(session)
    text = client.get("/robots.txt").get_data(as_text=True)
    assert "Disallow: /s/" in text
    assert "Sitemap: http://localhost/sitemap.xml" in text
    index = client.get("/sitemap.xml").get_data(as_text=True)
    assert "/sitemap-1.xml" in index
    assert f"/incidents/{made.reference}</loc>" in client.get("/sitemap-1.xml").get_data(
        as_text=True
    )
    assert "/areas/ouest</loc>" in client.get("/sitemap-pages.xml").get_data(as_text=True)
    assert "/legal/terms</loc>" in client.get("/sitemap-pages.xml").get_data(as_text=True)
    assert client.get("/sitemap-0.xml").status_code == 404


@pytest.mark.parametrize("path", ["/ideas", "/status", "/incidents/{reference}"])
def test_each_language_is_an_address_of_its_own(client: Any, session: Session, path: str) -> None:
    address = "http://localhost" + path.format(reference=make_contribution(session).reference)
    for query in ("", "?lang=fr", "?lang=en"):
        head = client.get(address + query).get_data(as_text=True).partition("</head>")[0]
        assert f'<link rel="canonical" href="{address}{query}">' in head
        assert f'hreflang="en" href="{address}?lang=en">' in head
        assert f'hreflang="x-default" href="{address}">' in head
    head = client.get(f"{address}?lang=xx").get_data(as_text=True)
    assert f'<link rel="canonical" href="{address}">' in head


def test_everything_in_the_index_is_a_contribution(session: Session, town: Any) -> None:
    made = make_contribution(session)
    session.delete(session.get_one(Contribution, made.id))
    session.flush()
    assert session.scalar(select(Contribution.id)) is None


def test_a_search_that_finds_nothing_leads_on(client: Any, session: Session) -> None:
    make_contribution(session)
    empty = client.get("/search?q=zzzz").get_data(as_text=True)
    assert "Rien n’a été trouvé" in empty
    assert "Ordre de la liste" not in empty
    assert "/incidents/new" in empty.partition("Rien n’a été trouvé")[2].partition("</main>")[0]
    assert "Ordre de la liste" in client.get("/search?q=lampadaire").get_data(as_text=True)


def test_a_town_without_areas_compares_none(client: Any, session: Session) -> None:
    assert "Par quartier" in client.get("/map").get_data(as_text=True)
    assert "un quartier" in client.get("/search").get_data(as_text=True)
    session.execute(delete(Area).where(Area.level != AreaLevel.TOWN))
    session.commit()
    assert "Par quartier" not in client.get("/map").get_data(as_text=True)
    assert "un quartier" not in client.get("/search").get_data(as_text=True)
