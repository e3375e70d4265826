"""Which column of a file is what: small TOML files, some of them shipped.

A column is named, or several are put together: ``title = "{type} : {soustype}"``. Everything a
mapping may say is documented in docs/import.md.
"""

import re
import tomllib
from collections.abc import Callable
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from civic.text.cleaning import clean_line, clean_text

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
        "position",
        "submitted_at",
        "closed_at",
        "status",
        "sentence",
        "channel",
        "moderation",
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
_BRACES = re.compile(r"\{([^}]+)\}")
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
class Mapping:
    """One mapping, checked. ``name`` becomes the external source of what is imported."""

    name: str
    kind: str
    columns: Table[str, str]
    zone: ZoneInfo
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

    def value(self, name: str, row: Table[str, Any]) -> str:
        """Return what the row says of ``name``, without surrounding spaces; empty when nothing."""
        spec = self.columns.get(name, "")
        if not spec:
            return ""
        clean = clean_text if name in LONG_TEXTS else clean_line
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
        text = clean(_text(row.get(column)))
        return "" if text in self.empty else text

    @property
    def needed(self) -> frozenset[str]:
        """The columns of the file that this mapping reads."""
        names: set[str] = set()
        for spec in self.columns.values():
            names.update(_BRACES.findall(spec) if "{" in spec else [spec])
        return frozenset(names)


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
    """Return the shipped mapping that was made for a file with these columns, if there is one."""
    present = frozenset(columns)
    fitting = [m for m in shipped_mappings() if m.kind == kind and m.detect <= present]
    return max(fitting, key=lambda mapping: len(mapping.detect), default=None)


def _mapping(document: dict[str, Any], default_name: str) -> Mapping:
    columns = dict(document.get("columns", {}))
    unknown = set(columns) - FIELDS
    if unknown:
        raise ValueError(f"[columns] knows no {', '.join(sorted(unknown))}")
    if not columns:
        raise ValueError("[columns] is missing")
    if document.get("kind") not in {"incident", "idea", "comment"}:
        raise ValueError("kind is incident, idea or comment")
    categories = document.get("categories", {})
    rest = document.get("other_category")
    return Mapping(
        name=document.get("name", default_name),
        kind=document["kind"],
        columns=columns,
        zone=ZoneInfo(document.get("zone", "Europe/Paris")),
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
    )


def _rule(value: Any) -> CategoryRule:
    if isinstance(value, str):
        return CategoryRule(code=value, name="")
    return CategoryRule(**value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).strip()
