"""Outlines: taken in from GeoJSON, set one inside the other, and every place assigned anew."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Table, bindparam, func, select, update
from sqlalchemy.orm import Session

from civic.database import Base
from civic.places.geometry import Position, clean_outline
from civic.places.models import Area, AreaLevel
from civic.places.operations import note_outlines_changed
from civic.places.queries import outlines_of
from civic.text.slugs import slugify

DRAWN_TO_DEGREES = 0.00008
"""How far a drawn outline may be from the true one: some 8 m, less than a pixel at street level."""
MOST_COORDINATES = 5_000_000
BATCH = 2_000

Progress: TypeAlias = Callable[[int, int], None]
"""Called with how many are done, and of how many (0: not known yet)."""

# A file of small areas also names the larger ones that they are in: the finest names come first.
_NAMES = ("name", "nom", "libiris", "l_qu", "l_ar", "l_aroff", "libelle", "nom_com", "NOM")
_CODES = ("code", "c_qu", "c_quinsee", "c_ar", "codeinsee", "id", "CODE", "insee")
_POPULATIONS = ("population", "pop", "p12_pop")
_FINENESS = {AreaLevel.TOWN: 0, AreaLevel.DISTRICT: 1, AreaLevel.NEIGHBOURHOOD: 2}


@dataclass(slots=True)
class AreaImport:
    """What an import did. ``rejects`` are (number of the feature, reason)."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    reassigned: int = 0
    rejects: list[tuple[int, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, int]:
        """Return the totals by name."""
        return {
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "reassigned": self.reassigned,
            "rejected": len(self.rejects),
        }


@dataclass(frozen=True, slots=True)
class _Feature:
    name: str
    code: str
    population: int | None
    outline: BaseGeometry


def import_areas(
    session: Session,
    features: Iterable[Mapping[str, Any]],
    level: AreaLevel,
    name_property: str = "",
    code_property: str = "",
    population_property: str = "",
    progress: Progress = lambda done, of: None,
) -> AreaImport:
    """Take outlines in, bring known ones up to date and assign every place anew; never commits.

    Features are those of GeoJSON, or their properties with a ``geometry`` beside them. An area is
    known by its code, without one by its name. Doing it again changes nothing. Without names of
    properties the usual ones are tried.
    """
    result = AreaImport()
    known = list(session.scalars(select(Area)))
    taken = {area.slug for area in known}
    of_level = [area for area in known if area.level is level]
    by_code = {area.code: area for area in of_level if area.code}
    by_name = {area.name: area for area in of_level if not area.code}
    for number, raw in enumerate(features, start=1):
        try:
            feature = _understood(raw, name_property, code_property, population_property)
        except ValueError as error:
            result.rejects.append((number, str(error)))
            continue
        area = by_code.get(feature.code) if feature.code else by_name.get(feature.name)
        if area is None:
            area = Area(slug=_free_slug(feature, taken), level=level)
            session.add(area)
            known.append(area)
            (by_code if feature.code else by_name)[feature.code or feature.name] = area
            result.added += 1
        elif _is_same(area, feature):
            result.unchanged += 1
            continue
        else:
            result.changed += 1
        _fill(area, feature)
        progress(number, 0)
    if result.added or result.changed:
        session.flush()
        _set_parents(known)
        note_outlines_changed(session)
        result.reassigned = reassign(session, progress)
    return result


def _understood(raw: Mapping[str, Any], name: str, code: str, population: str) -> _Feature:
    properties = raw.get("properties") or raw
    named = _first(properties, (name,) if name else _NAMES)
    if not named:
        raise ValueError("no name")
    geometry = raw.get("geometry")
    if not isinstance(geometry, Mapping):
        raise ValueError("no outline")  # noqa: TRY004 (the file is wrong, not the caller)
    outline = clean_outline(geometry)
    if shapely.get_num_coordinates(outline) > MOST_COORDINATES:
        raise ValueError("the outline has too many points")
    west, south, east, north = outline.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise ValueError("the outline is not in degrees (WGS84)")
    people = _first(properties, (population,) if population else _POPULATIONS)
    return _Feature(
        name=str(named)[:160],
        code=str(_first(properties, (code,) if code else _CODES) or "")[:40],
        population=_count(people),
        outline=outline,
    )


def _first(properties: Mapping[str, Any], names: Sequence[str]) -> Any:
    values = (properties.get(name) for name in names)
    return next((value for value in values if value is not None and value != ""), None)


def _count(value: Any) -> int | None:
    """Return a number of people, also as it is printed (« 1 234 »); None for anything else."""
    try:
        people = float("".join(value.split()) if isinstance(value, str) else value)
    except (TypeError, ValueError):
        return None
    return int(people) if 0 <= people < 1e9 else None


def _free_slug(feature: _Feature, taken: set[str]) -> str:
    first = slugify(feature.name, limit=100, fallback="quartier")
    candidates = iter([first, slugify(f"{first} {feature.code}", limit=110)])
    number = 1
    slug = next(candidates)
    while slug in taken:
        number += 1
        slug = next(candidates, f"{first}-{number}")
    taken.add(slug)
    return slug


def _is_same(area: Area, feature: _Feature) -> bool:
    return (
        area.name == feature.name
        and (feature.population is None or area.population == feature.population)
        and area.outline == _geojson(feature.outline)
    )


def _fill(area: Area, feature: _Feature) -> None:
    outline = feature.outline
    area.name, area.code = feature.name, feature.code
    if feature.population is not None:
        area.population = feature.population
    area.outline = _geojson(outline)
    drawn = outline.simplify(DRAWN_TO_DEGREES, preserve_topology=True)
    area.drawing = _geojson(shapely.set_precision(drawn, 1e-5, mode="pointwise"))
    area.west, area.south, area.east, area.north = outline.bounds
    label = outline.representative_point()
    area.label_lat, area.label_lon = label.y, label.x


def _geojson(outline: BaseGeometry) -> dict[str, Any]:
    """As the database gives it back: lists, where shapely makes tuples."""
    drawn = mapping(outline)
    return {"type": drawn["type"], "coordinates": _lists(drawn["coordinates"])}


def _lists(value: Any) -> Any:
    return [_lists(part) for part in value] if isinstance(value, (list, tuple)) else value


def _set_parents(areas: Sequence[Area]) -> None:
    """Let each area belong to the finest coarser one that holds a point inside it."""
    nested = [area for area in areas if area.level in _FINENESS]
    outlines = {area.id: clean_outline(area.outline) for area in nested}
    for area in nested:
        inside = outlines[area.id].representative_point()
        above = [
            other
            for other in nested
            if _FINENESS[other.level] < _FINENESS[area.level]
            and outlines[other.id].intersects(inside)
        ]
        parent = max(above, key=lambda other: _FINENESS[other.level], default=None)
        if area.parent_id != (parent.id if parent else None):
            area.parent_id = parent.id if parent else None


# ----------------------------------------------------------------------------------- reassign


@dataclass(frozen=True, eq=False)
class Located:
    """A table whose rows lie in areas: columns id, lat, lon and area_id.

    ``moved`` is told the ids of the rows that have come to lie in another area.
    """

    model: type[Base]
    moved: Callable[[Session, Sequence[int]], None] = lambda session, ids: None


_located: dict[type[Base], list[Located]] = {}


def register_located(located: Located) -> None:
    """Let the rows of a table be assigned anew when outlines change, and be told of it."""
    _located.setdefault(located.model, []).append(located)


def reassign(session: Session, progress: Progress = lambda done, of: None) -> int:
    """Find the area of every placed row anew; returns how many lie in another one. Never commits.

    Reads in batches by id: memory does not grow with what is stored.
    """
    session.flush()
    tables = [(cast("Table", model.__table__), told) for model, told in _located.items()]
    of = sum(
        session.scalar(select(func.count()).select_from(table).where(table.c.lat.is_not(None))) or 0
        for table, _ in tables
    )
    done = moved = 0
    for table, told in tables:
        for rows in _batches(session, table):
            changed = _assigned(session, rows)
            if changed:
                _reassign(session, table, told, changed)
            moved += len(changed)
            done += len(rows)
            progress(done, of)
    session.expire_all()
    return moved


def _reassign(
    session: Session, table: Table, told: Sequence[Located], changed: list[dict[str, Any]]
) -> None:
    ids = [values["row"] for values in changed]
    session.connection().execute(_moving(table), changed)
    for item in told:
        item.moved(session, ids)


def _batches(session: Session, table: Table) -> Iterator[Sequence[Any]]:
    last = 0
    while True:
        rows = session.execute(
            select(table.c.id, table.c.lat, table.c.lon, table.c.area_id)
            .where(table.c.id > last, table.c.lat.is_not(None))
            .order_by(table.c.id)
            .limit(BATCH)
        ).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _assigned(session: Session, rows: Sequence[Any]) -> list[dict[str, Any]]:
    index = outlines_of(session).index
    found = index.find_many([Position(row.lat, row.lon) for row in rows])
    return [
        {"row": row.id, "area": areas[0] if areas else None}
        for row, areas in zip(rows, found, strict=True)
        if row.area_id != (areas[0] if areas else None)
    ]


def _moving(table: Table) -> Any:
    here: ColumnElement[bool] = table.c.id == bindparam("row")
    return update(table).where(here).values(area_id=bindparam("area"))
