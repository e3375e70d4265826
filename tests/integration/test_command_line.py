"""The command line: sentences for what goes wrong, exit codes, JSON alone for scripts."""

import csv
import gzip
import json
import logging
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click import Context
from flask_migrate import downgrade

from civic.cli import main
from civic.cli.context import application
from civic.cli.database import prepare
from civic.cli.root import COMMANDS
from civic.cli.root import civic as root
from civic.extensions import db
from tests.servers import free_port

pytestmark = pytest.mark.usefixtures("own_process")

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[-1.8, 48.0], [-1.5, 48.0], [-1.5, 48.2], [-1.8, 48.2], [-1.8, 48.0]]],
}
HEADER = "id,title,category,lat,lon,submitted_at\n"


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def values(self) -> Any:
        return json.loads(self.out)


Civic = Callable[..., Said]


@pytest.fixture
def civic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Civic:
    monkeypatch.setenv("CIVIC_DATA_DIR", str(tmp_path / "data"))

    def run(*words: object) -> Said:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["civic", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capfd.readouterr()
        return Said(code, said.out, said.err)

    return run


@pytest.fixture
def outline(tmp_path: Path) -> Path:
    return write(tmp_path, "outline.geojson", feature(SQUARE))


@pytest.fixture(scope="module")
def new_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder that the first « civic init » of this module made; see ``town_of``."""
    return tmp_path_factory.mktemp("new") / "data"


@pytest.fixture
def village(civic: Civic, outline: Path, new_town: Path, tmp_path: Path) -> Civic:
    """A command line whose town exists."""
    if new_town.exists():
        shutil.copytree(new_town, tmp_path / "data")
        return civic
    said = init(civic, outline)
    assert said.code == 0, said.err
    shutil.copytree(tmp_path / "data", new_town)
    return civic


def init(civic: Civic, outline: Path, **flags: str) -> Said:
    given = {"name": "Village", "admin": "maire@village.example"} | flags
    words = [word for name, value in given.items() for word in (f"--{name}", value)]
    return civic("init", "--outline", outline, *words)


def write(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def rejected(said: Said) -> list[tuple[str, str]]:
    with Path(said.values["rejects"]).open(encoding="utf-8", newline="") as file:
        return [(row["line"], row["reason"]) for row in csv.DictReader(file)]


def test_every_command_explains_itself(civic: Civic) -> None:
    words = ["init", "demo", "serve", "worker", "db", "user", "import", "areas", "search", "check"]
    overview = civic("--help")
    assert overview.code == 0
    for word in words:
        assert word in overview.out
        assert civic(word, "--help").out.startswith("Usage: civic " + word)
    for kind in ("incidents", "ideas", "comments", "areas", "addresses"):
        assert "--json" in civic("import", kind, "--help").out


def test_the_overview_says_what_the_commands_say_and_imports_none_of_them() -> None:
    for name, place in COMMANDS.items():
        command = root.get_command(Context(root), name)
        assert command is not None
        said = "" if command.hidden else command.get_short_help_str(200)
        assert place.help == said
    program = (
        "import sys; sys.argv = ['civic', '--help']\n"
        "from civic.cli import main\n"
        "try:\n    main()\nexcept SystemExit: pass\n"
        "heavy = {'sqlalchemy', 'flask', 'numpy', 'alembic', 'civic.settings'}\n"
        "print(sorted(heavy & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        ({"admin": "nobody"}, 1, "Check this email address"),
        ({"zone": "Mars/Olympus"}, 2, "Mars/Olympus is not a time zone"),
        ({"tiles": "elsewhere"}, 1, "CIVIC_TILES"),
        ({"tiles": "/nowhere/village.pmtiles"}, 1, "village.pmtiles': No such file"),
        ({"language": "de"}, 2, "'de' is not one of"),
        ({"name": "x" * 121}, 2, "120 characters at most"),
        ({"name": ""}, 2, "--name is needed"),
    ],
)
def test_a_wrong_answer_is_refused_in_a_sentence(
    civic: Civic, outline: Path, flags: dict[str, str], code: int, said: str
) -> None:
    answer = init(civic, outline, **flags)
    assert answer.code == code
    assert said in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("name", ["Vil\x1b[31mlage", "Vil\u202elage", "  Vil \t lage\n"])
def test_a_name_is_one_line_of_what_can_be_seen(civic: Civic, outline: Path, name: str) -> None:
    answer = init(civic, outline, name=name)
    assert answer.code == 0
    assert answer.out.startswith(("Vil[31mlage is", "Village is", "Vil lage is"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file is empty"),
        ("hello", "no outline found"),
        ({"type": "FeatureCollection", "features": []}, "holds no row"),
        (feature({"type": "Point", "coordinates": [2, 48]}), "no outline found"),
        (feature({"type": "Polygon", "coordinates": "none"}), "no outline found"),
        (
            feature({"type": "Polygon", "coordinates": [[[6e5, 6e6], [7e5, 6e6], [7e5, 7e6]]]}),
            "not in degrees",
        ),
    ],
)
def test_a_file_that_is_no_outline_is_refused(
    civic: Civic, tmp_path: Path, content: object, said: str
) -> None:
    answer = init(civic, write(tmp_path, "odd.geojson", content))
    assert answer.code == 1
    assert said in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("content", [SQUARE, feature(SQUARE)], ids=["geometry", "feature"])
def test_an_outline_comes_as_a_feature_or_alone_indented_or_not(
    civic: Civic, tmp_path: Path, content: object, indent: int | None
) -> None:
    path = write(tmp_path, "outline.json", json.dumps(content, indent=indent))
    assert init(civic, path).code == 0


def test_a_town_is_made_once(village: Civic, outline: Path) -> None:
    answer = init(village, outline)
    assert answer.code == 1
    assert "there is a town in this database already" in answer.err


def test_people_are_made_with_roles_and_once(village: Civic) -> None:
    said = village("user", "create", "agent@village.example", "--role", "agent", "--json")
    assert said.code == 0
    assert said.values["roles"] == ["agent"]
    again = village("user", "create", "agent@village.example")
    assert again.code == 1
    assert again.err.startswith("civic: ")
    assert village("user", "create", "x@village.example", "--role", "king").code == 2


def test_totals_are_json_alone_and_the_rejects_name_line_and_reason(
    village: Civic, tmp_path: Path
) -> None:
    rows = [
        "1,Lampe,nowhere,48.1,-1.7,2024-01-02",
        "2,Lampe cassée,eclairage,48.1,-1.7,2024-01-02",
        "3,Lampe,eclairage,48.1,-1.7,2024-31-31",
        "4,Trop peu",
    ]
    path = write(tmp_path, "rows.csv", HEADER + "\n".join(rows))
    said = village("import", "incidents", path, "--json")
    assert said.code == 3
    assert (said.values["read"], said.values["added"], said.values["rejected"]) == (4, 1, 3)
    assert sorted(line for line, _ in rejected(said)) == ["2", "4", "5"]
    again = village("import", "incidents", path, "--json").values
    assert (again["added"], again["known"]) == (0, 1)
    for person in (village("import", "incidents", path), village("check")):
        assert "Traceback" not in person.err
        assert "\x1b" not in person.out + person.err, "no bar is drawn where nobody looks"


def test_an_import_is_tried_listed_and_taken_back(village: Civic, tmp_path: Path) -> None:
    first = write(tmp_path, "first.csv", HEADER + "1,Lampe,eclairage,48.11,-1.69,2024-01-02\n")
    tried = village("import", "incidents", first, "--dry-run", "--json")
    assert tried.code == 0
    assert tried.values["added"] == 1
    (shown,) = tried.values["shown"]
    assert (shown["title"], shown["status"], shown["lat"]) == ("Lampe", "received", 48.11)
    assert village("import", "list").out.strip() == "Nothing was imported."
    assert "Nothing was written." in village("import", "incidents", first, "--dry-run").out
    assert not (tmp_path / "data" / "rejects").exists()
    assert village("import", "incidents", first).code == 0
    (run,) = village("import", "list", "--json").values["runs"]
    assert (run["file"], run["added"], run["left"]) == ("first.csv", 1, 1)
    undone = village("import", "undo", run["run"], "--json")
    assert undone.values == {"run": run["run"], "removed": 1, "restored": 0, "kept": []}
    assert "taken back" in village("import", "list").out
    assert village("import", "undo", 99).code == 1
    assert village("check").code == 0


def test_counters_that_are_not_exact_are_named(village: Civic, tmp_path: Path) -> None:
    rows = [f"{number},Lampe,eclairage,48.1,-1.{600 + number},2024-01-02" for number in range(30)]
    village("import", "incidents", write(tmp_path, "rows.csv", HEADER + "\n".join(rows)))
    assert village("check").out == "Everything is exact.\n"
    with sqlite3.connect(tmp_path / "data" / "civic.db") as database:
        database.execute("UPDATE contribution SET comment_count = 4, photo_count = 2")
    said = village("check")
    assert said.code == 3
    assert ": 4 kept, 0 counted" in said.out
    assert "comments of " in said.out
    assert "40 more: --json names them all." in said.out
    assert len(said.out.splitlines()) == 21
    exact = village("check", "--json").values["differences"]
    assert len(exact) == 60
    assert {one["what"] for one in exact} == {"comments", "photos"}


def test_the_rejects_never_replace_what_is_read(village: Civic, tmp_path: Path) -> None:
    path = write(tmp_path, "rows.csv", HEADER + "1,Lampe,nowhere,48.1,-1.7,2024-01-02\n")
    said = village("import", "incidents", path, "--rejects", path)
    assert said.code == 2
    assert path.read_text(encoding="utf-8").startswith(HEADER)


def test_a_damaged_file_says_so_and_keeps_what_came_before(village: Civic, tmp_path: Path) -> None:
    lines = "".join(
        json.dumps(
            {
                "id": str(number),
                "title": f"Lampe {number**5}",
                "category": "eclairage",
                "lat": 48.1,
                "lon": -1.7,
                "submitted_at": "2024-01-02",
            }
        )
        + "\n"
        for number in range(3_000)
    )
    packed = gzip.compress(lines.encode())
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(packed[: len(packed) // 2])
    said = village("import", "incidents", path, "--json")
    assert said.code == 3
    assert said.values["added"] > 500
    assert said.values["reasons"] == {"the file breaks off": 1}
    path.write_bytes(packed)
    whole = village("import", "incidents", path, "--json").values
    assert whole["added"] + whole["known"] == 3_000
    assert whole["known"] == said.values["added"]


def test_addresses_that_cannot_be_taken_are_in_the_rejects(village: Civic, tmp_path: Path) -> None:
    text = (
        "numero;rep;nom_voie;code_postal;nom_commune;lon;lat\n"
        "12;;Rue de la Paix;35000;Village;-1.67;48.11\n\n"
        "13;;Rue de la Paix;35000;Village;east;48.11\n"
        "14;;;35000;Village;-1.67;48.11\n"
        "15;;Rue de la Paix\n"
    )
    said = village("import", "addresses", write(tmp_path, "ban.csv", text), "--json")
    assert said.code == 3
    assert (said.values["rows"], said.values["added"], said.values["rejected"]) == (4, 1, 3)
    assert rejected(said) == [
        ("4", "no valid position"),
        ("5", "no street"),
        ("6", "3 cells where the header has 7"),
    ]


def test_addresses_are_counted_by_kind_with_an_example_and_retired_when_they_are_gone(
    village: Civic, tmp_path: Path
) -> None:
    head = "id;numero;rep;nom_voie;code_postal;nom_commune;lon;lat\n"
    lines = [
        "a;3;;Rue Haute;35000;Village;-1.68;48.11",
        ";;;;;;;",
        "b;4;;;35000;Village;-1.68;48.11",
        "c;5;;Rue Haute;35000;Village;;",
        "d;6;;Rue Haute;35000;Village;Rennes;48.11",
    ]
    said = village("import", "addresses", write(tmp_path, "a.csv", head + "\n".join(lines)))
    assert said.code == 3
    for kind in (
        "an empty row (line 3)",
        "no street (line 4: b ; 4",
        "no position (line 5",
        "no valid",
    ):
        assert f"1  rejected: {kind}" in said.out
    path = write(tmp_path, "b.csv", head + lines[0].replace("3;;Rue", "7;;Rue"))
    said = village("import", "addresses", path, "--keep-missing", "--json")
    assert (said.code, said.values["added"], said.values["retired"]) == (0, 1, 0)
    said = village("import", "addresses", path, "--json")
    assert (said.code, said.values["retired"]) == (0, 1)
    assert village("import", "addresses", path, "--replace", "--keep-missing").code == 2


def test_outlines_that_cannot_be_taken_are_in_the_rejects(village: Civic, tmp_path: Path) -> None:
    features = [
        feature(SQUARE, name="Centre"),
        feature(SQUARE),
        feature({"type": "Point", "coordinates": [2, 48]}, name="Point"),
    ]
    path = write(tmp_path, "areas.geojson", {"type": "FeatureCollection", "features": features})
    said = village("import", "areas", path, "--json")
    assert said.code == 3
    assert (said.values["added"], said.values["rejected"]) == (1, 2)
    assert rejected(said) == [("2", "no name"), ("3", "the outline has no surface")]


def test_areas_are_replaced_and_retired_by_command(village: Civic, tmp_path: Path) -> None:
    away = {"type": "Polygon", "coordinates": [[[9, 9], [9.1, 9], [9.1, 9.1], [9, 9]]]}
    first = [feature(SQUARE, NAME="Un"), feature(SQUARE, NAME="Deux"), feature(away, NAME="Loin")]
    path = write(tmp_path, "areas.geojson", {"type": "FeatureCollection", "features": first})
    said = village("import", "areas", path)
    assert said.code == 3
    assert "1  rejected: outside the town (line 3: Loin" in said.out
    one = {"type": "FeatureCollection", "features": [feature(SQUARE, NAME="Un")]}
    path = write(tmp_path, "areas.geojson", one)
    said = village("import", "areas", path, "--replace", "--json")
    assert (said.code, said.values["retired"], said.values["unchanged"]) == (0, 1, 1)
    assert "1 areas retired" in village("areas", "retire", "un").out
    assert village("areas", "retire", "un").code == 1


METRES = """name = "metres"
kind = "incident"
crs = "EPSG:{crs}"
creates_categories = true
[columns]
external_id = "id"
title = "title"
category = "category"
x = "x"
y = "y"
submitted_at = "submitted_at"
"""
IN_RENNES = {2154: (351_900, 6_789_360), 32_630: (598_300, 5_329_800), 3948: (1_351_900, 7_226_900)}


@pytest.mark.parametrize("true", IN_RENNES)
@pytest.mark.parametrize("said_to_be", [*IN_RENNES, 3857, 4326])
def test_a_file_in_another_projection_is_refused_at_once(
    village: Civic, tmp_path: Path, true: int, said_to_be: int
) -> None:
    x, y = IN_RENNES[true]
    lines = [f"{i},Trou,Voirie,{x + 10 * i},{y + 10 * i},2024-05-02" for i in range(30)]
    text = "\n".join(["id,title,category,x,y,submitted_at", *lines])
    path = write(tmp_path, "metres.csv", text)
    mapping = write(tmp_path, "metres.toml", METRES.format(crs=said_to_be))
    for more in (["--dry-run"], []):
        said = village("import", "incidents", path, "--mapping", mapping, *more)
        if true == said_to_be:
            assert said.code == 0
            assert "30 added" in said.out
            assert "outside" not in said.out
        else:
            assert said.code == 1
            assert "is probably not the projection of the file" in said.err
    runs = village("import", "list", "--json").values["runs"]
    assert len(runs) == (true == said_to_be)


def test_degrees_that_are_all_far_away_are_said(village: Civic, tmp_path: Path) -> None:
    rows = [f"{i},Trou,Voirie,48.1{i},1.6{i},2024-05-02" for i in range(5)]
    path = write(tmp_path, "rows.csv", HEADER + "\n".join(rows))
    mapping = write(
        tmp_path,
        "degrees.toml",
        METRES.replace('crs = "EPSG:{crs}"\n', "")
        .replace('x = "x"', 'lon = "lon"')
        .replace('y = "y"', 'lat = "lat"'),
    )
    assert (
        "within 50 km of the town" in village("import", "incidents", path, "--mapping", mapping).out
    )


def test_a_database_that_was_never_made_is_said_to_be_missing(civic: Civic, tmp_path: Path) -> None:
    path = write(tmp_path, "rows.csv", HEADER)
    said = civic("import", "incidents", path)
    assert said.code == 1
    assert "civic db upgrade" in said.err
    assert civic("db", "upgrade").code == 0
    said = civic("import", "incidents", path)
    assert said.code == 1
    assert "civic init" in said.err


def test_a_port_that_cannot_be_had_is_named_with_the_reason(
    village: Civic, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("CIVIC_PORT", str(other.getsockname()[1]))
        said = village("serve")
    assert said.code == 1
    assert "Another program is using it" in said.err
    monkeypatch.setenv("CIVIC_HOST", "192.0.2.1")
    said = village("serve")
    assert said.code == 1
    assert "has to be an address of this machine" in said.err


def test_an_older_schema_is_not_served(
    village: Civic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIVIC_PORT", str(free_port()))
    with application() as app:
        prepare(app)
        db.session.remove()
        downgrade(revision="0001")
    for command in ("serve", "worker"):
        said = village(command)
        assert said.code == 1
        assert "civic db upgrade" in said.err
    assert "is at" in village("db", "upgrade").out
    assert "already" in village("db", "upgrade").out
    assert village("search", "rebuild").code == 0


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('kind = "idea"', "is for kind idea"),
        ('kind = "king"', "kind is incident, idea or comment"),
        ("", "kind is incident, idea or comment"),
        ('kind = "incident"\nzone = "Mars/Olympus"', "Mars/Olympus"),
        ('kind = "incident"\n[statuses]\nClos = "shut"', "[statuses] knows no shut"),
        ('kind = "incident"\n[channels]\nAppel = "pigeon"', "[channels] knows no pigeon"),
        ('kind = "incident"\n[categories]\na = 5', "mapping.toml"),
        ("kind = ", "mapping.toml"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_before_the_first_row(
    village: Civic, tmp_path: Path, lines: str, said: str
) -> None:
    head, _, tables = lines.partition("\n[")
    columns = '[columns]\nexternal_id = "id"\ntitle = "title"\nsubmitted_at = "submitted_at"'
    text = f"{head}\n{columns}\n" + (f"[{tables}\n" if tables else "")
    mapping = write(tmp_path, "mapping.toml", text)
    rows = write(tmp_path, "rows.csv", HEADER + "1,Lampe,eclairage,48.1,-1.7,2024-01-02\n")
    answer = village("import", "incidents", rows, "--mapping", mapping)
    assert answer.code == 1
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_roles_are_given_listed_and_taken_back(
    village: Civic, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "civic")
    ana = "ana@village.example"
    assert "is agent now" in village("user", "grant", ana, "agent", "--department", "voirie").out
    assert village("user", "grant", ana, "agent", "--department", "voirie").code == 1
    assert village("user", "grant", ana, "moderator").code == 0
    listed = village("user", "list", "--json").values["people"]
    roles = next(one["roles"] for one in listed if one["email"] == ana)
    assert {"role": "agent", "department": "voirie", "area": ""} in roles
    assert ana not in village("user", "list", "--role", "administrator").out
    assert village("user", "grant", ana, "moderator", "--area", "x").code == 2
    assert "no department" in village("user", "grant", ana, "agent", "--department", "x").err
    assert "no area" in village("user", "grant", ana, "agent", "--area", "x").err
    assert village("user", "revoke", ana, "agent", "--department", "voirie").code == 0
    again = village("user", "revoke", ana, "agent")
    assert again.code == 1
    assert "does not hold" in again.err
    assert not [line for line in caplog.records if line.name == "civic.security"]
    log = [json.loads(line) for line in village("security-log").out.splitlines()]
    assert [one["event"] for one in log][-3:] == ["role_given", "role_given", "role_taken"]
    last = log[-1]["id"]
    assert village("security-log", "--after", last).out == ""


def test_the_last_administrator_keeps_the_role(village: Civic) -> None:
    (boss,) = village("user", "list", "--role", "administrator", "--json").values["people"]
    refused = village("user", "revoke", boss["email"], "administrator")
    assert refused.code == 1
    assert "administrat" in refused.err
    assert village("user", "list", "--role", "administrator", "--json").values["people"] == [boss]
