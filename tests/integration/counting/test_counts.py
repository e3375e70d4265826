"""The counts of the map are exact, whatever happens and whoever writes."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM
from civic.actions.models import Action
from civic.contributions.indexing import rebuild_index
from civic.contributions.map_layers import map_layers
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.operations import (
    change_category,
    hide,
    hold,
    move,
    publish,
    relocate,
)
from civic.contributions.workflow import Party, StatusType
from civic.counting import counts
from civic.counting.counts import MapPoint
from civic.counting.map_data import (
    FoundBefore,
    count_within,
    tile_body,
    tile_data,
    totals,
)
from civic.counting.models import MapCount
from civic.database import utcnow
from civic.extensions import db
from civic.finding.filters import ContributionFilter, conditions
from civic.places.geometry import Bounds, Position, Tile, cell_to_tile, morton_cell, parent_cell
from civic.places.models import Area
from civic.taxonomy.models import Category, Department
from tests.factories import CENTRE, make_contribution


def total(session: Session) -> int:
    return totals(session, ContributionFilter()).total


def make_action(session: Session, position: Position | None = CENTRE, slug: str = "rue") -> Action:
    department = session.scalars(select(Department)).first()
    assert department is not None
    action = Action(
        slug=slug,
        title="Éclairer la rue",
        status="planned",
        status_type=StatusType.OPEN,
        department=department,
        lat=position.lat if position else None,
        lon=position.lon if position else None,
        cell=morton_cell(position.lat, position.lon) if position else None,
    )
    session.add(action)
    session.commit()
    return action


def point_of(row: Contribution) -> MapPoint:
    return MapPoint(
        row.kind,
        row.status,
        StatusType(row.status_type),
        row.category_id,
        row.area_id,
        row.department_id,
        row.submitted_at,
        row.cell,
        row.lat,
        row.lon,
    )


def test_every_change_of_a_contribution_is_counted(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    assert total(session) == 1
    open_ones = ContributionFilter(status_types=(StatusType.OPEN,))
    depot = session.scalars(select(Category).where(Category.code == "depot")).one()
    of_depot = ContributionFilter(categories=("depot",))
    assert totals(session, of_depot).total == 0

    change_category(session, incident, depot, actor=SYSTEM)
    session.commit()
    assert totals(session, of_depot).total == 1

    move(
        session,
        incident,
        "resolved",
        actor=SYSTEM,
        standing={Party.AGENT},
        sentence="Enlevé.",
    )
    session.commit()
    assert totals(session, open_ones).total == 0
    assert totals(session, of_depot).count(status_type=StatusType.FIXED) == 1

    elsewhere = Position(48.105, -1.665)
    relocate(session, incident, elsewhere, area_id=None, address="Ailleurs", actor=SYSTEM)
    session.commit()
    hide(session, incident, actor=SYSTEM)
    session.commit()
    assert total(session) == 0
    publish(session, incident, actor=SYSTEM)
    hold(session, incident, actor=SYSTEM)
    session.commit()
    assert total(session) == 0
    publish(session, incident, actor=SYSTEM)
    session.commit()
    assert total(session) == 1
    assert counts.verify(session) == []


def test_what_is_rolled_back_does_not_count(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    hide(session, incident, actor=SYSTEM)
    session.rollback()
    assert total(session) == 1
    with session.begin_nested() as savepoint:
        hide(session, incident, actor=SYSTEM)
        savepoint.rollback()
    session.commit()
    assert total(session) == 1
    with session.begin_nested():
        hide(session, incident, actor=SYSTEM)
    session.commit()
    assert total(session) == 0
    assert counts.verify(session) == []


def test_an_object_read_before_anothers_change_does_not_bend_the_counts(
    app: Flask, session: Session, town: Any
) -> None:
    incident = make_contribution(session)
    session.commit()
    # Another process changes the row; the object in hand still believes that it is open.
    point = point_of(incident)
    session.execute(
        update(Contribution.__table__).values(status_type="closed", status="declined")  # type: ignore[arg-type]
    )
    counts.add_rows(session, [point], sign=-1)
    counts.add_rows(session, [point._replace(status_type=StatusType.CLOSED, status="declined")])
    session.commit()
    incident.status_type = StatusType.FIXED
    session.commit()
    assert totals(session, ContributionFilter()).placed == {("incident", StatusType.FIXED): 1}
    assert counts.verify(session) == []


def test_a_deleted_contribution_is_counted_out(session: Session, town: Any) -> None:
    first, _second = make_contribution(session), make_contribution(session)
    session.execute(Contribution.metadata.tables["status_change"].delete())
    session.delete(first)
    session.commit()
    assert total(session) == 1
    assert counts.verify(session) == []


def test_published_actions_count(session: Session, town: Any) -> None:
    action = make_action(session)
    make_action(session, None, slug="ville")
    found = totals(session, ContributionFilter())
    assert found.placed == {("action", StatusType.OPEN): 1}
    assert found.unplaced == {("action", StatusType.OPEN): 1}
    action.is_published = False
    session.commit()
    assert total(session) == 1
    assert counts.verify(session) == []


def test_bulk_rows_are_counted_when_told(session: Session, town: Any) -> None:
    category = session.scalars(select(Category).where(Category.code == "depot")).one()
    cell = morton_cell(CENTRE.lat, CENTRE.lon)
    row = {
        "kind": "incident",
        "title": "Matelas",
        "status": "received",
        "status_type": "open",
        "moderation_state": "published",
        "category_id": category.id,
        "lat": CENTRE.lat,
        "lon": CENTRE.lon,
        "cell": cell,
        "submitted_at": utcnow(),
    }
    rows = [row | {"reference": f"S-{n}"} for n in range(50)]
    point = point_of(Contribution(**row))
    session.commit()
    # Told before the first statement of the transaction: it counts all the same.
    counts.add_rows(session, [point] * 50)
    session.execute(insert(Contribution.__table__), rows)  # type: ignore[arg-type]
    session.commit()
    assert total(session) == 50
    assert counts.verify(session) == []


def test_verify_names_what_differs_and_rebuild_mends_it(session: Session, town: Any) -> None:
    make_contribution(session)
    make_contribution(session, "idea", position=None)
    session.execute(update(MapCount).where(MapCount.level == 14).values(n=MapCount.n + 2))
    session.commit()
    found = counts.verify(session)
    assert {difference.level for difference in found} == {14}
    assert {(d.kept[0], d.counted[0]) for d in found} == {(3, 1)}
    steps: list[tuple[int, int]] = []
    assert counts.rebuild(session, lambda done, of: steps.append((done, of))) > 0
    session.commit()
    assert steps[-1][0] == steps[-1][1]
    assert counts.verify(session) == []
    assert total(session) == 2


def test_two_writers_at_once_lose_nothing(app: Flask, session: Session, town: Any) -> None:
    first = make_contribution(session).id
    failures: list[BaseException] = []

    def report(n: int) -> None:
        try:
            with app.app_context():
                own = db.session()
                for step in range(6):
                    make_contribution(own, title=f"Rue {n} {step}")
                    incident = own.get(Contribution, first)
                    assert incident is not None
                    changed = hide if step % 2 else publish
                    changed(own, incident, actor=SYSTEM)
                    own.commit()
        except BaseException as error:  # noqa: BLE001 (told to the test)
            failures.append(error)

    writers = [threading.Thread(target=report, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert failures == []
    session.rollback()
    session.expire_all()
    hidden = session.get_one(Contribution, first).moderation_state is not ModerationState.PUBLISHED
    assert total(session) == 25 - hidden
    assert counts.verify(session) == []


# --------------------------------------------------------------------------- the property

AROUND = Bounds(-1.7, 48.1, -1.66, 48.12)
HOT = [CENTRE, Position(48.1101, -1.6801), Position(48.1150, -1.6700)]


def town_of_many(session: Session) -> None:
    """Contributions as towns have them: hot spots, a spread, some without a place."""
    categories = session.scalars(select(Category).order_by(Category.id)).all()
    areas = session.scalars(select(Area).order_by(Area.id)).all()
    departments = session.scalars(select(Department).order_by(Department.id)).all()
    now = utcnow()
    rows, points = [], []
    for n in range(400):
        kind = "idea" if n % 4 == 0 else "incident"
        category = categories[n % len(categories)]
        kind_type = list(StatusType)[n % 3]
        if n % 9 == 0:
            place = None
        elif n % 2:
            place = HOT[n % 3]
        else:
            place = Position(48.1 + (n * 37 % 200) / 1e4, -1.7 + (n * 91 % 400) / 1e4)
        state = ModerationState.PUBLISHED if n % 7 else ModerationState.HELD
        rows.append(
            {
                "kind": kind,
                "reference": f"T-{n}",
                "title": f"Lampadaire {n}" if n % 5 else f"Banc {n}",
                "status": "received" if kind == "incident" else "gathering",
                "status_type": kind_type.value,
                "moderation_state": state.value,
                "category_id": category.id,
                "department_id": departments[n % 3].id,
                "area_id": areas[n % 3].id if n % 8 else None,
                "submitted_at": now - timedelta(days=n),
                "lat": place.lat if place else None,
                "lon": place.lon if place else None,
                "cell": morton_cell(place.lat, place.lon) if place else None,
            }
        )
        if state is ModerationState.PUBLISHED:
            points.append(point_of(Contribution(**rows[-1])))
    session.execute(insert(Contribution.__table__), rows)  # type: ignore[arg-type]
    counts.add_rows(session, points)
    rebuild_index(session)
    session.commit()
    for n, position in enumerate([*HOT, None]):
        make_action(session, position, slug=f"action-{n}")


filters = st.builds(
    ContributionFilter,
    kinds=st.sets(st.sampled_from(["incident", "idea", "action"])).map(tuple),
    categories=st.sets(st.sampled_from(["eclairage", "depot", "nature", "none"])).map(tuple),
    department=st.sampled_from(["", "", "voirie", "none"]),
    area=st.sampled_from(["", "", "ouest", "village-sur-test", "none"]),
    status_types=st.sets(st.sampled_from(list(StatusType))).map(tuple),
    statuses=st.sampled_from([(), (), ("received",), ("received", "planned")]),
    period=st.sampled_from([0, 0, 1, 30, 365]),
    since=st.sampled_from([None, None, utcnow().date() - timedelta(days=200)]),
    until=st.sampled_from([None, None, utcnow().date() - timedelta(days=3)]),
    text=st.sampled_from(["", "", "lampadaire", "banc"]),
)


def every_tile(session: Session, z: int) -> list[Tile]:
    cells = session.scalars(
        select(Contribution.cell).where(Contribution.cell.is_not(None)).distinct()
    )
    codes = {parent_cell(cell, z) for cell in cells if cell is not None}
    return [cell_to_tile(code, z) for code in codes]


@pytest.fixture
def many(session: Session, town: Any) -> Session:
    town_of_many(session)
    assert counts.verify(session) == []
    return session


@given(asked=filters, z=st.integers(0, 19))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_map_adds_up_to_the_list(many: Session, asked: ContributionFilter, z: int) -> None:
    expected = 0
    for layer in map_layers:
        rows = many.execute(select(layer.id).where(*conditions(many, asked, layer=layer)))
        expected += len(rows.all())
    found = totals(many, asked)
    assert found.total == expected
    shown = [tile_data(many, asked, tile) for tile in every_tile(many, z)]
    assert sum(tile.total for tile in shown) + found.unplaced_total == expected
    for group, n in found.placed.items():
        in_clusters = sum(c.by.get(group, 0) for tile in shown for c in tile.clusters)
        singles = sum((s.kind, s.status_type) == group for tile in shown for s in tile.singles)
        assert in_clusters + singles == n


@pytest.mark.parametrize(
    "asked",
    [
        ContributionFilter(text="lampadaire"),
        ContributionFilter(text="aucun mot"),
        ContributionFilter(kinds=("action",), text="rue"),
        ContributionFilter(categories=("eclairage", "nature"), period=200),
        ContributionFilter(area="ouest", period=300),
    ],
)
def test_what_was_found_before_is_cut_into_the_same_tiles(
    many: Session, asked: ContributionFilter
) -> None:
    before = FoundBefore()
    found = before.look_up(many, asked, "now")
    assert totals(many, asked, found) == totals(many, asked)
    for z in (0, 13, 17):
        for tile in every_tile(many, z):
            live, kept = tile_data(many, asked, tile), tile_data(many, asked, tile, found)
            assert tile_body(kept) == tile_body(live)
    assert before.look_up(many, asked, "now") is found
    assert before.look_up(many, asked, "after a change") is not found
    assert before.look_up(many, asked, None) is None


def test_that_too_much_was_found_is_found_out_once(
    many: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("civic.counting.map_data.found.MOST_THINGS", 3)
    before, asked = FoundBefore(), ContributionFilter(text="lampadaire")
    assert before.look_up(many, asked, "now") is None
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engine = many.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    assert before.look_up(many, asked, "now") is None
    event.remove(engine, "before_cursor_execute", note)
    assert statements == []


def test_what_the_counts_know_is_not_looked_up(many: Session) -> None:
    for asked in (
        ContributionFilter(),
        ContributionFilter(categories=("eclairage",), area="ouest", statuses=("received",)),
        ContributionFilter(kinds=("idea",), period=30),
    ):
        assert FoundBefore().look_up(many, asked, "now") is None


boxes = st.builds(
    lambda west, south, width, height: Bounds(west, south, west + width, south + height),
    st.floats(-1.72, -1.66),
    st.floats(48.09, 48.12),
    st.floats(0.0005, 0.06),
    st.floats(0.0005, 0.04),
)


@given(asked=filters, box=boxes)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_what_the_map_shows_is_counted_exactly(
    many: Session, asked: ContributionFilter, box: Bounds
) -> None:
    inside = replace(asked, bbox=box)
    expected = 0
    for layer in map_layers:
        rows = many.execute(select(layer.id).where(*conditions(many, inside, layer=layer)))
        expected += len(rows.all())
    assert count_within(many, asked, box) in {None, expected}
    if not asked.text and not asked.period and not asked.since and not asked.until:
        assert count_within(many, asked, Bounds(-1.72, 48.09, -1.65, 48.13)) is not None
