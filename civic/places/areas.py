"""Outlines: taken in from GeoJSON, set one inside the other, and retired."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.database import Pace, read_only, utcnow
from civic.database.tables import lock_against_writers
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
    ask: Callable[[], None] | None = None,
) -> AreaImport:
    """Take outlines in, bring known ones up to date and assign every place anew.

    Features are those of GeoJSON, or their properties with a ``geometry`` beside them. An area is
    known by its code, without one by its name; several features of one are one area. Without names
    of properties the usual ones are tried. With ``replace`` the areas of ``level`` that the file
    does not name are retired. Doing it again changes nothing. ``commit`` is called after each few
    outlines and after each batch that is assigned anew; whoever was interrupted does it again.
    With ``ask`` the places are not assigned here: it asks for that, in the last transaction.
    """
    read = read_features(features, Properties(name_property, code_property, population_property))
    result = AreaImport(rejects=read.rejects)
    with read_only():
        known = list(session.scalars(select(Area)))
        commit()
    of_level = [area for area in known if area.level is level]
    by_key = _by_key(of_level)
    town = None if level is AreaLevel.TOWN else _town(known)
    taken = {area.slug for area in known}
    for part in _pace().parts(_to_draw(read.areas.values(), by_key, town, result), commit):
        lock_against_writers(session, Area)
        for before, feature, values in part:
            area = before or _made_meanwhile(session, level, feature)
            if area is None:
                added = Area(slug=_free_slug(feature, taken), level=level, **values)
                session.add(added)
                known.append(added)
                result.added += 1
            else:
                _set(area, values)
                result.changed += 1
        session.flush()
        progress(result.added + result.changed, len(read.areas))
    named_here = {by_key.get(feature.key) for feature in read.areas.values()}
    gone = [area for area in of_level if area not in named_here] if replace else []
    result.retired = _retire(gone)
    result.reassigned = _settle(session, known, progress, commit, ask)
    return result


def _to_draw(
    features: Iterable[OutlineFeature],
    by_key: Mapping[tuple[str, str], Area],
    town: BaseGeometry | None,
    result: AreaImport,
) -> list[tuple[Area | None, OutlineFeature, dict[str, Any]]]:
    """Return what is new or has changed, with the area that it is of and its columns now.

    The rest is counted.
    """
    drawn = []
    for feature in features:
        if town is not None and not _is_inside(feature, town, result):
            continue
        result.joined += len(feature.numbers) - 1
        result.mended += [feature.name] if feature.was_mended else []
        area = by_key.get(feature.key)
        if area is not None and _is_same(area, feature):
            result.unchanged += 1
        else:
            drawn.append((area, feature, _drawn(feature)))
    return drawn


def _made_meanwhile(session: Session, level: AreaLevel, feature: OutlineFeature) -> Area | None:
    """Return the area of ``feature`` that another import has made since this one began."""
    its = (
        [Area.code == feature.code]
        if feature.code
        else [Area.code == "", Area.name == feature.name]
    )
    return session.scalars(select(Area).where(Area.level == level, *its)).first()


def _pace() -> Pace:
    # Outlines are large, up to some megabytes.
    return Pace(first=2, most=50)


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
    ask: Callable[[], None] | None = None,
) -> int:
    """Let ``areas`` hold nothing any more; returns how many rows lie in another area now.

    ``ask`` as of :func:`import_areas`.
    """
    if not _retire(areas):
        return 0
    return _settle(session, list(session.scalars(select(Area))), progress, commit, ask)


def restore_area(
    session: Session,
    area: Area,
    commit: Callable[[], None] = lambda: None,
    ask: Callable[[], None] | None = None,
) -> int:
    """Take a retired area into use again; returns what :func:`retire_areas` does."""
    area.retired_at = None
    known = list(session.scalars(select(Area)))
    return _settle(session, known, lambda done, of: None, commit, ask)


def _retire(areas: Iterable[Area]) -> int:
    used = [area for area in areas if area.retired_at is None]
    for area in used:
        area.retired_at = utcnow()
    return len(used)


def _settle(
    session: Session,
    known: Sequence[Area],
    progress: Progress,
    commit: Callable[[], None],
    ask: Callable[[], None] | None,
) -> int:
    session.flush()
    commit()
    for part in _pace().parts(_parents(known), commit):
        for area, parent_id in part:
            area.parent_id = parent_id
        session.flush()
    _set_box(session, known)
    note_outlines_changed(session)
    if ask is not None:
        ask()
        return 0
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


def _drawn(feature: OutlineFeature) -> dict[str, Any]:
    """Return what an area is said to be by ``feature``, by the names of its columns."""
    outline = feature.outline
    drawn = outline.simplify(DRAWN_TO_DEGREES, preserve_topology=True)
    west, south, east, north = outline.bounds
    label = outline.representative_point()
    values = {
        "name": feature.name,
        "code": feature.code,
        "retired_at": None,
        "is_estimated": False,
        "outline": _geojson(outline),
        "drawing": _geojson(shapely.set_precision(drawn, 1e-5, mode="pointwise")),
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "label_lat": label.y,
        "label_lon": label.x,
    }
    return values if feature.population is None else values | {"population": feature.population}


def _set(area: Area, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(area, name, value)


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


def _parents(areas: Sequence[Area]) -> list[tuple[Area, int | None]]:
    """Return the areas that come to belong to another one: the finest coarser one around them."""
    nested = [area for area in areas if area.level in _FINENESS and area.retired_at is None]
    outlines = {area.id: clean_outline(area.outline) for area in nested}
    changed = []
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
            changed.append((area, parent.id if parent else None))
    return changed
