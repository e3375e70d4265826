"""Which column of a file is what: small TOML files, some of them shipped.

A column is named, or several are put together: ``title = "{type} : {soustype}"``; of a list of
those the first that is not empty counts. Everything a mapping may say is documented in
docs/import.md.
"""

import re
import tomllib
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Table
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from civic.places.reference_systems import Point, system_of
from civic.text.cleaning import clean_line, clean_text
from civic.text.folding import fold

LONG_TEXTS: Final = frozenset({"body", "sentence"})
"""The fields that keep their lines; everything else is one line."""
FIELDS: Final = frozenset(
    {
        "external_id",
        "title",
        "body",
        "category",
        "detail",
        "department",
        "area",
        "address",
        "lat",
        "lon",
        "x",
        "y",
        "position",
        "submitted_at",
        "closed_at",
        "due_at",
        "language",
        "status",
        "sentence",
        "channel",
        "moderation",
        "kind",
        "reference",
        "duplicate_of",
        "category_name",
        "votes",
        "cost",
        "period",
        "parent",
        "contribution",
        "stance",
        "helpful",
        "unhelpful",
    }
)
ROW_NUMBER: Final = "#"
"""Names no column, but the line or number of the row."""
ANY_KIND: Final = "any"
_BRACES = re.compile(r"\{([^}]+)\}")
_NO_LETTER = re.compile(r"[\W_]+")
_QUOTED = re.compile(r"'[=+\-@]")
_SEPARATOR = re.compile(r"[\s,:;·./|()\[\]–—-]*")
"""What stands between columns, and goes with a column that is empty; never part of a cell."""


class MappingError(ValueError):
    """The mapping cannot be used; the message says which line of it and why."""


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """What a category of the source becomes. A code that the town lacks is created from it."""

    code: str
    name: str
    name_en: str = ""
    icon: str = "tag"
    colour: str = "#3b6e8f"
    department: str = ""
    group: str = ""
    radius_m: int = 50


@dataclass(frozen=True, slots=True)
class Condition:
    """What a column has to hold, or must not, for a row to be taken."""

    column: str
    values: frozenset[str]
    is_not: bool = False

    def holds(self, text: str) -> bool:
        """Whether a row with this ``text`` is taken."""
        return (text in self.values) is not self.is_not


@dataclass(frozen=True, slots=True)
class Mapping:
    """One mapping, checked. ``name`` becomes the external source of what is imported.

    Without a ``zone`` moments are those of the town, see :meth:`in_zone`.
    """

    name: str
    kind: str
    columns: Table[str, str | tuple[str, ...]]
    zone: ZoneInfo | None = None
    locale: str = "fr"
    detect: frozenset[str] = frozenset()
    dates: tuple[str, ...] = ()
    categories: Table[str, CategoryRule] = field(default_factory=dict)
    default_category: CategoryRule | None = None
    creates_categories: bool = False
    creates_departments: bool = False
    statuses: Table[str, str] = field(default_factory=dict)
    default_status: str = ""
    channels: Table[str, str] = field(default_factory=dict)
    moderation: Table[str, str] = field(default_factory=dict)
    departments: Table[str, str] = field(default_factory=dict)
    scope: str = ""
    empty: frozenset[str] = frozenset()
    where: tuple[Condition, ...] = ()
    crs: Point | None = None
    has_quoted_formulas: bool = False

    def wants(self, row: Table[str, Any]) -> bool:
        """Whether the row is one of those that ``[where]`` speaks of."""
        return all(one.holds(_text(_found(row, one.column))) for one in self.where)

    def value(self, name: str, row: Table[str, Any]) -> str:
        """Return what the row says of ``name``, without surrounding spaces; empty when nothing."""
        clean = clean_text if name in LONG_TEXTS else clean_line
        texts = (self._spelled(row, spec, clean) for spec in _each(self.columns.get(name, ())))
        return next((text for text in texts if text), "")

    def _spelled(self, row: Table[str, Any], spec: str, clean: Callable[[str], str]) -> str:
        if "{" not in spec:
            return self._cell(row, spec, clean)
        # Split by a group, the texts of the mapping and the names of columns take turns.
        parts = _BRACES.split(spec)
        whole, cell = "", ""
        for place in range(1, len(parts), 2):
            cell, before = self._cell(row, parts[place], clean), parts[place - 1]
            if not _SEPARATOR.fullmatch(before) or (cell and (whole or place == 1)):
                whole += before
            whole += cell
        return clean(whole + parts[-1] if cell or not _SEPARATOR.fullmatch(parts[-1]) else whole)

    def _cell(self, row: Table[str, Any], column: str, clean: Callable[[str], str]) -> str:
        text = clean(_text(_found(row, column)))
        if self.has_quoted_formulas and _QUOTED.match(text):
            text = text[1:]
        return "" if text in self.empty else text

    def in_zone(self, zone: ZoneInfo) -> "Mapping":
        """Return the mapping with ``zone`` for moments that name none, unless it says another."""
        return self if self.zone is not None else replace(self, zone=zone)

    def of_kind(self, kind: str) -> "Mapping":
        """Return the mapping for the rows of one kind, where a column says which they are."""
        (column,) = _each(self.columns["kind"])
        return replace(self, kind=kind, where=(*self.where, Condition(column, frozenset({kind}))))

    def fitted(self, columns: Sequence[str]) -> "Mapping":
        """Return the mapping with columns named as this file spells them.

        Capitals, accents, spaces and underscores make no difference; an exact name goes first.
        """
        known = {name_of_column(column): column for column in reversed(columns)}
        present = frozenset(columns)

        def spell(column: str) -> str:
            return column if column in present else known.get(name_of_column(column), column)

        def spell_all(spec: str) -> str:
            if "{" not in spec:
                return spell(spec)
            return _BRACES.sub(lambda found: f"{{{spell(found[1])}}}", spec)

        fitted: dict[str, str | tuple[str, ...]] = {
            name: spell_all(spec) if isinstance(spec, str) else tuple(map(spell_all, spec))
            for name, spec in self.columns.items()
        }
        where = tuple(replace(one, column=spell(one.column)) for one in self.where)
        return replace(self, columns=fitted, where=where)

    def names_of(self, field_name: str) -> frozenset[str]:
        """Return the columns of the file that a field may be read from."""
        specs = _each(self.columns.get(field_name, ()))
        return frozenset(
            name for spec in specs for name in (_BRACES.findall(spec) if "{" in spec else [spec])
        )


def load_mapping(path: Path) -> Mapping:
    """Read a mapping from a TOML file; raises MappingError."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{path}: {error}") from None
    try:
        return _mapping(document, default_name=path.stem)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MappingError(f"{path}: {error.args[0] if error.args else error}") from None


def shipped_mappings() -> list[Mapping]:
    """Return the mappings that come with civic."""
    folder = resources.files("civic.imports").joinpath("mappings")
    return [
        _mapping(tomllib.loads(entry.read_text(encoding="utf-8")), entry.name.removesuffix(".toml"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    ]


def detect_mapping(kind: str, columns: tuple[str, ...]) -> Mapping | None:
    """Return the shipped mapping that was made for a file with these columns, fitted to it."""
    present = {name_of_column(column) for column in columns}
    fitting = [
        mapping
        for mapping in shipped_mappings()
        if mapping.kind in {kind, ANY_KIND}
        and {name_of_column(column) for column in mapping.detect} <= present
    ]
    best = max(fitting, key=lambda mapping: len(mapping.detect), default=None)
    return best.fitted(columns) if best is not None else None


def _mapping(document: dict[str, Any], default_name: str) -> Mapping:
    columns = {name: _specs(spec) for name, spec in document.get("columns", {}).items()}
    unknown = set(columns) - FIELDS
    if unknown:
        raise ValueError(f"[columns] knows no {', '.join(sorted(unknown))}")
    if not columns:
        raise ValueError("[columns] is missing")
    if document.get("kind") not in {"incident", "idea", "comment", ANY_KIND}:
        raise ValueError("kind is incident, idea or comment; any where each row says it")
    if document["kind"] == ANY_KIND and len(_each(columns.get("kind", ()))) != 1:
        raise ValueError("of any kind: [columns] has to name the column « kind » of each row")
    categories = document.get("categories", {})
    rest = document.get("other_category")
    return Mapping(
        name=document.get("name", default_name),
        kind=document["kind"],
        columns=columns,
        zone=ZoneInfo(document["zone"]) if "zone" in document else None,
        locale=document.get("locale", "fr"),
        detect=frozenset(document.get("detect", {}).get("columns", ())),
        dates=tuple(document.get("dates", ())),
        categories={value: _rule(rule) for value, rule in categories.items()},
        default_category=_rule(rest) if rest else None,
        creates_categories=bool(document.get("creates_categories", False)),
        creates_departments=bool(document.get("creates_departments", False)),
        statuses=dict(document.get("statuses", {})),
        default_status=document.get("default_status", ""),
        channels=dict(document.get("channels", {})),
        moderation=dict(document.get("moderation", {})),
        departments=dict(document.get("departments", {})),
        scope=document.get("scope", ""),
        empty=frozenset(document.get("empty", ())),
        where=tuple(_condition(name, wanted) for name, wanted in document.get("where", {}).items()),
        crs=system_of(str(document["crs"])) if "crs" in document else None,
        has_quoted_formulas=bool(document.get("has_quoted_formulas", False)),
    )


def _rule(value: Any) -> CategoryRule:
    if isinstance(value, str):
        return CategoryRule(code=value, name="")
    return CategoryRule(**value)


def _each(specs: str | tuple[str, ...]) -> tuple[str, ...]:
    return (specs,) if isinstance(specs, str) else specs


def _specs(value: Any) -> str | tuple[str, ...]:
    specs: list[Any] = value if isinstance(value, list) else [value]
    if not specs or not all(isinstance(spec, str) and spec for spec in specs):
        raise ValueError("[columns]: a field is the name of a column, or a list of names")
    return tuple(specs) if isinstance(value, list) else specs[0]


def _condition(column: str, wanted: Any) -> Condition:
    is_not = isinstance(wanted, dict)
    if isinstance(wanted, dict) and set(wanted) != {"not"}:
        raise ValueError("[where]: a value, a list of values, or { not = … }")
    values: Any = wanted["not"] if isinstance(wanted, dict) else wanted
    values = values if isinstance(values, list) else [values]
    return Condition(column, frozenset(_text(value) for value in values), is_not)


def name_of_column(column: str) -> str:
    """Return what two spellings of one name of a column have in common."""
    return _NO_LETTER.sub("_", fold(column)).strip("_")


def _found(row: Table[str, Any], column: str) -> Any:
    """Return the cell of a column; a dotted name goes into what JSON holds there."""
    if column in row or "." not in column:
        return row.get(column)
    value: Any = row
    for step in column.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isascii() and step.isdigit():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(str(item) for item in value)
    return str(value).strip()
