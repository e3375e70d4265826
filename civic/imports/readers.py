"""Rows of a file, one at a time: CSV, GeoJSON, JSON lines and JSON lists, plain or gzipped.

Memory does not grow with the file. Encoding (UTF-8 with or without a BOM, UTF-16 with one, else
Latin-1), the delimiter and the format are found by looking, not by the file's name.
"""

import csv
import gzip
import io
import json
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, cast

import ijson
import orjson

LONGEST_CELL = 1_000_000
LONGEST_LINE = 16_000_000
"""In bytes, of JSON lines: what has no end must not fill the memory."""
_SAMPLE = 65_536
_GZIP = b"\x1f\x8b"
_DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error)
"""What reading a gzip file raises that was cut off or changed."""

csv.field_size_limit(LONGEST_CELL)


class UnreadableFile(ValueError):
    """The file is none of the formats that can be read; the message says what was found."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line (CSV, JSON lines) or number (GeoJSON), and its named values.

    ``problem`` says why the row could not be read at all. A blank row has nothing but delimiters.
    """

    line: int
    values: dict[str, Any]
    problem: str = ""
    is_blank: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """An open file: its rows, its columns, and how far reading has come, in bytes."""

    every_row: Iterator[Row]
    columns: tuple[str, ...]
    size: int
    position: Callable[[], int]
    close: Callable[[], None]

    @property
    def rows(self) -> Iterator[Row]:
        """The rows that hold something."""
        return (row for row in self.every_row if not row.is_blank)


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
    except _DAMAGED as error:
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


_HALF = b"\\ud"
"""How the half of a pair of surrogates begins in JSON."""
_MOST_BROKEN = 100
"""A file that begins with so many rows that nobody can read is none of ours."""
_Opened = tuple[Iterator[Row], tuple[str, ...], Callable[[], None]]


def _rows(stream: IO[bytes], sample: bytes) -> _Opened:
    start = sample.removeprefix(BOM_UTF8).lstrip(b" \t\r\n")
    if not start:
        raise UnreadableFile("the file is empty")
    if not start.startswith((b"{", b"[")):
        return _csv(stream, sample)
    if sample.startswith(BOM_UTF8):
        stream.seek(len(BOM_UTF8))
    return (*_with_columns(_json(stream, start)), stream.close)


def _with_columns(rows: Iterator[Row]) -> tuple[Iterator[Row], tuple[str, ...]]:
    """Look at the first row that can be read for the names of the columns."""
    seen: list[Row] = []
    for row in islice(rows, _MOST_BROKEN):
        seen.append(row)
        if not row.problem:
            break
    if not seen:
        raise UnreadableFile("the file holds no row")
    return chain(seen, rows), tuple(seen[-1].values)


def _json(stream: IO[bytes], start: bytes) -> Iterator[Row]:
    if start.startswith(b"["):
        return _items(stream, "item")
    if b'"FeatureCollection"' in start or b'"features"' in start:
        return _items(stream, "features.item")
    if _is_spread(start):
        return _items(stream, "")
    return _json_lines(stream)


def _is_spread(start: bytes) -> bool:
    """Whether one object is written over several lines, as programs that indent write it."""
    first = start.partition(b"\n")[0]
    return first.strip() == b"{" or (first != start and first.rstrip().endswith((b",", b"[", b"{")))


def _items(stream: IO[bytes], prefix: str) -> Iterator[Row]:
    """The objects of one JSON document, numbered."""
    number = 0
    try:
        for item in ijson.items(stream, prefix, use_float=True):
            number += 1
            yield _object(number, item)
    except (ijson.JSONError, UnicodeDecodeError, *_DAMAGED) as error:
        yield Row(number + 1, {}, f"the file breaks off: {error}")


def _json_lines(stream: IO[bytes]) -> Iterator[Row]:
    line = 0
    try:
        while text := stream.readline(LONGEST_LINE):
            line += 1
            if len(text) == LONGEST_LINE and not text.endswith(b"\n"):
                yield Row(line, {}, f"a line of more than {LONGEST_LINE} bytes")
                _skip_line(stream)
            elif text.strip():
                yield _json_line(line, text)
    except _DAMAGED as error:
        yield Row(line + 1, {}, f"the file breaks off: {error}")


def _json_line(line: int, text: bytes) -> Row:
    try:
        return _object(line, orjson.loads(text))
    except orjson.JSONDecodeError as error:
        # Half an emoji is no reason to lose the row: it is taken out, as everywhere.
        with suppress(ValueError, RecursionError):
            if _HALF in text.lower():
                whole = json.dumps(json.loads(text), ensure_ascii=False).encode(errors="ignore")
                return _object(line, orjson.loads(whole))
        return Row(line, {}, f"not JSON: {error}")


def _skip_line(stream: IO[bytes]) -> None:
    while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass


def _object(line: int, values: Any) -> Row:
    """One object: a feature of GeoJSON, or plain names and values."""
    if not isinstance(values, dict):
        return Row(line, {}, "not a JSON object")
    if "properties" not in values and values.get("type") != "Feature":
        return Row(line, values)
    properties = values.get("properties") or {}
    if not isinstance(properties, dict):
        return Row(line, {}, "a feature whose properties are no object")
    return Row(line, _feature_values(values, properties))


def _feature_values(feature: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    geometry = feature.get("geometry")
    values = properties | {"geometry": geometry}
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        pair = geometry.get("coordinates")
        if isinstance(pair, list) and len(pair) >= 2:
            values["lon"], values["lat"] = pair[:2]
    if "id" in feature:
        values.setdefault("id", feature["id"])
    return values


_TOO_MANY = "(more cells)"


def _csv(stream: IO[bytes], sample: bytes) -> _Opened:
    encoding = _encoding(stream, sample)
    text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
    delimiter = _delimiter(sample.decode(encoding, errors="replace"))
    reader = csv.reader(text, delimiter=delimiter)
    try:
        header = next(reader)
    except (StopIteration, csv.Error, UnicodeError) as error:
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
            if len(cells) > 1:
                yield Row(line, {}, is_blank=True)
            continue
        problem = ""
        if len(cells) != len(columns):
            problem = f"{len(cells)} cells where the header has {len(columns)}"
        values: dict[str, Any] = dict(zip(columns, cells, strict=False))
        if len(cells) > len(columns):
            values[_TOO_MANY] = cells[len(columns) :]
        yield Row(line, values, problem)


def _encoding(stream: IO[bytes], sample: bytes) -> str:
    """UTF-8 unless a part of the file is not; then Latin-1, as old exports are."""
    if sample.startswith(BOM_UTF8):
        return "utf-8-sig"
    if sample.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
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
    header = next(iter(sample.splitlines()), "")
    return max(",;\t|", key=header.count)
