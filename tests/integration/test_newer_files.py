"""A newer file of the same source: what it owns follows, what people here touched stays."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor, Role
from civic.comments.operations import add_comment
from civic.contributions.kinds import kinds
from civic.contributions.models import (
    Contribution,
    Deadline,
    ExternalRef,
    HistoryEntry,
    ImportChange,
    ImportRun,
    StatusChange,
)
from civic.contributions.operations import edit_text, move
from civic.contributions.workflow import Party
from civic.counting.snapshot import snapshot_of
from civic.imports.load import Importer
from civic.imports.mapping import Mapping, detect_mapping
from civic.imports.readers import open_source
from civic.imports.rejects import Rejects
from civic.imports.totals import Totals
from civic.imports.undo import Undoing, Undone
from civic.moderation.operations import Grounds, redact
from civic.notifications.models import Notification
from civic.search.queries import matching
from civic.votes.operations import vote
from tests.factories import actor, make_account

HEADER = (
    "id,title,body,category,lat,lon,address,area,"
    "submitted_at,status,closed_at,sentence,votes,cost,due_at,duplicate_of\n"
)


def row(number: int, **values: str) -> str:
    cells = {
        "id": str(number),
        "title": f"Lampe {number}",
        "category": "eclairage",
        "lat": "48.11",
        "lon": "-1.69",
        "submitted_at": "2024-01-02",
    } | values
    return ",".join(cells.get(name, "") for name in HEADER.strip().split(","))


Take = Callable[..., Totals]


@pytest.fixture
def take(session: Session, town: Any, tmp_path: Path) -> Take:
    def run(*rows: str, kind: str = "incident", is_trial: bool = False) -> Totals:
        path = tmp_path / "file.csv"
        path.write_text(HEADER + "\n".join(rows), encoding="utf-8")
        source = open_source(path)
        mapping = detect_mapping(kind, source.columns)
        assert isinstance(mapping, Mapping)
        with Rejects(None if is_trial else tmp_path / "rejects.csv") as rejects:
            importer = Importer(
                session, kinds[kind], mapping, rejects, commit=session.commit, is_trial=is_trial
            )
            totals = importer.run(source.rows, lambda _read: None)
        source.close()
        return totals

    return run


def undo(session: Session, number: int) -> Undone:
    run = session.get_one(ImportRun, number)
    return Undoing(session, run, session.commit).take_back(lambda _done: None)


def imported(session: Session, external_id: str) -> Contribution:
    ref = session.scalars(select(ExternalRef).where(ExternalRef.external_id == external_id)).one()
    return session.get_one(Contribution, ref.contribution_id, populate_existing=True)


def steps_of(session: Session, contribution: Contribution) -> list[StatusChange]:
    steps = select(StatusChange).where(StatusChange.contribution_id == contribution.id)
    return list(session.scalars(steps.order_by(StatusChange.id)))


def agent_of(session: Session) -> Actor:
    return actor(make_account(session, "agent@example.org", Role.AGENT))


def promised(session: Session, external_id: str) -> tuple[Any, ...]:
    """Until when, met and standing since when: in the row of the case, and of its deadline."""
    case = imported(session, external_id)
    rows = session.scalars(select(Deadline).where(Deadline.contribution_id == case.id)).all()
    return tuple(
        at and at.date().isoformat()
        for at in (case.due_at, *(a for r in rows for a in (r.due_at, r.met_at, r.paused_at)))
    )


def test_what_is_promised_elsewhere_is_promised_here(session: Session, take: Take) -> None:
    closed = {"status": "resolved", "closed_at": "2024-02-03"}
    take(row(1), row(2, due_at="2034-05-06"), row(3, due_at="2024-02-09", **closed))
    take(row(4, due_at="2023-12-31"), row(5, due_at="2034-05-06", status="question_asked"))
    assert promised(session, "1") == promised(session, "4") == promised(session, "5") == (None,)
    assert promised(session, "2") == ("2034-05-06", "2034-05-06", None, None)
    assert promised(session, "3") == ("2024-02-09", "2024-02-09", "2024-02-03", None)
    totals = take(row(1, due_at="2034-07-08"), row(2, due_at="2034-06-07"))
    assert (totals.updated, totals.changed_since) == (2, 0)
    assert promised(session, "1") == ("2034-07-08", "2034-07-08", None, None)
    assert promised(session, "2") == ("2034-06-07", "2034-06-07", None, None)
    take(row(2, due_at="2034-06-07", **closed), row(1, due_at=""))
    assert promised(session, "2") == ("2034-06-07", "2034-06-07", "2024-02-03", None)
    assert promised(session, "1")[:3] == (None, "2034-07-08", None)
    assert undo(session, 4).restored == 2
    assert promised(session, "1") == ("2034-07-08", "2034-07-08", None, None)
    assert promised(session, "2") == ("2034-06-07", "2034-06-07", None, None)
    assert take(row(6, due_at="demain")).reasons == {"not a date": 1}


def test_an_idea_is_promised_nothing(session: Session, take: Take) -> None:
    take(row(1, category="nature", due_at="2034-05-06"), kind="idea")
    assert promised(session, "1") == (None,)


def test_what_the_source_owns_follows_it(session: Session, take: Take) -> None:
    take(row(1), row(2))
    newer = row(
        1,
        title="Lampe du quai",
        body="Elle clignote",
        category="depot",
        lat="48.115",
        lon="-1.665",
        status="resolved",
        closed_at="2024-02-03",
        sentence="Ampoule changée",
        votes="7",
    )
    totals = take(newer, row(2))
    assert (totals.updated, totals.known, totals.changed_since) == (1, 1, 0)
    one = imported(session, "1")
    assert (one.title, one.body, one.category.code) == ("Lampe du quai", "Elle clignote", "depot")
    assert (one.lat, one.lon, one.vote_count) == (48.115, -1.665, 7)
    assert one.area is not None
    assert one.area.name == "Est"
    assert (one.status, one.status_type.value) == ("resolved", "fixed")
    assert one.closed_at is not None
    assert one.closed_at.date().isoformat() == "2024-02-03"
    received, resolved = steps_of(session, one)
    assert (received.to_status, resolved.from_status) == ("received", "received")
    assert (resolved.sentence, resolved.at) == ("Ampoule changée", one.closed_at)
    assert session.scalars(matching(session, "quai")).all() == [one.id]
    lines = session.scalars(select(HistoryEntry)).all()
    assert {line.field for line in lines} == {"title", "body", "category", "place", "department"}
    assert all(line.is_automatic for line in lines)
    assert snapshot_of(session.get_bind().engine).differences() == []
    again = take(newer, row(2))
    assert (again.updated, again.known) == (0, 2)


def test_a_status_that_goes_back_is_a_step_too(session: Session, take: Take) -> None:
    take(row(1, status="resolved", closed_at="2024-02-03"))
    totals = take(row(1, status="in_progress"))
    assert totals.updated == 1
    one = imported(session, "1")
    assert (one.status, one.closed_at) == ("in_progress", None)
    assert [step.to_status for step in steps_of(session, one)] == [
        "received",
        "resolved",
        "in_progress",
    ]


def test_a_later_sentence_and_day_correct_the_step_that_was_told(
    session: Session, take: Take
) -> None:
    take(row(1, status="resolved"))
    totals = take(row(1, status="resolved", closed_at="2024-03-01", sentence="Réparé"))
    assert totals.updated == 1
    one = imported(session, "1")
    last = steps_of(session, one)[-1]
    assert (last.sentence, len(steps_of(session, one))) == ("Réparé", 2)
    assert one.closed_at == last.at
    assert last.at.date().isoformat() == "2024-03-01"


def test_what_people_here_changed_is_never_overwritten(session: Session, take: Take) -> None:
    take(row(1), row(2), row(3))
    agent = agent_of(session)
    edit_text(session, imported(session, "1"), actor=agent, title="Relu", body="", why="")
    move(session, imported(session, "2"), "planned", actor=agent, standing={Party.AGENT})
    session.commit()
    newer = [row(n, status="resolved", body="Nouveau texte") for n in (1, 2, 3)]
    for _ in range(2):
        totals = take(*newer)
        assert totals.changed_since == 2
        session.expire_all()
    assert imported(session, "1").title == "Relu"
    assert imported(session, "2").status == "planned"
    assert imported(session, "3").status == "resolved"
    marked = select(ExternalRef.external_id).where(ExternalRef.changed_since.is_not(None))
    assert set(session.scalars(marked)) == {"1", "2"}


def test_who_supports_it_here_hears_of_the_step_and_is_counted(
    session: Session, take: Take
) -> None:
    take(row(1, votes="3"))
    resident = make_account(session, "habitante@example.org")
    vote(session, imported(session, "1"), actor=actor(resident))
    session.commit()
    totals = take(row(1, votes="5", status="resolved"))
    assert (totals.updated, totals.changed_since) == (1, 0)
    assert imported(session, "1").vote_count == 6
    told = session.scalars(select(Notification.account_id)).all()
    assert told == [resident.id]


def test_an_id_that_is_used_again_is_no_update(session: Session, take: Take) -> None:
    take(row(1))
    totals = take(row(1, title="Tout autre chose", submitted_at="2024-05-05"))
    assert (totals.updated, totals.rejected) == (0, 1)
    totals = take(row(1, submitted_at="2024-01-01"))
    assert totals.updated == 1
    one = imported(session, "1")
    assert one.submitted_at.date().isoformat() == "2024-01-01"
    assert {one.published_at, steps_of(session, one)[0].at} == {one.submitted_at}


def test_a_place_that_the_source_drops_stays(session: Session, take: Take) -> None:
    take(row(1, address="2 rue du Bac"))
    take(row(1, lat="", lon="", body="Mot"))
    one = imported(session, "1")
    assert (one.lat, one.body) == (48.11, "Mot")


def test_a_trial_writes_nothing_and_shows_rows_as_they_would_be(
    session: Session, take: Take, tmp_path: Path
) -> None:
    take(row(1), row(2))
    edit_text(session, imported(session, "2"), actor=agent_of(session), title="Relu", body="")
    session.commit()
    before = [session.scalar(select(func.count()).select_from(m)) for m in WRITTEN]
    rows = [
        row(1, status="resolved"),
        row(2, status="resolved"),
        *(row(n, lat=str(6_789_000 + n), lon=str(352_000 + n)) for n in range(3, 40)),
        *(
            row(n, title=f"Banc {n}", category="licorne" if n % 2 else "nature")
            for n in range(40, 60)
        ),
    ]
    totals = take(*rows, is_trial=True)
    assert (totals.updated, totals.changed_since, totals.rejected) == (1, 1, 47)
    assert totals.added == 10
    assert len(totals.reasons) == 2
    assert len(totals.shown) == 10
    assert {"title": "Lampe 1", "status": "resolved"}.items() <= totals.shown[0].items()
    assert totals.shown[0]["area"] == "Ouest"
    assert [session.scalar(select(func.count()).select_from(m)) for m in WRITTEN] == before
    assert take(*rows).added == totals.added


WRITTEN = (Contribution, StatusChange, ExternalRef, ImportRun, ImportChange, HistoryEntry)


def test_an_import_is_taken_back_where_nobody_was(session: Session, take: Take) -> None:
    take(*(row(n) for n in range(1, 7)))
    agent = agent_of(session)
    resident = actor(make_account(session, "habitante@example.org"))
    edit_text(session, imported(session, "1"), actor=agent, title="Relu", body="")
    vote(session, imported(session, "2"), actor=resident)
    add_comment(session, imported(session, "3"), actor=resident, body="Chez moi aussi")
    session.commit()
    kept = {imported(session, number).reference for number in "123"}
    undone = undo(session, 1)
    assert (undone.removed, set(undone.kept)) == (3, kept)
    left = session.scalars(select(Contribution.reference)).all()
    assert set(left) == kept
    assert session.scalar(select(func.count()).select_from(ExternalRef)) == 3
    assert len(session.scalars(matching(session, "lampe")).all()) == 2
    assert snapshot_of(session.get_bind().engine).differences() == []
    run = session.get_one(ImportRun, 1)
    assert run.undone_at is not None
    assert set(run.counts["undone"]["kept"]) == kept
    assert take(*(row(n) for n in range(1, 7))).added == 3


def test_duplicates_of_the_file_are_nobodys_touch(session: Session, take: Take) -> None:
    rows = [row(1), row(2, duplicate_of="1"), row(3, duplicate_of="2"), row(4, duplicate_of="1")]
    take(*rows, row(5), row(6))
    assert imported(session, "3").duplicate_of_id == imported(session, "2").id
    newer = take(row(1, title="Lampe du quai"), row(2, body="Éteinte", duplicate_of="1"))
    assert (newer.updated, newer.changed_since) == (2, 0)
    undone = undo(session, 1)
    assert (undone.removed, undone.kept) == (6, [])


def test_what_a_touched_duplicate_leads_to_stays(session: Session, take: Take) -> None:
    rows = [row(1), row(2, duplicate_of="1"), row(3, duplicate_of="2"), row(4, duplicate_of="1")]
    take(*rows, row(5))
    edit_text(session, imported(session, "3"), actor=agent_of(session), title="Relu", body="")
    session.commit()
    kept = {imported(session, number).reference for number in "123"}
    undone = undo(session, 1)
    assert (undone.removed, set(undone.kept)) == (2, kept)
    assert imported(session, "3").duplicate_of_id == imported(session, "2").id
    assert imported(session, "2").duplicate_of_id == imported(session, "1").id


def test_taking_a_newer_file_back_gives_what_was_before(session: Session, take: Take) -> None:
    take(row(1, votes="2"), row(2), row(3))
    names = ("title", "body", "lat", "lon", "area_id", "vote_count", "submitted_at", "closed_at")
    before = [getattr(imported(session, "1"), name) for name in (*names, "status", "category_id")]
    place = {"lat": "48.115", "lon": "-1.665"}
    changed = place | {"title": "Autre", "body": "Mot", "category": "depot"}
    newer = [
        row(1, votes="9", status="resolved", closed_at="2024-02-03", **changed),
        row(2, status="resolved"),
        row(4),
    ]
    take(*newer, row(3))
    edit_text(session, imported(session, "2"), actor=agent_of(session), title="Relu", body="")
    session.commit()
    undone = undo(session, 2)
    assert (undone.removed, undone.restored) == (1, 1)
    assert undone.kept == [imported(session, "2").reference]
    one = imported(session, "1")
    assert [getattr(one, name) for name in (*names, "status", "category_id")] == before
    *_, resolved, back = steps_of(session, one)
    assert (back.to_status, back.undoes_id) == ("received", resolved.id)
    assert snapshot_of(session.get_bind().engine).differences() == []
    again = take(*newer, row(3))
    assert (again.added, again.updated, again.changed_since) == (1, 1, 0)


def test_a_redaction_leaves_no_former_text_behind(session: Session, take: Take) -> None:
    take(row(1, body="Le numéro de Mme Durand est 0612345678"))
    take(row(1, body="Le numéro de Mme Durand est le 06 12 34 56 78"))
    moderator = actor(make_account(session, "mod@example.org", Role.MODERATOR))
    one = imported(session, "1")
    redact(
        session,
        one,
        actor=moderator,
        grounds=Grounds(clause="3", facts="Un numéro de téléphone"),
        title=one.title,
        body="",
    )
    session.commit()
    assert session.scalars(select(ImportChange)).all() == []
    totals = take(row(1, body="Mme Durand 0612345678 encore"))
    assert totals.changed_since == 1
    assert imported(session, "1").body == ""
