"""Outlines: taken in, nested, drawn; and everything is assigned anew when they change."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.places.areas import import_areas, reassign
from civic.places.geometry import Position
from civic.places.models import Area, AreaLevel, Town
from civic.places.queries import get_outlines
from civic.search.queries import matching
from tests.factories import make_contribution, square


def feature(name: str, code: str, *box: float, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"nom": name, "code": code, **properties},
        "geometry": square(*box),
    }


def parts() -> list[dict[str, Any]]:
    return [
        feature("Bas-Village", "B", 48.1, -1.7, 48.11, -1.66, population=321),
        feature("Haut-Village", "H", 48.11, -1.7, 48.12, -1.66, population="1\u202f456"),
    ]


def test_areas_are_taken_in_once(session: Session, town: Town) -> None:
    result = import_areas(session, parts(), AreaLevel.DISTRICT)
    assert (result.added, result.rejects) == (2, [])
    again = import_areas(session, json.loads(json.dumps(parts())), AreaLevel.DISTRICT)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    low = session.scalars(select(Area).where(Area.code == "B")).one()
    whole = session.scalars(select(Area).where(Area.level == AreaLevel.TOWN)).one()
    assert (low.slug, low.population, low.parent_id) == ("bas-village", 321, whole.id)
    high = session.scalars(select(Area).where(Area.code == "H")).one()
    assert high.population == 1456
    assert (low.south, low.west, low.north, low.east) == (48.1, -1.7, 48.11, -1.66)


def test_what_cannot_be_taken_is_said(session: Session, town: Town) -> None:
    broken = [
        {"properties": {"nom": "Sans tracé"}, "geometry": None},
        {"properties": {}, "geometry": square(0, 0, 1, 1)},
        {"properties": {"nom": "Point"}, "geometry": {"type": "Point", "coordinates": [1, 2]}},
        {"properties": {"nom": ["une", "liste"]}, "geometry": None},
        {"properties": {"nom": "Lambert"}, "geometry": square(6e6, 8e5, 6.1e6, 9e5)},
    ]
    result = import_areas(session, broken, AreaLevel.NEIGHBOURHOOD)
    assert [number for number, _ in result.rejects] == [1, 2, 3, 4, 5]
    assert result.added == 0


def test_two_areas_of_one_name_have_two_addresses(session: Session, town: Town) -> None:
    twins = [
        feature("Centre", "1", 48.1, -1.7, 48.105, -1.69),
        feature("Centre", "2", 48.105, -1.7, 48.11, -1.69),
    ]
    import_areas(session, twins, AreaLevel.NEIGHBOURHOOD)
    slugs = session.scalars(select(Area.slug).where(Area.name == "Centre").order_by(Area.code))
    assert slugs.all() == ["centre", "centre-2"]


def test_new_outlines_assign_everything_anew(session: Session, town: Town) -> None:
    west = session.scalars(select(Area).where(Area.slug == "ouest")).one()
    made = make_contribution(session, position=Position(48.115, -1.69), area_id=west.id)
    small = [feature("Clos", "C", 48.114, -1.692, 48.116, -1.688)]
    steps: list[tuple[int, int]] = []
    result = import_areas(
        session, small, AreaLevel.NEIGHBOURHOOD, progress=lambda *step: steps.append(step)
    )
    assert result.reassigned == 1
    assert steps[-1] == (1, 1)
    assert made.area is not None
    assert made.area.slug == "clos"
    assert session.scalars(matching(session, "clos")).all() == [made.id]
    assert reassign(session) == 0
    found = get_outlines(session).areas_at(Position(48.115, -1.69))
    assert found[0] == made.area_id


def test_a_renamed_area_is_found_by_its_new_name(session: Session, town: Town) -> None:
    west = session.scalars(select(Area).where(Area.slug == "ouest")).one()
    made = make_contribution(session, position=Position(48.115, -1.69), area_id=west.id)
    west.name = "Les Rosiers"
    session.flush()
    assert session.scalars(matching(session, "rosier")).all() == [made.id]
