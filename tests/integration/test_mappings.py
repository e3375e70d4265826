"""What a mapping may say of a file, with files of every sort; and our own export comes back."""

import csv
import io
import json
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM
from civic.comments.models import Comment, Stance
from civic.contributions.kinds import kinds
from civic.contributions.models import Contribution, Deadline, ModerationState
from civic.contributions.operations import move
from civic.contributions.workflow import Party, StatusType
from civic.imports.comments import import_comments
from civic.imports.load import Importer
from civic.imports.mapping import ANY_KIND, Mapping, detect_mapping, load_mapping
from civic.imports.readers import open_source
from civic.imports.rejects import Rejects
from civic.imports.totals import Totals
from civic.moderation.models import Hold
from civic.places.geometry import Position
from civic.places.models import Area
from civic.search.queries import matching
from civic.taxonomy.models import Department
from tests.factories import make_account, make_contribution

OURS = """
name = "old"
kind = "incident"
{head}
[columns]
external_id = "id"
title = "objet"
category = "rubrique"
submitted_at = "date"
{columns}
{tables}
"""
Take = Callable[..., Totals]


@pytest.fixture
def take(session: Session, town: Any, tmp_path: Path) -> Take:
    def run(
        text: str, *, head: str = "", columns: str = "", tables: str = "", whole: str = ""
    ) -> Totals:
        path, toml = tmp_path / "file", tmp_path / "old.toml"
        path.write_text(text, encoding="utf-8")
        written = whole or OURS.format(head=head, columns=columns, tables=tables)
        toml.write_text(written, encoding="utf-8")
        source = open_source(path)
        mapping = load_mapping(toml).fitted(source.columns)
        return _import(session, tmp_path, source, mapping, "incident")

    return run


def _import(session: Session, folder: Path, source: Any, mapping: Mapping, kind: str) -> Totals:
    with Rejects(folder / "rejects.csv") as rejects:
        importer = Importer(session, kinds[kind], mapping, rejects, commit=session.commit)
        totals = importer.run(source.rows, lambda _read: None)
    source.close()
    return totals


def stored(session: Session) -> list[Contribution]:
    return list(session.scalars(select(Contribution).order_by(Contribution.id)))


def test_metres_become_degrees_and_what_is_elsewhere_is_one_kind_of_reason(
    session: Session, take: Take
) -> None:
    rows = ["id;objet;rubrique;date;px;py", "1;Lampe;eclairage;2024-01-02;352 000,5;6789000.25"]
    rows += [f"{n};Lampe;eclairage;2024-01-02;{n}.5;{n}" for n in range(2, 40)]
    totals = take("\n".join(rows), head='crs = "EPSG:2154"', columns='x = "px"\ny = "py"')
    (one,) = stored(session)
    assert one.lat == pytest.approx(48.10856, abs=1e-5)
    assert one.lon == pytest.approx(-1.67847, abs=1e-5)
    assert totals.reasons == {"not a position of the system of the file": 38}


@pytest.mark.parametrize(
    "cell", ["352000 6789000", "POINT (352000 6789000)", "352000,0 ; 6789000,0"]
)
def test_metres_in_one_cell_have_the_east_first(session: Session, take: Take, cell: str) -> None:
    text = f"id|objet|rubrique|date|geo\n1|Lampe|eclairage|2024-01-02|{cell}"
    take(text, head='crs = "2154"', columns='position = "geo"')
    assert stored(session)[0].lat == pytest.approx(48.10856, abs=1e-5)


@pytest.mark.parametrize(
    "cell",
    [
        "48,11 ; -1,69",
        "48.11, -1.69",
        "48.11 −1.69",
        "48.11,–1.69",
        "48.11 N, 1.69 W",
        "1,69 O 48,11 N",
        "48°06'36\"N 1°41'24\"W",
        "POINT(-1.69 48.11)",
        "SRID=4326;POINT Z (-1.69 48.11 30)",
        "{'lon': '-1,69', 'lat': '48,11'}",
        "{'longitude': −1.69, 'latitude': 48.11}",
    ],
)
def test_degrees_in_one_cell_however_they_are_written(
    session: Session, take: Take, cell: str
) -> None:
    take(
        f"id|objet|rubrique|date|geo\n1|Lampe|eclairage|2024-01-02|{cell}",
        columns='position = "geo"',
    )
    assert (stored(session)[0].lat, stored(session)[0].lon) == pytest.approx((48.11, -1.69))


@pytest.mark.parametrize("cell", ["48.11 - 1.69", "48.11, - 1.69", "48.11 N 1.69 N", "48.11 N"])
def test_a_position_that_may_be_two_is_none(session: Session, take: Take, cell: str) -> None:
    text = f"id|objet|rubrique|date|geo\n1|Lampe|eclairage|2024-01-02|{cell}"
    assert take(text, columns='position = "geo"').reasons == {"not a position": 1}
    assert stored(session) == []


def test_numbers_have_commas_and_spaces(session: Session, take: Take) -> None:
    rows = [
        "id;objet;rubrique;date;lat;lon;voix",
        "1;A;eclairage;2024-01-02;48,11;−1,69;1 234",
        "2;B;eclairage;2024-01-02;48,11;-1,69;12,0",
        "3;C;eclairage;2024-01-02;48.11;-1.69;1,234",
        "4;D;eclairage;2024-01-02;48,11 N;1,69 O;0",
    ]
    take("\n".join(rows), columns='lat = "lat"\nlon = "lon"\nvotes = "voix"')
    assert [one.vote_count for one in stored(session)] == [1234, 12, 1234, 0]
    assert {(one.lat, one.lon) for one in stored(session)} == {(48.11, -1.69)}


def test_the_first_column_that_is_not_empty(session: Session, take: Take) -> None:
    rows = [
        "id,objet,rubrique,date,rue,numero,lieu",
        "1,Lampe,eclairage,2024-01-02,rue du Bac,2,École",
        "2,Lampe,eclairage,2024-01-02,,,École",
    ]
    take("\n".join(rows), columns='address = ["{numero} {rue}", "lieu"]')
    assert [one.address for one in stored(session)] == ["2 rue du Bac", "École"]


def test_only_the_rows_that_are_meant(session: Session, take: Take) -> None:
    rows = ["id,objet,rubrique,date,etat,test"]
    rows += [
        f"{number},Lampe {number},eclairage,2024-01-02,{state},{test}"
        for number, state, test in (
            (1, "Ouvert", ""),
            (2, "Brouillon", ""),
            (3, "Clos", "oui"),
            (4, "Clos", ""),
        )
    ]
    tables = '[where]\n"Etat" = ["Ouvert", "Clos"]\ntest = { not = "oui" }'
    totals = take("\n".join(rows), tables=tables)
    assert [one.title for one in stored(session)] == ["Lampe 1", "Lampe 4"]
    assert (totals.read, totals.added, totals.left_out) == (4, 2, 2)


def test_a_row_without_an_id_has_its_number(session: Session, take: Take) -> None:
    whole = OURS.replace('"id"', '"#"').format(head="", columns="", tables="")
    text = "objet,rubrique,date\nLampe,eclairage,2024-01-02\nBanc,eclairage,2024-01-02"
    assert take(text, whole=whole).added == 2
    assert take(text, whole=whole).known == 2


def test_a_dotted_path_goes_into_what_json_holds(session: Session, take: Take) -> None:
    rows = [
        {
            "id": number,
            "objet": {"fr": f"Lampe {number}"},
            "rubrique": {"code": "eclairage"},
            "date": "2024-01-02",
            "geo": {"coordinates": [-1.69, 48.11]},
            "mots": ["rue", "nuit"],
        }
        for number in (1, 2)
    ]
    whole = (
        OURS.replace('"objet"', '"objet.fr"')
        .replace('"rubrique"', '"rubrique.code"')
        .format(
            head="",
            columns='lat = "geo.coordinates.1"\nlon = "geo.coordinates.0"\nbody = "mots"',
            tables="",
        )
    )
    assert take(json.dumps(rows), whole=whole).added == 2
    one = stored(session)[0]
    assert (one.title, one.body, one.lat, one.lon) == ("Lampe 1", "rue, nuit", 48.11, -1.69)


def test_what_the_sources_moderators_refused_is_not_published(
    session: Session, take: Take, client: Any
) -> None:
    head, columns = "id,objet,rubrique,date,relu\n", 'moderation = "relu"'
    tables = '[moderation]\n"oui" = "published"\n"non" = "hidden"\n"à voir" = "held"'
    words = ("oui", "non", "à voir", "peut-être", "")
    rows = [f"{n},Lampe {n},eclairage,2024-01-02,{word}" for n, word in enumerate(words)]
    totals = take(head + "\n".join(rows), columns=columns, tables=tables)
    assert totals.remarks == {"no place": 5, "unknown moderation: peut-être, held": 1}
    published, hidden, held, unknown, silent = stored(session)
    assert published.is_public
    assert silent.is_public
    assert hidden.moderation_state is ModerationState.HIDDEN
    assert {held.moderation_state, unknown.moderation_state} == {ModerationState.HELD}
    waiting = session.scalars(select(Hold.contribution_id)).all()
    assert set(waiting) == {held.id, unknown.id}
    assert len(session.scalars(matching(session, "lampe")).all()) == 2
    text = client.get("/open-data/contributions.csv").text
    assert hidden.title not in text
    assert held.title not in text
    # The source has decided meanwhile.
    rows[1:3] = ["1,Lampe 1,eclairage,2024-01-02,oui", "2,Lampe 2,eclairage,2024-01-02,non"]
    assert take(head + "\n".join(rows), columns=columns, tables=tables).updated == 2
    session.expire_all()
    assert [one.is_public for one in stored(session)] == [True, True, False, False, True]


PORTAL = (
    "Unique Key,Created Date,Closed Date,Agency Name,{type},{detail},Incident Address,City,Borough,"
    "Status,Resolution Description,Open Data Channel Type,Latitude,Longitude\n"
    "61,05/27/2024 02:08:51 AM,06/01/2024 12:00:00 PM,Transport,Street Light,Out,1 MAIN ST,NYC,"
    "BRONX,Closed,Repaired.,PHONE,48.11,-1.69\n"
)
API = (
    "unique_key,created_date,closed_date,agency_name,complaint_type,descriptor,incident_address,"
    "city,borough,status,resolution_description,open_data_channel_type,latitude,longitude\n"
    "61,2024-05-27T02:08:51.000,2024-06-01T12:00:00.000,Transport,Street Light,Out,1 MAIN ST,NYC,"
    "BRONX,Closed,Repaired.,PHONE,48.11,-1.69\n"
)


@pytest.mark.parametrize(
    ("type_", "detail"),
    [
        ("Complaint Type", "Descriptor"),
        ("Problem (formerly Complaint Type)", "Problem Detail (formerly Descriptor)"),
    ],
)
def test_the_portals_own_csv_is_the_same_as_the_apis(
    session: Session, town: Any, tmp_path: Path, type_: str, detail: str
) -> None:
    path = tmp_path / "file.csv"
    totals = []
    for text in (PORTAL.format(type=type_, detail=detail), API):
        path.write_text(text, encoding="utf-8")
        source = open_source(path)
        mapping = detect_mapping("incident", source.columns)
        assert mapping is not None
        assert mapping.name == "nyc311"
        totals.append(_import(session, tmp_path, source, mapping, "incident"))
    assert (totals[0].added, totals[1].known) == (1, 1)
    (one,) = stored(session)
    assert (one.title, one.status, one.lat) == ("Street Light: Out", "resolved", 48.11)
    assert one.submitted_at.isoformat() == "2024-05-27T06:08:51+00:00"


@pytest.mark.parametrize("address", ["contributions.csv", "contributions.csv?spreadsheet=1"])
def test_our_own_export_gives_the_same_town_back(
    session: Session, town: Any, client: Any, tmp_path: Path, address: str
) -> None:
    west = session.scalars(select(Area.id).where(Area.name == "Ouest")).one()
    place: dict[str, Any] = {"position": Position(48.11, -1.69), "area_id": west}
    first = make_contribution(session, title="=SOMME(A1)", body="Deux\n\nlignes", **place)
    fixed = make_contribution(session, title="Réparé", **place)
    move(
        session,
        fixed,
        "resolved",
        actor=SYSTEM,
        standing={Party.AGENT},
        sentence="C’est fait",
    )
    double = make_contribution(session, title="Deux fois", **place)
    double.duplicate_of_id, double.status = first.id, "duplicate"
    double.status_type = StatusType.CLOSED
    double.closed_at = double.submitted_at
    make_contribution(session, title="Un banc", **place).locale = "en"
    late = make_contribution(session, title="Promis", **place)
    late.due_at = late.submitted_at + timedelta(days=90)
    asked = make_contribution(session, title="Où donc ?", **place)
    move(
        session,
        asked,
        "question_asked",
        actor=SYSTEM,
        standing={Party.AGENT},
        sentence="Où est-ce ?",
    )
    make_contribution(session, "idea", title="Des arbres", category="nature", **place)
    make_contribution(session, held=True, title="Pas encore lu")
    first.vote_count = 4
    _say(session, first, fixed)
    session.commit()
    said_at = address.replace("contributions", "comments")
    before, said = (client.get(f"/open-data/{at}").data for at in (address, said_at))
    session.execute(delete(Contribution))
    session.commit()
    path = tmp_path / "contributions.csv"
    path.write_bytes(before)
    for kind in kinds:
        source = open_source(path)
        mapping = detect_mapping(ANY_KIND, source.columns)
        assert mapping is not None
        _import(session, tmp_path, source, mapping.of_kind(kind.code), kind.code)
    path.write_bytes(said)
    with closing(open_source(path)) as source, Rejects(tmp_path / "rejects.csv") as rejects:
        mapping = detect_mapping("comment", source.columns)
        assert mapping is not None
        assert mapping.name == "civic-comments"
        totals = import_comments(
            session,
            source.rows,
            mapping,
            rejects,
            commit=session.commit,
            progress=lambda done: None,
        )
    assert (totals.read, totals.added, dict(totals.remarks)) == (4, 4, {})
    session.expire_all()
    after, said_again = (client.get(f"/open-data/{at}").data for at in (address, said_at))
    assert _table(after) == _table(before)
    assert len(_table(after)) == 7
    undated = {row["title"] for row in _table(after) if not row["due_at"]}
    assert undated == {"Où donc ?", "Des arbres"}
    promised = select(Contribution.title, Deadline.met_at == Contribution.closed_at)
    promised = promised.join(Deadline, Deadline.contribution_id == Contribution.id)
    assert dict(session.execute(promised.where(Deadline.due_at == Contribution.due_at)).all()) == {
        "=SOMME(A1)": None,
        "Réparé": True,
        "Deux fois": True,
        "Un banc": None,
        "Promis": None,
    }
    assert _said(said_again) == _said(said)


def _say(session: Session, first: Contribution, fixed: Contribution) -> None:
    """Say what goes out, and what does not: what is held, and an answer to what was hidden."""
    ana = make_account(session, "ana@example.org")
    ana.display_name = "Ana Le Goff"
    own: dict[str, Any] = {"moderation_state": ModerationState.PUBLISHED, "author_id": ana.id}
    department = session.scalars(select(Department)).first()
    assert department is not None
    begun = Comment(contribution=first, body="=HYPERLINK(1)\n\nsuite", helpful_count=3, **own)
    hidden = Comment(
        contribution=fixed, body="Caché", **own | {"moderation_state": ModerationState.HIDDEN}
    )
    session.add_all([begun, hidden])
    session.flush()
    session.add_all(
        [
            Comment(
                contribution=first,
                parent_id=begun.id,
                body="C’est noté",
                department=department,
                **own,
            ),
            Comment(
                contribution=first, body="Contre", stance=Stance.AGAINST, unhelpful_count=1, **own
            ),
            Comment(contribution=fixed, parent_id=hidden.id, body="Répondu", **own),
        ]
    )
    first.comment_count, fixed.comment_count = 3, 1


def _said(data: bytes) -> list[tuple[str, ...]]:
    """Return what was said, with numbers replaced by the words that they stand for."""
    assert "Ana" not in data.decode()
    assert "Caché" not in data.decode()
    rows = _table(data, by="submitted_at")
    words = {row["id"]: row["text"] for row in rows} | {"": ""}
    said = [row | {"id": "", "parent": words[row["parent"]]} for row in rows]
    return sorted(tuple(row.values()) for row in said)


def _table(data: bytes, by: str = "reference") -> list[dict[str, str]]:
    text = data.decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if text.count(";") > 20 else ",")
    return sorted(rows, key=lambda row: row[by])
