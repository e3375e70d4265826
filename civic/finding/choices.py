"""What a form of filters offers, and which of it is on: for the map and for the lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.contributions.map_layers import map_layers
from civic.contributions.workflow import StatusType
from civic.finding.filters import PERIODS, ContributionFilter, Sort
from civic.finding.names import CategoryName, names_of
from civic.i18n import N_
from civic.web.dates import format_day

SORTS = {
    Sort.RELEVANT: N_("Les plus pertinents"),
    Sort.HOT: N_("En vue"),
    Sort.NEWEST: N_("Les plus récents"),
    Sort.SUPPORTED: N_("Les plus soutenus"),
    Sort.DISCUSSED: N_("Les plus discutés"),
    Sort.WAITING: N_("En attente depuis longtemps"),
    Sort.NEAR: N_("Près de moi"),
}

TYPES = {
    StatusType.OPEN: N_("En attente ou en cours"),
    StatusType.FIXED: N_("Réglé ou réalisé"),
    StatusType.CLOSED: N_("Clos sans travaux"),
}

Choice = tuple[str, str]
Chip = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Choices:
    """Values with their labels, in the language of the page; ``categories`` by group."""

    kinds: list[Choice]
    types: list[Choice]
    categories: list[tuple[str, list[Choice]]]
    areas: list[Choice]
    departments: list[Choice]
    periods: list[tuple[int, str]]


def filter_choices(session: Session, locale: str, *, kind: str = "") -> Choices:
    """Return what can be chosen in this town, for one kind or for all."""
    names = names_of(session)
    groups: dict[str, list[Choice]] = {}
    for category in names.categories.values():
        if category.is_active and (not kind or kind in category.kinds):
            groups.setdefault(category.group, []).append(_named(category, locale))
    return Choices(
        kinds=[(code, gettext(its.label_plural)) for code, its in map_layers.kinds().items()],
        types=[(member.value, gettext(label)) for member, label in TYPES.items()],
        categories=list(groups.items()),
        areas=[(area.slug, area.name) for area in names.areas.values() if area.is_named],
        departments=[
            (item.code, item.name_in(locale))
            for item in names.departments.values()
            if item.is_active
        ],
        periods=[(days, gettext(label)) for days, label in PERIODS.items()],
    )


def chips(
    session: Session, asked: ContributionFilter, locale: str, *, with_kinds: bool = True
) -> list[Chip]:
    """Return the filters that are on: the label, and the query of the address without it."""
    names = names_of(session)
    found: list[Chip] = []
    if with_kinds:
        known = map_layers.kinds()
        kinds = ((code, gettext(known[code].label_plural)) for code in asked.kinds)
        found += _without_one(asked, "kinds", kinds)
    types = ((member, gettext(TYPES[member])) for member in asked.status_types)
    found += _without_one(asked, "status_types", types)
    categories = (
        (code, item.name_in(locale))
        for code in asked.categories
        if (item := names.category(code)) is not None
    )
    found += _without_one(asked, "categories", categories)
    department, area = names.department(asked.department), names.area(asked.area)
    if department is not None:
        found.append(_without(asked, "department", department.name_in(locale)))
    if area is not None:
        found.append(_without(asked, "area", area.name))
    return found + _time_and_words(asked)


def _time_and_words(asked: ContributionFilter) -> list[Chip]:
    found: list[Chip] = []
    if asked.period:
        label = PERIODS.get(asked.period)
        told = gettext(label) if label else gettext("%(days)s derniers jours", days=asked.period)
        found.append(_without(asked, "period", told))
    if asked.since:
        told = gettext("depuis le %(day)s", day=format_day(asked.since))
        found.append(_without(asked, "since", told))
    if asked.until:
        told = gettext("jusqu’au %(day)s", day=format_day(asked.until))
        found.append(_without(asked, "until", told))
    if asked.text:
        found.append(_without(asked, "text", gettext("« %(words)s »", words=asked.text)))
    return found


def _without(asked: ContributionFilter, field: str, label: str) -> Chip:
    default = getattr(ContributionFilter(), field)
    return label, asked.to_args(cursor="", **{field: default})


def _without_one(
    asked: ContributionFilter, field: str, values: Iterable[tuple[Any, str]]
) -> list[Chip]:
    given = getattr(asked, field)
    return [
        (label, asked.to_args(cursor="", **{field: tuple(v for v in given if v != value)}))
        for value, label in values
    ]


def _named(category: CategoryName, locale: str) -> Choice:
    return category.code, category.name_in(locale)
