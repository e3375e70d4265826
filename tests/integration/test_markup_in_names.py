"""Names that an imported GeoJSON brings are text everywhere: pages, cards, exports and mails."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, Role
from civic.contributions.kinds import kinds
from civic.contributions.models import Contribution
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.follows.operations import follow
from civic.imports.load import Importer
from civic.imports.mapping import load_mapping
from civic.imports.readers import open_source
from civic.imports.rejects import Rejects
from civic.notifications.models import OutgoingEmail
from civic.notifications.rendering import render
from civic.places.areas import import_areas
from civic.places.models import Area, AreaLevel
from civic.taxonomy.models import Category, Department
from tests.factories import make_account, square

MARKUP = (
    "<img src=x onerror=alert(1)>\"'&<b>{name}</b>",
    "</script><script>alert(1)</script>{name}",
    '"><svg onload=alert(1)>{name}',
    "{{{{ 7 * 7 }}}} </title></option><style>*{{}}</style>{name}",
)
FORBIDDEN = ("<img src=x", "<script>alert", "<svg onload", "<style>*", "<b>")
MAPPING = """
name = "geojson"
kind = "incident"
creates_categories = true
creates_departments = true
[columns]
external_id = "#"
title = "titre"
body = "texte"
category = "type"
department = "service"
address = "adresse"
lat = "lat"
lon = "lon"
submitted_at = "date"
"""


@pytest.fixture(params=MARKUP)
def imported(
    request: pytest.FixtureRequest, session: Session, town: Any, tmp_path: Path
) -> Contribution:
    names = {
        name: request.param.format(name=name)
        for name in ("titre", "texte", "type", "service", "adresse", "nom")
    }
    outline = square(48.11, -1.7, 48.12, -1.68)
    area = {"type": "Feature", "geometry": outline, "properties": {"NOM": names["nom"]}}
    import_areas(session, [area], AreaLevel.NEIGHBOURHOOD)
    session.commit()
    point = {"type": "Point", "coordinates": [-1.69, 48.115]}
    properties = names | {"date": "2026-01-02"}
    feature = {"type": "Feature", "geometry": point, "properties": properties}
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    path = tmp_path / "file.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8"
    )
    source = open_source(path)
    with Rejects(None) as rejects:
        mapping = load_mapping(tmp_path / "m.toml").fitted(source.columns)
        kind = kinds["incident"]
        importer = Importer(session, kind, mapping, rejects, commit=session.commit)
        assert importer.run(source.rows, lambda _read: None).added == 1
    source.close()
    return session.scalars(select(Contribution)).one()


def pages_of(session: Session, one: Contribution) -> dict[Role | None, list[str]]:
    area = session.scalars(select(Area).where(Area.name.contains("nom"))).one()
    category = session.scalars(select(Category).where(Category.name.contains("type"))).one()
    department = session.scalars(select(Department).where(Department.name.contains("serv"))).one()
    filters = f"category={category.code}&department={department.code}&area={area.slug}"
    reference = one.reference
    return {
        None: [
            "/",
            "/map",
            f"/map?{filters}",
            "/map?heat=density",
            f"/map?selected=incident:{reference}",
            f"/map/card/incident/{reference}",
            "/map/areas",
            "/incidents",
            f"/incidents?{filters}",
            f"/incidents/{reference}",
            f"/incidents?area=zz&category={category.code}",
            "/areas",
            f"/areas/{area.slug}",
            "/search?q=alert",
            f"/search?q=alert&{filters}",
            "/incidents/new",
            f"/incidents/new?category={category.code}",
            "/ranking",
            "/status",
            "/ledger",
            "/open-data",
        ],
        Role.AGENT: [
            "/desk",
            f"/desk?{filters}",
            "/desk?q=alert",
            f"/desk/{reference}",
            f"/desk/{reference}?view=open",
            "/desk/new",
            "/desk/replies",
            f"/actions/new?contribution={reference}",
            f"/merge/{reference}",
        ],
        Role.MODERATOR: ["/moderation", f"/moderation/{one.id}"],
        Role.ADMINISTRATOR: [
            "/administration",
            "/administration/categories",
            f"/administration/categories/{category.id}",
            "/administration/departments",
            f"/administration/departments/{department.id}",
            "/administration/areas",
            f"/administration/areas/{area.id}",
            "/administration/people",
        ],
    }


def test_on_every_page(app: Flask, session: Session, imported: Contribution) -> None:
    shown = 0
    for role, paths in pages_of(session, imported).items():
        browser: Any = app.test_client()
        if role is not None:
            browser.sign_in(make_account(session, f"{role}@example.org", role))
        for path in paths:
            answer = browser.get(path, follow_redirects=True)
            assert answer.status_code == 200, path
            text = answer.get_data(as_text=True)
            assert [bad for bad in FORBIDDEN if bad in text] == [], path
            assert " 49 " not in text, path
            shown += "alert(1)" in text or "7 * 7" in text
    assert shown > 20


def test_in_every_export(app: Flask, session: Session, imported: Contribution) -> None:
    browser = app.test_client()
    (row,) = csv.DictReader(io.StringIO(browser.get("/open-data/contributions.csv").text))
    assert row["title"] == imported.title
    assert row["category_name"] == imported.category.name
    assert imported.department is not None
    assert row["department"] == imported.department.name
    answer = browser.get("/open-data/contributions.geojson")
    (feature,) = json.loads(answer.text)["features"]
    assert feature["properties"]["title"] == imported.title
    for path in ("/map/outlines.json", "/map/areas.json", "/map/data/12/2029/1408.json"):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert answer.mimetype == "application/json", path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_in_mails(app: Flask, session: Session, imported: Contribution) -> None:
    resident = make_account(session, "habitante@example.org")
    follow(session, imported, account_id=resident.id)
    move(
        session,
        imported,
        "planned",
        actor=SYSTEM,
        standing={Party.AGENT},
    )
    session.commit()
    mails = session.scalars(select(OutgoingEmail)).all()
    assert mails
    for mail in mails:
        body = render(app, session, mail).get_body(("html",))
        assert body is not None
        text = body.get_content()
        assert [bad for bad in FORBIDDEN if bad in text] == []
