"""Files of areas: in pieces, crossed, outside the town, replaced as a set; and retired areas."""

import math
from typing import Any

import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.contributions.models import Scope
from civic.places.areas import import_areas, restore_area, retire_areas
from civic.places.geometry import Position
from civic.places.models import Area, AreaLevel, Town
from civic.places.outline_features import MOST_KEPT
from civic.places.queries import get_outlines, is_outline_estimated, list_areas
from tests.factories import make_contribution, square

MARKUP = '<img src=x onerror="alert(1)">&\'Centre'


def feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def area(session: Session, slug: str) -> Area:
    return session.scalars(select(Area).where(Area.slug == slug)).one()


def test_several_features_of_one_code_are_one_area(session: Session, town: Town) -> None:
    pieces = [
        feature(square(48.1 + n / 1000, -1.7, 48.1005 + n / 1000, -1.69), CODE="L", NOM_LAC="Lac")
        for n in range(10)
    ]
    named = [
        feature(square(48.11, -1.68, 48.111, -1.679), name="Parc"),
        feature(square(48.115, -1.68, 48.116, -1.679), name="Parc"),
    ]
    result = import_areas(session, [*pieces, *named], AreaLevel.WATER)
    assert (result.added, result.joined, result.rejects) == (2, 10, [])
    lake = area(session, "lac")
    assert len(lake.outline["coordinates"]) == 10
    assert (lake.south, round(lake.north, 4)) == (48.1, 48.1095)
    again = import_areas(session, [*pieces, *named], AreaLevel.WATER)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)


@pytest.mark.parametrize("name", ["NAME", "Nom", "NOM_COM", "nom_quart", "Label_fr"])
def test_the_name_is_found_without_regard_to_case(session: Session, town: Town, name: str) -> None:
    here = square(48.11, -1.68, 48.111, -1.679)
    result = import_areas(session, [feature(here, **{name: "Bourg", "ID": 7})], AreaLevel.PARK)
    assert (result.added, result.rejects) == (1, [])
    assert area(session, "bourg").code == "7"
    given = [feature(here, Secteur="Sud")]
    assert import_areas(session, given, AreaLevel.PARK, name_property="SECTEUR").added == 1


@pytest.mark.parametrize("wave", [0.0, 0.003])
def test_outlines_of_very_many_points_are_thinned_out(
    session: Session, town: Town, wave: float
) -> None:
    """One is written at once: its bytes are what others wait for."""
    angles = [2 * math.pi * n / 60_000 for n in range(60_000)]
    ring = [
        [-1.68 + (0.01 + wave * (n % 2)) * math.cos(a), 48.11 + 0.005 * math.sin(a)]
        for n, a in enumerate(angles)
    ]
    lake = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    assert import_areas(session, [feature(lake, name="Lac")], AreaLevel.WATER).added == 1
    drawn = shape(area(session, "lac").outline)
    assert 20 < shapely.get_num_coordinates(drawn) <= MOST_KEPT
    assert drawn.is_valid
    if not wave:
        assert drawn.hausdorff_distance(shape(lake)) < 1.01e-6
    again = import_areas(session, [feature(lake, name="Lac")], AreaLevel.WATER)
    assert (again.changed, again.unchanged) == (0, 1)


def test_what_lies_outside_the_town_is_refused_and_what_crosses_its_border_is_said(
    session: Session, town: Town
) -> None:
    features = [
        feature(square(48.13, -1.7, 48.14, -1.68), name="Voisine"),
        feature(square(48.12, -1.7, 48.13, -1.68), name="Au bord"),
        feature(square(48.11, -1.7, 48.13, -1.68), name="À moitié"),
        feature(square(48.11, -1.7, 48.1200001, -1.68), name="Presque"),
    ]
    result = import_areas(session, features, AreaLevel.NEIGHBOURHOOD)
    assert result.rejects == [(1, "outside the town"), (2, "outside the town")]
    assert result.partly_outside == {"À moitié": 50}
    assert result.added == 2


def test_an_outline_that_crosses_itself_is_mended_and_said(session: Session, town: Town) -> None:
    ring = [[-1.69, 48.105], [-1.68, 48.115], [-1.68, 48.105], [-1.69, 48.115], [-1.69, 48.105]]
    bow_tie = feature({"type": "Polygon", "coordinates": [ring]}, name="Nœud")
    result = import_areas(session, [bow_tie], AreaLevel.NEIGHBOURHOOD)
    assert (result.added, result.mended) == (1, ["Nœud"])


def test_a_set_is_replaced(session: Session, town: Town) -> None:
    west = area(session, "ouest")
    placed = make_contribution(session, position=Position(48.115, -1.69), area_id=west.id)
    described = make_contribution(session, scope=Scope.AREA, position=None, area_id=west.id)
    new = [
        feature(square(48.1, -1.7, 48.12, -1.69), name="Nouveau", code="N"),
        feature(square(48.1, -1.69, 48.12, -1.68), name="Milieu", code="M"),
        feature(square(48.1, -1.68, 48.12, -1.66), name="Est"),
        feature(square(48.2, -1.68, 48.22, -1.66), name="Ailleurs"),
    ]
    result = import_areas(session, new, AreaLevel.NEIGHBOURHOOD, replace=True)
    session.commit()
    assert (result.added, result.retired, result.reassigned) == (2, 1, 2)
    assert [a.name for a in list_areas(session)] == ["Est", "Milieu", "Nouveau"]
    assert placed.area is not None
    assert placed.area.slug in {"milieu", "nouveau"}
    assert described.area is not None
    assert described.area.slug in {"milieu", "nouveau"}
    back = import_areas(session, [feature(west.outline, name="Ouest")], AreaLevel.NEIGHBOURHOOD)
    assert (back.added, back.changed) == (0, 1)
    assert west.retired_at is None


def test_a_refused_feature_does_not_retire_the_area_it_names(session: Session, town: Town) -> None:
    away = [feature(square(48.2, -1.7, 48.22, -1.68), name="Ouest")]
    result = import_areas(session, away, AreaLevel.NEIGHBOURHOOD, replace=True)
    assert (result.rejects, result.retired) == ([(1, "outside the town")], 1)
    assert area(session, "ouest").retired_at is None


def test_a_retired_area_holds_nothing_and_its_address_has_an_answer(
    client: Any, session: Session, town: Town
) -> None:
    west, whole = area(session, "ouest"), area(session, "village-sur-test")
    made = make_contribution(session, position=Position(48.115, -1.69), area_id=west.id)
    assert retire_areas(session, [west]) == 1
    session.commit()
    assert made.area_id == whole.id
    assert get_outlines(session).areas_at(Position(48.115, -1.69)) == [whole.id]
    page = client.get("/areas/ouest")
    assert page.status_code == 200
    assert "n’existe plus" in page.get_data(as_text=True)
    assert made.title in client.get("/incidents?area=ouest").get_data(as_text=True)
    assert "/areas/ouest" not in client.get("/areas").get_data(as_text=True)
    assert "Ouest" not in client.get("/map/outlines.json").get_data(as_text=True)
    assert restore_area(session, west) == 1
    session.commit()
    assert made.area_id == west.id


def test_markup_in_a_name_is_text_everywhere(client: Any, session: Session, town: Town) -> None:
    outline = square(48.1, -1.7, 48.12, -1.68)
    import_areas(session, [feature(outline, name=f"{MARKUP}\n\x00")], AreaLevel.NEIGHBOURHOOD)
    centre = session.scalars(select(Area).where(Area.name.contains("img"))).one()
    assert centre.name == MARKUP
    made = make_contribution(session, position=Position(48.115, -1.69), area_id=centre.id)
    paths = ["/", "/map", "/incidents", "/areas", f"/areas/{centre.slug}", "/areas/comparison"]
    paths += [f"/incidents?area={centre.slug}", f"/s/{made.reference}", "/incidents/new", "/search"]
    paths += ["/open-data", "/incidents.atom"]
    for path in paths:
        answer = client.get(path, follow_redirects=True)
        assert "<img src=x" not in answer.get_data(as_text=True), path
    assert "alert(1)" in client.get("/areas").get_data(as_text=True)
    outlines = client.get("/map/outlines.json")
    assert outlines.mimetype.endswith("json")


def test_a_true_outline_takes_the_place_of_an_estimated_one(session: Session, town: Town) -> None:
    estimated = area(session, "village-sur-test")
    estimated.is_estimated = True
    made = make_contribution(session, position=Position(48.115, -1.69))
    session.commit()
    assert is_outline_estimated(session)
    true = [feature(square(48.09, -1.71, 48.13, -1.65), nom="Village-sur-Test", code="35999")]
    result = import_areas(session, true, AreaLevel.TOWN, replace=True)
    session.commit()
    assert (result.added, result.retired, result.rejects) == (1, 1, [])
    assert not is_outline_estimated(session)
    assert (town.south, town.west, town.north, town.east) == (48.09, -1.71, 48.13, -1.65)
    assert get_outlines(session).holds(Position(48.091, -1.651))
    assert made.area is not None
    assert made.area.slug == "ouest"


def test_outlines_are_stored_few_at_a_time_and_an_interrupted_file_is_taken_again(
    session: Session, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = Position(48.1105, -1.6705)
    report = make_contribution(session, position=where)
    coarse = [feature(square(48.1, -1.7, 48.12, -1.66), name="Nord")]
    import_areas(session, coarse, AreaLevel.DISTRICT)
    session.commit()
    fine = [
        feature(square(48.11, -1.68 + n / 1000, 48.111, -1.679 + n / 1000), name=f"Rue {n}")
        for n in range(12)
    ]
    monkeypatch.setattr("civic.database.pace.AIM_S", 0.0)
    stored: list[int] = []

    class Cut(Exception):
        """The command is ended."""

    def commit() -> None:
        session.commit()
        count = select(func.count()).where(Area.slug.like("rue-%"))
        stored.append(session.scalar(count) or 0)
        session.commit()
        if stored[-1] == len(fine):
            raise Cut

    with pytest.raises(Cut):
        import_areas(session, fine, AreaLevel.NEIGHBOURHOOD, commit=commit)
    session.rollback()
    assert len(set(stored)) > 2, "written in several transactions"
    session.refresh(report)
    assert report.area_id != area(session, "rue-9").id
    again = import_areas(session, fine, AreaLevel.NEIGHBOURHOOD, commit=session.commit)
    assert (again.added, again.unchanged, again.reassigned) == (0, 12, 1)
    session.refresh(report)
    assert report.area_id == area(session, "rue-9").id
    assert area(session, "rue-9").parent_id == area(session, "nord").id
