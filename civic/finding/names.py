"""The names that every list needs: categories, departments and areas, kept by each process."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.database import NamedCache
from civic.places.models import Area, AreaLevel
from civic.places.queries import list_heirs_of_areas
from civic.taxonomy.models import Category, Department
from civic.text.order import as_counted


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


_names = NamedCache(_read)


def names_of(session: Session) -> Names:
    """Return the names as the transaction of ``session`` sees them."""
    return _names.of(session)
