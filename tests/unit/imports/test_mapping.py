"""Several columns put together: separators go with an empty column, never with a cell's text."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from civic.imports.mapping import Mapping


def told(spec: str, row: dict[str, Any], name: str = "title", empty: tuple[str, ...] = ()) -> str:
    mapping = Mapping("m", "incident", {name: spec}, ZoneInfo("UTC"), empty=frozenset(empty))
    return mapping.value(name, row)


@pytest.mark.parametrize(
    ("spec", "row", "expected"),
    [
        ("{lat}", {"lat": "-1.68"}, "-1.68"),
        ("{lat}", {"lat": -21.1151}, "-21.1151"),
        ("{y}, {x}", {"y": "48.11", "x": "-1.68"}, "48.11, -1.68"),
        ("{y};{x}", {"y": "-21.1", "x": "55.5"}, "-21.1;55.5"),
        ("{type} : {detail}", {"type": "Éclairage", "detail": ""}, "Éclairage"),
        ("{type} : {detail}", {"type": "", "detail": "Lampe"}, "Lampe"),
        ("{a}, {b}, {c}", {"a": "1", "b": "", "c": "3"}, "1, 3"),
        ("{a}, {b}, {c}", {"a": "", "b": "", "c": "3"}, "3"),
        ("{a} ({b})", {"a": "Rue", "b": ""}, "Rue"),
        ("{a} ({b})", {"a": "Rue", "b": "Nord"}, "Rue (Nord)"),
        ("{a} - {b}", {"a": "- à voir -", "b": "x"}, "- à voir - - x"),
        ("Édition {year}.", {"year": "2019"}, "Édition 2019."),
        ("{a}, {b}", {"a": None, "b": None}, ""),
    ],
)
def test_columns_put_together(spec: str, row: dict[str, Any], expected: str) -> None:
    assert told(spec, row) == expected


def test_what_a_mapping_calls_empty_is_empty_among_others_too() -> None:
    assert told("{a}, {b}", {"a": "Rue", "b": "N/A"}, empty=("N/A",)) == "Rue"


def test_lines_of_a_long_text_stay() -> None:
    row = {"summary": "Un", "text": "Deux\ntrois"}
    assert told("{summary}\n\n{text}", row, name="body") == "Un\n\nDeux\ntrois"
