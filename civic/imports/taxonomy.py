"""Which category, department, area, status and channel a record belongs to in this town."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.contributions.kinds import Kind
from civic.contributions.models import Channel, ModerationState
from civic.imports.convert import Record, Rejected
from civic.imports.mapping import CategoryRule, Mapping, MappingError
from civic.places.models import Area
from civic.taxonomy.models import Category, Department
from civic.text.folding import fold
from civic.text.slugs import slugify

_STATES = {ModerationState.PUBLISHED, ModerationState.HELD, ModerationState.HIDDEN}


class Taxonomy:
    """The town's categories, departments and areas, read once, and added to where allowed.

    Without ``adds`` what is added is known here only, and nothing is written.
    """

    def __init__(self, session: Session, kind: Kind, mapping: Mapping, *, adds: bool) -> None:
        _require_fitting(kind, mapping)
        self.session, self.kind, self.mapping, self._adds = session, kind, mapping, adds
        self._categories = {c.code: c for c in session.scalars(select(Category))}
        self._by_name = {fold(c.name): c for c in self._categories.values()}
        self._departments = departments_by_key(session)
        self._areas = _areas(session)
        self._area_names = dict(session.execute(select(Area.id, Area.name)).all())

    def category_of(self, record: Record) -> Category:
        """Return the category of ``record``; raises Rejected when there is none for it."""
        rule = self.mapping.categories.get(record.category, self.mapping.default_category)
        if rule is not None:
            category = self._categories.get(rule.code) or self._by_rule(rule)
        else:
            category = self._categories.get(record.category) or self._by_name.get(
                fold(record.category)
            )
        if category is None and self.mapping.creates_categories and record.category:
            name = record.category_name or record.category
            rule = CategoryRule(code=slugify(record.category)[:80], name=name[:120])
            category = self._categories.get(rule.code) or self._by_rule(rule)
        if category is None:
            raise Rejected(f"unknown category: {record.category[:60]!r}")
        if self.kind.code not in category.kinds and self._adds:
            category.kinds = [*category.kinds, self.kind.code]
        return category

    def department_of(self, record: Record, category: Category) -> int | None:
        """Return the department that the source names, or else the category's own."""
        department = self._named_department(record)
        return department.id if department is not None else category.department_id

    def department_name(self, record: Record, category: Category) -> str:
        """Return how the department of ``record`` is called."""
        department = self._named_department(record) or category.department
        return department.name if department is not None else ""

    def _named_department(self, record: Record) -> Department | None:
        name = self.mapping.departments.get(record.department, record.department)
        is_known = slugify(name)[:80] in self._departments
        may = bool(name) and (is_known or self.mapping.creates_departments)
        return self._department(name) if may else None

    def area_of(self, record: Record) -> int | None:
        """Return the area that the source names, by its name or code."""
        if not record.area:
            return None
        named = self._areas.get(fold(record.area))
        return named if named is not None else self._areas.get(fold(record.area.lstrip("0")))

    def area_name(self, area_id: int | None) -> str | None:
        """Return how an area is called."""
        return self._area_names.get(area_id) if area_id is not None else None

    def status_of(self, record: Record) -> str:
        """Return the status of our workflow; one that the mapping forgets is remarked upon."""
        default = self.mapping.default_status or self.kind.workflow.initial
        if record.status in {status.code for status in self.kind.workflow.statuses}:
            return record.status
        if record.status and record.status not in self.mapping.statuses:
            record.remarks.append(f"unknown status: {record.status[:40]}")
        return self.mapping.statuses.get(record.status, default)

    def state_of(self, record: Record) -> ModerationState:
        """Return whether the public may see it: what the source refused is never published."""
        if not record.moderation:
            return ModerationState.PUBLISHED
        said = self.mapping.moderation.get(record.moderation, record.moderation)
        if said in _STATES:
            return ModerationState(said)
        record.remarks.append(f"unknown moderation: {record.moderation[:40]}, held")
        return ModerationState.HELD

    def channel_of(self, record: Record) -> Channel:
        """Return how it reached the town, as far as the source says."""
        name = self.mapping.channels.get(record.channel, "")
        return Channel(name) if name else Channel.IMPORT

    def _by_rule(self, rule: CategoryRule) -> Category | None:
        """Create what the mapping describes; a bare code that the town lacks stays unknown."""
        if not rule.name:
            return None
        category = Category(
            code=rule.code,
            name=rule.name,
            name_en=rule.name_en,
            icon=rule.icon,
            colour=rule.colour,
            group=rule.group,
            radius_m=rule.radius_m,
            kinds=[self.kind.code],
            department=self._department(rule.department) if rule.department else None,
            position=len(self._categories),
        )
        self._keep(category)
        self._categories[category.code] = category
        self._by_name[fold(category.name)] = category
        return category

    def _department(self, name: str) -> Department:
        """Return the department of this name, made when the town lacks it."""
        code = slugify(name)[:80]
        if code not in self._departments:
            self._departments[code] = Department(code=code, name=name[:160])
            self._keep(self._departments[code])
        return self._departments[code]

    def _keep(self, made: Category | Department) -> None:
        if self._adds:
            self.session.add(made)
            self.session.flush()


def departments_by_key(session: Session) -> dict[str, Department]:
    """Return the departments by their codes and by the slugs of their names."""
    found = {department.code: department for department in session.scalars(select(Department))}
    # Our own export names them in the language that it was asked for.
    for department in list(found.values()):
        for name in filter(None, (department.name, department.name_en)):
            found.setdefault(slugify(name)[:80], department)
    return found


def _require_fitting(kind: Kind, mapping: Mapping) -> None:
    """Raise MappingError when the mapping is for another kind, or says words that we do not."""
    if mapping.kind != kind.code:
        raise MappingError(f"the mapping {mapping.name} is for kind {mapping.kind}")
    statuses = {status.code for status in kind.workflow.statuses} | {""}
    for table, known, said in (
        ("statuses", statuses, {*mapping.statuses.values(), mapping.default_status}),
        ("channels", set(Channel), set(mapping.channels.values())),
        ("moderation", _STATES, set(mapping.moderation.values())),
    ):
        if unknown := sorted(said - known):
            raise MappingError(
                f"the mapping {mapping.name}: [{table}] knows no {', '.join(unknown)}; "
                f"it is one of {', '.join(sorted(known - {''}))}"
            )


def _areas(session: Session) -> dict[str, int]:
    """Return the areas by folded name and by code."""
    used = select(Area.id, Area.name, Area.code).where(Area.retired_at.is_(None))
    rows = session.execute(used).all()
    names = {fold(row.name): row.id for row in rows}
    return names | {fold(row.code): row.id for row in rows if row.code}
