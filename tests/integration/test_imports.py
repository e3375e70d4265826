"""Importing never loses a row in silence, and doing it again changes nothing."""

import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civic.comments.models import Comment
from civic.contributions.counters import remake_heat
from civic.contributions.kinds import kinds
from civic.contributions.models import Contribution, ExternalRef, ImportRun, StatusChange
from civic.counting.snapshot import snapshot_of
from civic.database import table_of, utcnow
from civic.imports.comments import import_comments
from civic.imports.load import Importer, Totals
from civic.imports.mapping import Mapping, detect_mapping
from civic.imports.readers import open_source
from civic.imports.rejects import Rejects
from civic.imports.schedule import KEEPS_REJECTS, forget_rejects
from civic.incidents.models import Incident
from civic.places.addresses import import_addresses
from civic.places.geometry import Position
from civic.search.queries import matching
from tests.factories import make_contribution
from tests.imported_rows import read_rows

HEADER = "id,title,body,category,lat,lon,address,area,submitted_at,status,votes,cost\n"
GOOD = [
    "1,Lampe cassée,,eclairage,48.11,-1.69,,,2024-01-02,,3,",
    "2,Dépôt de gravats,Un gros tas,depot,48.11,-1.67,,,2024-01-03,resolved,,",
    "3,Sans lieu,,eclairage,,,,Est,2024-01-04,,,",
]


def take(session: Session, folder: Path, text: str, kind: str = "incident") -> tuple[Totals, Path]:
    path = folder / "file.csv"
    path.write_text(text, encoding="utf-8")
    source = open_source(path)
    mapping = detect_mapping(kind, source.columns)
    assert isinstance(mapping, Mapping)
    with Rejects(folder / "rejects.csv") as rejects:
        importer = Importer(session, kinds[kind], mapping, rejects, commit=session.commit)
        totals = importer.run(source.rows, lambda _read: None)
    source.close()
    return totals, rejects.path


def test_half_an_emoji_costs_no_row_and_no_import(
    session: Session, town: Any, tmp_path: Path
) -> None:
    half = '{"id":"%s","title":"Banc \\ud83d","category":"eclairage","submitted_at":"%s"}\n'
    path = tmp_path / "half.jsonl"
    path.write_text(half % ("1", "2024-01-02") + half % ("2", "hier"), encoding="ascii")
    with closing(open_source(path)) as source, Rejects(tmp_path / "rejects.csv") as rejects:
        mapping = detect_mapping("incident", source.columns)
        assert mapping is not None
        importer = Importer(session, kinds["incident"], mapping, rejects, commit=session.commit)
        totals = importer.run(source.rows, lambda _read: None)
    assert (totals.added, dict(totals.reasons)) == (1, {"not a date": 1})
    assert session.scalars(select(Contribution.title)).one() == "Banc"


def test_rows_become_contributions_that_are_found_counted_and_placed(
    session: Session, town: Any, tmp_path: Path
) -> None:
    totals, _ = take(session, tmp_path, HEADER + "\n".join(GOOD))
    assert (totals.read, totals.added, totals.rejected) == (3, 3, 0)
    by_id = {
        ref.external_id: session.get_one(Contribution, ref.contribution_id)
        for ref in session.scalars(select(ExternalRef))
    }
    assert by_id["1"].vote_count == 3
    assert by_id["1"].area is not None
    assert by_id["1"].area.name == "Ouest"
    assert by_id["2"].status == "resolved"
    assert by_id["3"].area is not None
    assert by_id["3"].area.name == "Est"
    assert session.scalar(select(func.count()).select_from(StatusChange)) == 4
    found = session.scalars(matching(session, "gravat")).all()
    assert found == [by_id["2"].id]
    assert snapshot_of(session.get_bind().engine).differences() == []


def test_a_second_time_changes_nothing(session: Session, town: Any, tmp_path: Path) -> None:
    take(session, tmp_path, HEADER + "\n".join(GOOD))
    totals, _ = take(session, tmp_path, HEADER + "\n".join(GOOD))
    assert (totals.added, totals.known, totals.rejected) == (0, 3, 0)
    assert session.scalar(select(func.count()).select_from(Contribution)) == 3


def test_every_row_is_added_known_or_rejected(session: Session, town: Any, tmp_path: Path) -> None:
    bad = [
        "4,Catégorie inconnue,,licorne,48.11,-1.69,,,2024-01-02,,,",
        "1,Autre contenu,,eclairage,48.11,-1.69,,,2024-01-02,,,",
        "5,Sans date,,eclairage,48.11,-1.69,,,,,,",
        "6,Trop,peu",
    ]
    totals, path = take(session, tmp_path, HEADER + "\n".join([*GOOD, *bad]))
    assert (totals.read, totals.added, totals.rejected) == (7, 3, 4)
    rejected = list(read_rows(path))
    assert {row.values["line"] for row in rejected} == {"5", "6", "7", "8"}
    reasons = {row.values["reason"].partition(":")[0] for row in rejected}
    assert reasons == {
        "unknown category",
        "an id that was there before, with other content",
        "no date",
        "3 cells where the header has 12",
    }


def test_an_interrupted_import_goes_on_where_it_stopped(
    session: Session, town: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("civic.imports.load.BATCH", 2)
    lines = [f"{n},Lampe {n},,eclairage,48.11,-1.69,,,2024-01-02,,," for n in range(1, 7)]
    path = tmp_path / "file.csv"
    path.write_text(HEADER + "\n".join(lines), encoding="utf-8")
    mapping = detect_mapping("incident", ("id", "title", "category"))
    assert mapping is not None

    def stop(read: int) -> None:
        if read == 4:
            raise KeyboardInterrupt

    with Rejects(tmp_path / "rejects.csv") as rejects:
        importer = Importer(session, kinds["incident"], mapping, rejects, commit=session.commit)
        rows = read_rows(path)
        with pytest.raises(KeyboardInterrupt):
            importer.run(rows, stop)
        rows.close()
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Contribution)) == 4
    totals, _ = take(session, tmp_path, HEADER + "\n".join(lines))
    assert (totals.added, totals.known) == (2, 4)


def test_an_address_without_a_position_is_found(
    session: Session, town: Any, tmp_path: Path
) -> None:
    known = [{"adresse": "12 rue de la Paix", "lat": "48.115", "lon": "-1.675"}]
    import_addresses(session, known)
    session.commit()
    row = "9,Place à refaire,,nature,,,École 12 rue de la Paix,,2024-01-02,,,5000"
    totals, _ = take(session, tmp_path, HEADER + row, "idea")
    assert totals.remarks["address found"] == 1
    idea = session.scalars(select(Contribution)).one()
    assert (idea.lat, idea.lon) == (48.115, -1.675)


def test_an_address_is_never_taken_for_another(session: Session, town: Any, tmp_path: Path) -> None:
    church = {"numero": "3", "nom_voie": "Rue de l'Église", "lat": "48.11"}
    known = [
        {"numero": "1", "nom_voie": "Rue de Bretagne", "lat": "48.115", "lon": "-1.675"},
        {"numero": "9", "nom_voie": "Rue de Bretagne", "lat": "48.117", "lon": "-1.675"},
        church | {"nom_commune": "Nyoiseau", "lon": "-1.67"},
        church | {"nom_commune": "Segré", "lon": "-1.69"},
    ]
    import_addresses(session, known)
    session.commit()
    asked = [
        "12 rue de Bretagne Village-sur-Test",
        "9 rue de Bretagne Village-sur-Test Bretagne France",
        "3 rue de l'Église",
        "3 rue de l'Église Segré 49",
        "Place inconnue",
    ]
    rows = [f"{n},Banc,,nature,,,{text},,2024-01-02,,,5000" for n, text in enumerate(asked)]
    totals, _ = take(session, tmp_path, HEADER + "\n".join(rows), "idea")
    assert totals.remarks["number not known: position of the street"] == 1
    assert totals.remarks["address of several streets"] == 1
    assert totals.remarks["address found"] == 2
    assert totals.remarks["address not found"] == 1
    ideas = session.scalars(select(Contribution).order_by(Contribution.id)).all()
    assert [idea.lat for idea in ideas] == [48.116, 48.117, None, 48.11, None]
    assert ideas[3].lon == -1.69
    assert ideas[0].address == "12 rue de Bretagne Village-sur-Test"


def test_comments_follow_their_contributions(session: Session, town: Any, tmp_path: Path) -> None:
    ideas = "code,title,summary,text,id,date,numSupports,status,isAssociation\n"
    take(session, tmp_path, ideas + "M-1,Calles,Limpiar,,7,2015-09-15,6560,open,0", "idea")
    lines = [
        "id,parentId,proposalId,date,text,numPositiveVotes,numNegativeVotes",
        "1,-1,7,2015-09-15,Buena idea,3,1",
        "2,1,7,2015-09-16,Una respuesta,0,0",
        "3,2,7,2015-09-17,Mas profunda,0,0",
        "4,-1,99,2015-09-17,De otra,0,0",
    ]
    path = tmp_path / "comments.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    mapping = detect_mapping("comment", ("proposalId", "parentId", "numPositiveVotes"))
    assert mapping is not None
    with Rejects(tmp_path / "rejects.csv") as rejects:
        totals = import_comments(
            session,
            read_rows(path),
            mapping,
            rejects,
            commit=session.commit,
            progress=lambda _read: None,
        )
    assert (totals.added, totals.rejected) == (3, 1)
    first, *replies = session.scalars(select(Comment).order_by(Comment.created_at)).all()
    assert {reply.parent_id for reply in replies} == {first.id}
    session.expire_all()
    idea = session.scalars(select(Contribution)).one()
    assert (idea.comment_count, idea.vote_count) == (3, 6560)
    heat = idea.hot
    remake_heat(session, idea)
    assert idea.hot == pytest.approx(heat), "as if all of it had happened here"


def test_what_was_closed_before_it_began_keeps_its_status_and_not_that_date(
    session: Session, town: Any, tmp_path: Path
) -> None:
    header = HEADER.strip() + ",closed_at\n"
    row = "9,Lampe,,eclairage,48.11,-1.69,,,2024-01-02,resolved,,,2023-12-01"
    mapping = detect_mapping("incident", ("id", "title", "category"))
    assert mapping is not None
    columns = {**mapping.columns, "closed_at": "closed_at"}
    path = tmp_path / "closed.csv"
    path.write_text(header + row, encoding="utf-8")
    with Rejects(tmp_path / "rejects.csv") as rejects:
        importer = Importer(
            session,
            kinds["incident"],
            replace(mapping, columns=columns),
            rejects,
            commit=session.commit,
        )
        totals = importer.run(read_rows(path), lambda _read: None)
    assert totals.remarks["closed before it began: that date left out"] == 1
    found = session.scalars(select(Contribution)).one()
    assert (found.status, found.status_since) == ("resolved", found.submitted_at)


def test_a_row_is_stored_as_the_same_words_in_a_form_would_be(
    session: Session, town: Any, tmp_path: Path
) -> None:
    take(session, tmp_path, HEADER + GOOD[0].replace("2024-01-02,,3", "2024-01-02,,"))
    imported = session.scalars(select(Contribution)).one()
    sent = make_contribution(
        session,
        title=imported.title,
        body=imported.body,
        position=Position(48.11, -1.69),
        area_id=imported.area_id,
    )
    own = {"id", "reference", "channel", "due_at"}
    times = {"submitted_at", "published_at", "updated_at", "status_since", "hot"}
    for model in (Contribution, Incident):
        columns = {column.name for column in table_of(model).columns}
        for name in columns - own - times:
            assert getattr(imported, name) == getattr(sent, name), name
    for name in times - {"hot"}:
        assert getattr(imported, name) == imported.submitted_at, name
    steps = {column.name for column in table_of(StatusChange).columns} - {"id", "at"}
    first, second = session.scalars(select(StatusChange).order_by(StatusChange.id))
    for name in steps - {"contribution_id"}:
        assert getattr(first, name) == getattr(second, name), name


def test_a_run_is_on_record_with_what_it_brought(
    session: Session, town: Any, tmp_path: Path
) -> None:
    take(session, tmp_path, HEADER + "\n".join(GOOD))
    changed = [*GOOD[:2], GOOD[2].replace("2024-01-04,", "2024-01-04,resolved")]
    take(session, tmp_path, HEADER + "\n".join(changed))
    first, second = session.scalars(select(ImportRun).order_by(ImportRun.id))
    assert (first.counts["added"], second.counts["known"], second.counts["updated"]) == (3, 2, 1)
    assert first.mapping["columns"]["title"] == "title"
    assert first.started_at <= first.finished_at
    refs = session.scalars(select(ExternalRef).order_by(ExternalRef.external_id)).all()
    assert {ref.run_id for ref in refs} == {first.id}
    assert len({ref.row_hash for ref in refs}) == 3
    assert {ref.changed_since for ref in refs} == {None}


def test_one_contribution_is_known_elsewhere_under_several_names(
    session: Session, town: Any
) -> None:
    incident = make_contribution(session)
    names = [("open311", "12"), ("paper", "12")]
    session.add_all(
        [
            ExternalRef(source=source, external_id=external_id, contribution_id=incident.id)
            for source, external_id in names
        ]
    )
    session.commit()
    session.add(ExternalRef(source="paper", external_id="12", contribution_id=incident.id))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_rejected_rows_are_kept_for_a_while_and_not_for_ever(app: Flask, session: Session) -> None:
    folder = app.extensions["civic_settings"].rejects_dir
    folder.mkdir(exist_ok=True)
    old, young, other = (folder / name for name in ("old.csv", "young.csv", "mine.txt"))
    for path, age in ((old, KEEPS_REJECTS), (young, KEEPS_REJECTS / 2), (other, KEEPS_REJECTS)):
        path.write_text("line,reason,row")
        then = (utcnow() - age).timestamp() - 60
        os.utime(path, (then, then))
    forget_rejects(session)
    assert sorted(path.name for path in folder.iterdir()) == ["mine.txt", "young.csv"]
