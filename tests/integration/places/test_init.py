"""``civic init`` for a commune: what it knows by itself, what it asks, what it leaves behind."""

import sqlite3
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import click
import pytest

from civic.app import create_app
from civic.cli import main
from civic.demo.town import data_file
from civic.extensions import db
from tests.client import CheckingClient

pytestmark = pytest.mark.usefixtures("own_process")
"""Applications of their own are made here."""

HEAD = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;"
    "code_insee_ancienne_commune;nom_ancienne_commune;x;y;lon;lat"
)
STREETS = ["Rue Saint-Malo", "Rue de Fougères", "Place de la Mairie", "Quai Émile Zola"]


@pytest.fixture
def ban(tmp_path: Path) -> Path:
    """Rennes and a street of its neighbour, as the file of a department has them."""
    lines = [HEAD]
    for at, street in enumerate(STREETS):
        for number in range(1, 30):
            lat, lon = 48.10 + at / 200, -1.70 + number / 800
            code = f"35238_{1000 + at}_{number:05}"
            lines.append(f"{code};;{number};;{street};35000;35238;Rennes;;;;;{lon};{lat}")
    lines.append("35051_1_1;;1;;Rue du Voisin;35510;35051;Cesson-Sévigné;;;;;-1.60;48.12")
    path = tmp_path / "adresses-35.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.setenv("CIVIC_DATA_DIR", str(tmp_path / "data"))

    def command(*words: object) -> tuple[int, str, str]:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["civic", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        return (code, *capfd.readouterr())

    return command


def stored(tmp_path: Path, statement: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(tmp_path / "data" / "civic.db") as database:
        rows = database.execute(statement).fetchall()
    database.close()
    return rows


def test_a_commune_brings_what_is_known_of_it(
    run: Callable[..., tuple[int, str, str]], ban: Path, tmp_path: Path
) -> None:
    code, out, err = run(
        "init", "--commune", "rennes", "--addresses", ban, "--admin", "maire@rennes.example"
    )
    assert code == 0, err
    assert "4 streets and 116 addresses" in out
    assert "drawn around the addresses" in out
    [town] = stored(tmp_path, "SELECT name, insee_code, zone, population FROM town")
    assert town[:3] == ("Rennes", "35238", "Europe/Paris")
    assert isinstance(town[3], int)
    assert stored(tmp_path, "SELECT level, is_estimated FROM area") == [("town", 1)]
    assert stored(tmp_path, "SELECT count(*) FROM street WHERE city = 'Cesson-Sévigné'") == [(0,)]
    [box] = stored(tmp_path, "SELECT west, east FROM town")
    assert box[0] < -1.70
    assert box[1] < -1.65


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--commune", "xyzzy"], "no commune is called xyzzy"),
        (["--commune", "Saint-Denis"], "INSEE 97411"),
        (["--commune", "35238", "--admin", "nobody"], "Check this email address"),
        (["--commune", "35051", "--admin", "a@b.example"], "too few addresses"),
        (["--commune", "35238", "--zone", "Mars/Olympus"], "is not a time zone"),
        (["--commune", "35238", "--tiles", "elsewhere"], "CIVIC_TILES"),
        ([], "--name is needed"),
    ],
)
def test_nothing_is_left_behind_when_an_answer_is_refused(
    run: Callable[..., tuple[int, str, str]],
    ban: Path,
    tmp_path: Path,
    words: list[str],
    said: str,
) -> None:
    admin = [] if "--admin" in words else ["--admin", "maire@rennes.example"]
    code, _, err = run("init", *words, *admin, "--addresses", ban)
    assert code in {1, 2}
    assert said in err
    assert not (tmp_path / "data").exists()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine.txt").write_text("kept", encoding="utf-8")
    assert run("init", *words, *admin, "--addresses", ban)[0] == code
    assert [path.name for path in (tmp_path / "data").rglob("*")] == ["mine.txt"]


def test_without_an_outline_and_addresses_nothing_is_made(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    code, _, err = run("init", "--commune", "Rennes", "--admin", "maire@rennes.example")
    assert (code, "--addresses" in err) == (2, True)
    assert not (tmp_path / "data").exists()


def test_a_person_is_asked_again_until_an_answer_is_right(
    run: Callable[..., tuple[int, str, str]],
    ban: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter(
        [
            "Saint-Denis",
            "xyzzy",
            "97411",
            "",
            "de",
            "fr",
            "/nowhere.geojson",
            "",
            str(ban),
            "nobody",
            "maire@saint-denis.example",
            "nowhere",
            "none",
            "",
        ]
    )
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(click.termui, "visible_prompt_func", lambda _prompt: next(answers))
    path = ban.read_text(encoding="utf-8").replace("35238", "97411")
    ban.write_text(path, encoding="utf-8")
    code, out, err = run("init")
    assert code == 0, err
    assert "no commune is called xyzzy" in out
    assert next(answers, None) is None
    [town] = stored(tmp_path, "SELECT name, zone FROM town")
    assert town == ("Saint-Denis", "Indian/Reunion")


def test_a_first_report_follows_at_once_from_true_street_names(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    with resources.as_file(data_file("addresses.csv.gz")) as addresses:
        code, out, err = run(
            "init", "--commune", "75056", "--addresses", addresses, "--admin", "maire@paris.example"
        )
    assert code == 0, err
    assert "streets" in out
    app = create_app()
    app.test_client_class = CheckingClient
    client: Any = app.test_client()
    typed = {
        "category": "1",
        "title": "Lampadaire éteint",
        "body": "Depuis une semaine.",
        "address": "26 allée Darius Milhaud, Paris 19e",
        "form_key": "k" * 32,
    }
    answer = client.send("/incidents/new", typed, page="/incidents/new")
    assert answer.status_code == 303
    assert "estimé d’après ses adresses" in client.get("/map").get_data(as_text=True)
    with app.app_context():
        db.engine.dispose()
    [(address, lat)] = stored(tmp_path, "SELECT address, lat FROM contribution")
    assert (address, lat) == ("26 Allée Darius Milhaud, 75019", 48.884148)


def test_a_folder_that_a_town_uses_is_left_alone(
    run: Callable[..., tuple[int, str, str]], ban: Path, tmp_path: Path
) -> None:
    words = ["init", "--commune", "35238", "--addresses", ban, "--admin", "maire@rennes.example"]
    assert run(*words)[0] == 0
    code, _, err = run(*words)
    assert (code, "there is a town" in err) == (1, True)
    assert stored(tmp_path, "SELECT count(*) FROM street") == [(4,)]
