"""Files come as people have them: odd encodings, delimiters, packings, and broken."""

import gzip
import json
from contextlib import closing
from pathlib import Path

import pytest

from civic.imports.readers import UnreadableFile, open_source
from tests.imported_rows import read_rows


def write(folder: Path, content: bytes | str, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        "id,title\n1,Éclairage\n".encode(),
        "\ufeffid,title\n1,Éclairage\n".encode(),
        "id;title\n1;Éclairage\n".encode(),
        "id\ttitle\n1\tÉclairage\n".encode(),
        "id,title\r\n1,Éclairage\r\n".encode("latin-1"),
        gzip.compress("id,title\n1,Éclairage\n".encode()),
        b'{"id": "1", "title": "\xc3\x89clairage"}\n',
    ],
    ids=["utf-8", "bom", "semicolon", "tab", "latin-1", "gzip", "json lines"],
)
def test_the_same_row_however_it_comes(tmp_path: Path, content: bytes) -> None:
    (row,) = read_rows(write(tmp_path, content))
    assert row.values == {"id": "1", "title": "Éclairage"}
    assert row.problem == ""


def test_geojson_gives_properties_and_position(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "id": "f1",
        "properties": {"title": "Banc"},
        "geometry": {"type": "Point", "coordinates": [2.35, 48.85]},
    }
    path = write(tmp_path, json.dumps({"type": "FeatureCollection", "features": [feature]}))
    (row,) = read_rows(path)
    assert (row.values["lat"], row.values["lon"], row.values["id"]) == (48.85, 2.35, "f1")


def test_a_row_with_too_few_cells_says_so_and_the_rest_is_read(tmp_path: Path) -> None:
    rows = list(read_rows(write(tmp_path, "id,title\n1\n2,Banc\n")))
    assert rows[0].problem == "1 cells where the header has 2"
    assert rows[1].values["title"] == "Banc"


def test_a_line_that_is_no_json_says_so(tmp_path: Path) -> None:
    rows = list(read_rows(write(tmp_path, '{"id": 1}\n{"id": \n[1]\n')))
    assert [bool(row.problem) for row in rows] == [False, True, True]
    assert [row.line for row in rows] == [1, 2, 3]


def test_a_broken_first_line_hides_no_columns(tmp_path: Path) -> None:
    rows = b'{"id": \n\n{"id": "1", "title": "\\ud83d Banc"}\n{"id": "2", "x": "\\ud83d}\n'
    with closing(open_source(write(tmp_path, rows))) as source:
        assert source.columns == ("id", "title")
        broken, half, last = source.rows
    assert broken.problem.startswith("not JSON")
    assert (half.line, half.values) == (3, {"id": "1", "title": " Banc"})
    assert last.problem.startswith("not JSON")


def test_cells_of_100_kilobytes_are_read(tmp_path: Path) -> None:
    (row,) = read_rows(write(tmp_path, f'id,title\n1,"{"x" * 100_000}"\n'))
    assert len(row.values["title"]) == 100_000


def test_a_cell_beyond_all_reason_is_a_problem_of_its_row(tmp_path: Path) -> None:
    rows = list(read_rows(write(tmp_path, f'id,title\n1,"{"x" * 2_000_000}"\n2,Banc\n')))
    assert rows[0].problem.startswith("not CSV")


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", '{"features": []}'])
def test_an_empty_file_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(UnreadableFile):
        open_source(write(tmp_path, content))


def test_a_damaged_gzip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        open_source(write(tmp_path, b"\x1f\x8bnot really"))


@pytest.mark.parametrize(
    "content",
    [
        "id,title\r1,Éclairage\r".encode(),
        "id,title\n1,Éclairage\n".encode("utf-16"),
        "id;title\n1;Éclairage\n".encode("utf-16"),
        '[{"id": "1", "title": "Éclairage"}]'.encode(),
        '\ufeff[\n  {"id": "1",\n   "title": "Éclairage"}\n]'.encode(),
        '{\n  "id": "1",\n  "title": "Éclairage"\n}'.encode(),
        '\ufeff{"id": "1", "title": "Éclairage"}\n'.encode(),
    ],
    ids=["cr", "utf-16", "utf-16 semicolon", "list", "indented list", "one object", "bom lines"],
)
def test_the_same_row_from_stranger_programs(tmp_path: Path, content: bytes) -> None:
    (row,) = read_rows(write(tmp_path, content))
    assert row.values == {"id": "1", "title": "Éclairage"}
    assert row.problem == ""


def test_geojson_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    text = '\ufeff{"type": "FeatureCollection", "features": [{"properties": {"id": "1"}}]}'
    (row,) = read_rows(write(tmp_path, text))
    assert row.values == {"id": "1", "geometry": None}


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        [],
        "Point",
        {"type": "Point"},
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": "ab"},
        {"type": "LineString", "coordinates": [[2, 48], [3, 49]]},
        {"type": "GeometryCollection", "geometries": []},
    ],
)
def test_a_feature_of_any_other_geometry_has_no_position(tmp_path: Path, geometry: object) -> None:
    feature = {"type": "Feature", "properties": {"title": "Banc"}, "geometry": geometry}
    (row,) = read_rows(write(tmp_path, json.dumps({"features": [feature]})))
    assert row.values == {"title": "Banc", "geometry": geometry}


def test_what_is_no_feature_says_so_and_the_rest_is_read(tmp_path: Path) -> None:
    features = ["x", None, {"properties": ["a"]}, {"properties": {"id": "1"}}]
    rows = list(read_rows(write(tmp_path, json.dumps({"features": features}))))
    assert [row.line for row in rows if row.problem] == [1, 2, 3]
    assert rows[3].values["id"] == "1"


@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_a_damaged_gzip_file_of_json_says_where_it_breaks_off(tmp_path: Path, damage: str) -> None:
    # Of little that repeats, so that the damage is far from the beginning.
    lines = "".join(f'{{"id": {number**5}}}\n' for number in range(20_000))
    packed = gzip.compress(lines.encode())
    half = len(packed) // 2
    broken = packed[:half] if damage == "cut" else packed[:half] + b"\0" * 99 + packed[half + 99 :]
    *_, last = read_rows(write(tmp_path, broken))
    assert last.problem
    with pytest.raises(UnreadableFile, match="damaged"):
        open_source(write(tmp_path, gzip.compress(b"id,title\n1,x\n" * 9_000)[:90]))


def test_a_line_without_an_end_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("civic.imports.readers.LONGEST_LINE", 100)
    text = '{"id": 1}\n{"id": "' + "x" * 1_000 + '"}\n{"id": 3}\n'
    rows = list(read_rows(write(tmp_path, text)))
    assert [(row.line, bool(row.problem)) for row in rows] == [(1, False), (2, True), (3, False)]


def test_cells_that_are_too_many_are_kept_for_the_rejects(tmp_path: Path) -> None:
    (row,) = read_rows(write(tmp_path, "id,title\n1,Banc,rouge,vert\n"))
    assert row.problem == "4 cells where the header has 2"
    assert row.values["(more cells)"] == ["rouge", "vert"]
