"""Outlines: taken in from GeoJSON, set one inside the other, and retired."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.database import utcnow
from civic.places.geometry import clean_outline
from civic.places.models import Area, AreaLevel
from civic.places.operations import note_outlines_changed
from civic.places.outline_features import OutlineFeature, Properties, read_features
from civic.places.queries import find_town
from civic.places.reassigning import Progress, reassign
from civic.text.slugs import slugify

DRAWN_TO_DEGREES = 0.00008
"""How far a drawn outline may be from the true one: some 8 m, less than a pixel at street level."""
LEAST_SHARE_INSIDE = 0.01
"""An area of which less lies in the town is one of its neighbours', whose border it shares."""
NEARLY_ALL = 0.99
"""Two files draw one border a few metres apart."""
OUTSIDE = "outside the town"

_FINENESS = {AreaLevel.TOWN: 0, AreaLevel.DISTRICT: 1, AreaLevel.NEIGHBOURHOOD: 2}


@dataclass(slots=True)
class AreaImport:
    """What an import did. ``rejects`` are (number of the feature, reason).

    ``joined`` features were pieces of an area that another one began, ``mended`` names had an
    outline that crossed itself, ``partly_outside`` is the percentage, by name, that is not in the
    town.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0
    reassigned: int = 0
    joined: int = 0
    mended: list[str] = field(default_factory=list)
    partly_outside: dict[str, int] = field(default_factory=dict)
    rejects: list[tuple[int, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, int]:
        """Return the totals by name."""
        return {
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "retired": self.retired,
            "reassigned": self.reassigned,
            "joined": self.joined,
            "mended": len(self.mended),
            "partly_outside": len(self.partly_outside),
            "rejected": len(self.rejects),
        }


def import_areas(
    session: Session,
    features: Iterable[Mapping[str, Any]],
    level: AreaLevel,
    name_property: str = "",
    code_property: str = "",
    population_property: str = "",
    progress: Progress = lambda done, of: None,
    *,
    replace: bool = False,
    commit: Callable[[], None] = lambda: None,
) -> AreaImport:
    """Take outlines in, bring known ones up to date and assign every place anew.

    Features are those of GeoJSON, or their properties with a ``geometry`` beside them. An area is
    known by its code, without one by its name; several features of one are one area. Without names
    of properties the usual ones are tried. With ``replace`` the areas of ``level`` that the file
    does not name are retired. Doing it again changes nothing. ``commit`` is called once the
    outlines are stored, and after each batch that is assigned anew.
    """
    read = read_features(features, Properties(name_property, code_property, population_property))
    result = AreaImport(rejects=read.rejects)
    known = list(session.scalars(select(Area)))
    of_level = [area for area in known if area.level is level]
    by_key, taken = _by_key(of_level), {area.slug for area in known}
    town = None if level is AreaLevel.TOWN else _town(known)
    named_here = {by_key.get(feature.key) for feature in read.areas.values()}
    for number, feature in enumerate(read.areas.values(), start=1):
        area = by_key.get(feature.key)
        if town is not None and not _is_inside(feature, town, result):
            continue
        result.joined += len(feature.numbers) - 1
        result.mended += [feature.name] if feature.was_mended else []
        if area is None:
            area = Area(slug=_free_slug(feature, taken), level=level)
            session.add(area)
            known.append(area)
            result.added += 1
        elif _is_same(area, feature):
            result.unchanged += 1
            continue
        else:
            result.changed += 1
        _fill(area, feature)
        progress(number, len(read.areas))
    gone = [area for area in of_level if area not in named_here] if replace else []
    result.retired = _retire(gone)
    if result.added or result.changed or result.retired:
        result.reassigned = _settle(session, known, progress, commit)
    return result


def _by_key(areas: Iterable[Area]) -> dict[tuple[str, str], Area]:
    """Return areas by what features of a file know them by."""
    # A retired area that comes back is itself again; one in use goes before one that is not.
    in_order = sorted(areas, key=lambda area: area.retired_at is None)
    return {((area.code, "") if area.code else ("", area.name)): area for area in in_order}


def retire_areas(
    session: Session,
    areas: Sequence[Area],
    progress: Progress = lambda done, of: None,
    commit: Callable[[], None] = lambda: None,
) -> int:
    """Let ``areas`` hold nothing any more; returns how many rows lie in another area now."""
    if not _retire(areas):
        return 0
    return _settle(session, list(session.scalars(select(Area))), progress, commit)


def restore_area(session: Session, area: Area) -> int:
    """Take a retired area into use again; returns how many rows lie in another area now."""
    area.retired_at = None
    return _settle(session, list(session.scalars(select(Area))), lambda done, of: None, _nothing)


def _nothing() -> None:
    """Commit nothing: the caller does."""


def _retire(areas: Iterable[Area]) -> int:
    used = [area for area in areas if area.retired_at is None]
    for area in used:
        area.retired_at = utcnow()
    return len(used)


def _settle(
    session: Session, known: Sequence[Area], progress: Progress, commit: Callable[[], None]
) -> int:
    session.flush()
    _set_parents(known)
    _set_box(session, known)
    note_outlines_changed(session)
    commit()
    return reassign(session, progress, commit)


def _town(known: Iterable[Area]) -> BaseGeometry | None:
    """Return the outline of the town; None while it has none."""
    outlines = [
        clean_outline(area.outline)
        for area in known
        if area.level is AreaLevel.TOWN and area.retired_at is None
    ]
    return shapely.union_all(outlines) if outlines else None


def _is_inside(feature: OutlineFeature, town: BaseGeometry, result: AreaImport) -> bool:
    share = feature.outline.intersection(town).area / feature.outline.area
    if share < LEAST_SHARE_INSIDE:
        result.rejects += [(number, OUTSIDE) for number in feature.numbers]
        return False
    if share < NEARLY_ALL:
        result.partly_outside[feature.name] = round(100 * (1 - share))
    return True


def _free_slug(feature: OutlineFeature, taken: set[str]) -> str:
    first = slugify(feature.name, limit=100, fallback="quartier")
    candidates = iter([first, slugify(f"{first} {feature.code}", limit=110)])
    number = 1
    slug = next(candidates)
    while slug in taken:
        number += 1
        slug = next(candidates, f"{first}-{number}")
    taken.add(slug)
    return slug


def _is_same(area: Area, feature: OutlineFeature) -> bool:
    return (
        area.retired_at is None
        and area.name == feature.name
        and (feature.population is None or area.population == feature.population)
        and area.outline == _geojson(feature.outline)
    )


def _fill(area: Area, feature: OutlineFeature) -> None:
    outline = feature.outline
    area.name, area.code, area.retired_at = feature.name, feature.code, None
    area.is_estimated = False
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


def _set_box(session: Session, areas: Sequence[Area]) -> None:
    """Let the box of the town hold its outline."""
    town = find_town(session)
    used = [area for area in areas if area.level is AreaLevel.TOWN and area.retired_at is None]
    if town is not None and used:
        town.south, town.north = min(a.south for a in used), max(a.north for a in used)
        town.west, town.east = min(a.west for a in used), max(a.east for a in used)


def _set_parents(areas: Sequence[Area]) -> None:
    """Let each area belong to the finest coarser one that holds a point inside it."""
    nested = [area for area in areas if area.level in _FINENESS and area.retired_at is None]
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
