"""The names that every list needs: categories, departments and areas, kept by each process.

A change made in this process is seen at once, one made by another within ``KEPT_FOR`` seconds.
"""

import time
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from civic.places.models import Area, AreaLevel
from civic.places.queries import list_heirs_of_areas
from civic.taxonomy.models import Category, Department
from civic.text.order import as_counted

KEPT_FOR = 5.0


@dataclass(frozen=True, slots=True)
class CategoryName:
    """What lists show of a category."""

    id: int
    code: str
    name: str
    name_en: str
    icon: str
    kinds: tuple[str, ...]
    group: str
    is_active: bool
    radius_m: int

    def name_in(self, locale: str) -> str:
        """Return the name in ``locale``, in French where there is no other."""
        return (self.name_en or self.name) if locale == "en" else self.name


@dataclass(frozen=True, slots=True)
class DepartmentName:
    """What lists show of a department."""

    id: int
    code: str
    name: str
    name_en: str
    is_active: bool

    def name_in(self, locale: str) -> str:
        """Return the name in ``locale``, in French where there is no other."""
        return (self.name_en or self.name) if locale == "en" else self.name


@dataclass(frozen=True, slots=True)
class AreaName:
    """What lists show of an area."""

    id: int
    slug: str
    name: str
    level: AreaLevel
    parent_id: int | None
    population: int | None

    @property
    def is_named(self) -> bool:
        """Whether residents name it: the town itself, water and parks are not in lists."""
        return self.level in {AreaLevel.DISTRICT, AreaLevel.NEIGHBOURHOOD}


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one moment, in the order they are shown.

    ``heirs`` are, by the slug of a retired area, the ids of the area that is there now.
    """

    categories: dict[int, CategoryName]
    departments: dict[int, DepartmentName]
    areas: dict[int, AreaName]
    heirs: dict[str, int] = field(default_factory=dict)

    def category_ids(self, codes: tuple[str, ...]) -> list[int]:
        """Return the ids of the categories named ``codes``; unknown ones are left out."""
        return [item.id for item in self.categories.values() if item.code in codes]

    def category(self, code: str) -> CategoryName | None:
        """Return the category named ``code``, or None."""
        return next((item for item in self.categories.values() if item.code == code), None)

    def department(self, code: str) -> DepartmentName | None:
        """Return the department named ``code``, or None."""
        return next((item for item in self.departments.values() if item.code == code), None)

    def area(self, slug: str) -> AreaName | None:
        """Return the area named ``slug``, or None."""
        return next((item for item in self.areas.values() if item.slug == slug), None)

    def area_ids(self, slug: str) -> list[int]:
        """Return the id of the area named ``slug`` and of all areas inside it."""
        found = [item.id for item in self.areas.values() if item.slug == slug]
        if not found and slug in self.heirs:
            found = [self.heirs[slug]]
        for parent in found:  # grows while it is read: children are looked at in their turn
            found += [
                item.id
                for item in self.areas.values()
                if item.parent_id == parent and item.id not in found
            ]
        return found


@dataclass(slots=True)
class _Kept:
    read_at: float = float("-inf")
    changes: int = 0
    names: Names = field(default_factory=lambda: Names({}, {}, {}))


_kept: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()


def names_of(session: Session) -> Names:
    """Return the names, read again when they are ``KEPT_FOR`` seconds old or were changed here."""
    kept = _kept.setdefault(session.get_bind().engine, _Kept())
    if time.monotonic() - kept.read_at <= KEPT_FOR:
        return kept.names
    before, now = kept.changes, time.monotonic()
    kept.names = names = _read(session)
    # What another thread changed meanwhile may not be in it.
    if kept.changes == before:
        kept.read_at = now
    return names


def forget() -> None:
    """Read everything anew at the next question."""
    for kept in list(_kept.values()):
        kept.changes += 1
        kept.read_at = float("-inf")


def _read(session: Session) -> Names:
    categories = session.execute(
        select(
            Category.id,
            Category.code,
            Category.name,
            Category.name_en,
            Category.icon,
            Category.kinds,
            Category.group,
            Category.is_active,
            Category.radius_m,
        ).order_by(Category.position, Category.name, Category.id)
    )
    departments = session.execute(
        select(
            Department.id,
            Department.code,
            Department.name,
            Department.name_en,
            Department.is_active,
        ).order_by(Department.name, Department.id)
    )
    areas = session.execute(
        select(Area.id, Area.slug, Area.name, Area.level, Area.parent_id, Area.population)
        .where(Area.retired_at.is_(None))
        .order_by(Area.id)
    )
    return Names(
        categories={
            row.id: CategoryName(*row[:5], tuple(row.kinds), *row[6:]) for row in categories
        },
        departments={row.id: DepartmentName(*row) for row in departments},
        areas={
            row.id: AreaName(*row) for row in sorted(areas, key=lambda row: as_counted(row.name))
        },
        heirs=list_heirs_of_areas(session),
    )


@event.listens_for(Session, "after_flush")
def _note_changes(session: Session, _context: Any) -> None:
    for item in (*session.new, *session.dirty, *session.deleted):
        if isinstance(item, Category | Department | Area):
            forget()
            session.info["civic.names_changed"] = True
            return


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _note_end(session: Session) -> None:
    # What was read within a transaction that is undone must not be kept.
    if session.info.pop("civic.names_changed", False):
        forget()
