"""Rows of a file, one at a time: CSV, GeoJSON and JSON lines, plain or gzipped.

Memory does not grow with the file. Encoding (UTF-8 with or without a BOM, else Latin-1), the
delimiter and the format are found by looking, not by the file's name.
"""

import csv
import gzip
import io
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import ijson
import orjson

LONGEST_CELL = 1_000_000
_SAMPLE = 65_536
_GZIP = b"\x1f\x8b"

csv.field_size_limit(LONGEST_CELL)


class UnreadableFile(ValueError):
    """The file is none of the formats that can be read; the message says what was found."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line (CSV, JSON lines) or number (GeoJSON), and its named values.

    ``problem`` says why the row could not be read at all.
    """

    line: int
    values: dict[str, Any]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """An open file: its rows, its columns, and how far reading has come, in bytes."""

    rows: Iterator[Row]
    columns: tuple[str, ...]
    size: int
    position: Callable[[], int]
    close: Callable[[], None]


def open_source(path: Path) -> Source:
    """Open ``path`` for reading rows; raises UnreadableFile, or OSError."""
    raw = path.open("rb")
    try:
        stream: IO[bytes] = raw
        if raw.read(2) == _GZIP:
            raw.seek(0)
            stream = cast("IO[bytes]", gzip.open(raw))  # noqa: SIM115 (closed with the source)
        else:
            raw.seek(0)
        rows, columns, close = _rows(stream, _peek(stream))
    except (gzip.BadGzipFile, EOFError) as error:
        raw.close()
        raise UnreadableFile(f"the gzip file is damaged: {error}") from None
    except BaseException:
        raw.close()
        raise
    size = path.stat().st_size

    def position() -> int:
        """The last reader of a file closes it."""
        return size if raw.closed else raw.tell()

    def end() -> None:
        """Close what reads and what is read."""
        close()
        raw.close()

    return Source(rows, columns, size, position, end)


def _peek(stream: IO[bytes]) -> bytes:
    sample = stream.read(_SAMPLE)
    stream.seek(0)
    return sample


_Opened = tuple[Iterator[Row], tuple[str, ...], Callable[[], None]]


def _rows(stream: IO[bytes], sample: bytes) -> _Opened:
    start = sample.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise UnreadableFile("the file is empty")
    if start.startswith(b"{"):
        if b'"FeatureCollection"' in sample or b'"features"' in sample:
            return (*_with_columns(_features(stream)), stream.close)
        return (*_with_columns(_json_lines(stream)), stream.close)
    return _csv(stream, sample)


def _with_columns(rows: Iterator[Row]) -> tuple[Iterator[Row], tuple[str, ...]]:
    """Look at the first row for the names of the columns."""
    first = next(rows, None)
    if first is None:
        raise UnreadableFile("the file holds no row")

    def again() -> Iterator[Row]:
        yield first
        yield from rows

    return again(), tuple(first.values)


def _features(stream: IO[bytes]) -> Iterator[Row]:
    number = 0
    try:
        for feature in ijson.items(stream, "features.item", use_float=True):
            number += 1
            yield Row(number, _feature_values(feature))
    except ijson.JSONError as error:
        yield Row(number + 1, {}, f"the JSON breaks off: {error}")


def _feature_values(feature: Any) -> dict[str, Any]:
    if not isinstance(feature, dict):
        return {}
    values = dict(feature.get("properties") or {})
    geometry = feature.get("geometry") or {}
    values["geometry"] = geometry
    if geometry.get("type") == "Point":
        values["lon"], values["lat"] = (geometry.get("coordinates") or [None, None])[:2]
    if "id" in feature:
        values.setdefault("id", feature["id"])
    return values


def _json_lines(stream: IO[bytes]) -> Iterator[Row]:
    for line, text in enumerate(stream, start=1):
        if not text.strip():
            continue
        try:
            values = orjson.loads(text.lstrip(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError as error:
            yield Row(line, {}, f"not JSON: {error}")
            continue
        if isinstance(values, dict):
            yield Row(line, _feature_values(values) if "properties" in values else values)
        else:
            yield Row(line, {}, "not a JSON object")


def _csv(stream: IO[bytes], sample: bytes) -> _Opened:
    encoding = _encoding(stream, sample)
    text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
    delimiter = _delimiter(sample.decode(encoding, errors="replace"))
    reader = csv.reader(text, delimiter=delimiter)
    try:
        header = next(reader)
    except (StopIteration, csv.Error) as error:
        text.close()
        raise UnreadableFile(f"no header line: {error}") from None
    columns = tuple(name.strip() or f"column_{place}" for place, name in enumerate(header))
    return _csv_rows(reader, columns), columns, text.close


def _csv_rows(reader: Any, columns: tuple[str, ...]) -> Iterator[Row]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, {}, f"not CSV: {error}")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        problem = ""
        if len(cells) != len(columns):
            problem = f"{len(cells)} cells where the header has {len(columns)}"
        yield Row(line, dict(zip(columns, cells, strict=False)), problem)


def _encoding(stream: IO[bytes], sample: bytes) -> str:
    """UTF-8 unless a part of the file is not; then Latin-1, as old exports are."""
    if sample.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    decoder = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    try:
        while decoder.read(1 << 20):
            pass
    except UnicodeDecodeError:
        return "cp1252"
    else:
        return "utf-8"
    finally:
        decoder.detach()
        stream.seek(0)


def _delimiter(sample: str) -> str:
    header = sample.partition("\n")[0]
    return max(",;\t|", key=header.count)


def read_rows(path: Path) -> Generator[Row, None, None]:
    """Yield the rows of ``path`` and close it after."""
    source = open_source(path)
    with closing(source):
        yield from source.rows
