"""The snapshot of the map is exact, whatever happens and whoever writes."""

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM
from civic.contributions.indexing import rebuild_index
from civic.contributions.map_layers import map_layers
from civic.contributions.models import IS_PUBLISHED, Contribution, ModerationState
from civic.contributions.operations import change_category, hide, hold, move, publish, relocate
from civic.contributions.workflow import Party, StatusType
from civic.counting import listeners, preload
from civic.counting.models import MapChange
from civic.counting.queries import count_totals, find_counted
from civic.counting.schedule import prune_changes
from civic.counting.snapshot import Difference, Snapshot, snapshot_of
from civic.database import read_only, table_of, utcnow
from civic.database.functions import epoch_seconds
from civic.extensions import db
from civic.finding.filters import ContributionFilter, conditions
from civic.map.tiles import pyramid, tile_data
from civic.places.areas import reassign
from civic.places.geometry import Bounds, Position, Tile, cell_to_tile, morton_cell, parent_cell
from civic.places.models import Area
from civic.search.queries import get_search
from civic.taxonomy.models import Category
from tests.factories import CENTRE, make_contribution
from tests.mapped import make_action, town_of_many
from tests.queries import counting

INCIDENT = table_of(Contribution)


def total(session: Session) -> int:
    return count_totals(session, ContributionFilter()).total


def differences(session: Session) -> list[Difference]:
    return snapshot_of(session.get_bind().engine).differences()


def test_every_change_of_a_contribution_is_counted(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    session.commit()
    assert total(session) == 1
    open_ones = ContributionFilter(status_types=(StatusType.OPEN,))
    depot = session.scalars(select(Category).where(Category.code == "depot")).one()
    of_depot = ContributionFilter(categories=("depot",))
    assert count_totals(session, of_depot).total == 0

    change_category(session, incident, depot, actor=SYSTEM)
    session.commit()
    assert count_totals(session, of_depot).total == 1

    move(session, incident, "resolved", actor=SYSTEM, standing={Party.AGENT}, sentence="Enlevé.")
    session.commit()
    assert count_totals(session, open_ones).total == 0
    assert count_totals(session, of_depot).count(status_type=StatusType.FIXED) == 1

    elsewhere = Position(48.105, -1.665)
    relocate(session, incident, elsewhere, area_id=None, address="Ailleurs", actor=SYSTEM)
    session.commit()
    assert (
        find_counted(session, ContributionFilter()).count_in(morton_cell(48.105, -1.665), 20) == 1
    )
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
    assert differences(session) == []


def test_what_is_rolled_back_does_not_count(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    session.commit()
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
    assert differences(session) == []


def test_a_deleted_contribution_is_counted_out(session: Session, town: Any) -> None:
    first, _second = make_contribution(session), make_contribution(session)
    session.commit()
    assert total(session) == 2
    session.execute(Contribution.metadata.tables["status_change"].delete())
    session.delete(first)
    session.commit()
    assert total(session) == 1
    assert differences(session) == []


def test_published_actions_count(session: Session, town: Any) -> None:
    action = make_action(session)
    make_action(session, None, slug="ville")
    found = count_totals(session, ContributionFilter())
    assert found.placed == {("action", StatusType.OPEN): 1}
    assert found.unplaced == {("action", StatusType.OPEN): 1}
    action.is_published = False
    session.commit()
    assert total(session) == 1
    assert differences(session) == []


def rows_of(session: Session, number: int) -> list[dict[str, Any]]:
    category = session.scalars(select(Category).where(Category.code == "depot")).one()
    return [
        {
            "kind": "incident",
            "title": "Matelas",
            "reference": f"S-{n}",
            "status": "received",
            "status_type": "open",
            "moderation_state": "published",
            "category_id": category.id,
            "lat": CENTRE.lat,
            "lon": CENTRE.lon,
            "cell": morton_cell(CENTRE.lat, CENTRE.lon),
            "submitted_at": utcnow(),
        }
        for n in range(number)
    ]


def test_bulk_rows_are_counted_when_told(session: Session, town: Any) -> None:
    assert total(session) == 0
    session.execute(insert(INCIDENT), rows_of(session, 50))
    ids = session.scalars(select(Contribution.id)).all()
    listeners.note_changed(session, Contribution, ids)
    session.commit()
    assert total(session) == 50
    assert differences(session) == []
    session.execute(update(INCIDENT).values(status_type="closed", status="declined"))
    listeners.note_everything(session)
    session.commit()
    assert count_totals(session, ContributionFilter()).placed == {
        ("incident", StatusType.CLOSED): 50
    }


def test_what_is_not_told_is_a_difference(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    session.commit()
    assert total(session) == 1
    session.execute(update(INCIDENT).values(status_type="closed", status="declined"))
    session.commit()
    (found,) = differences(session)
    assert (found.layer, found.row_id) == ("contribution", incident.id)
    assert found.kept is not None
    assert found.stored is not None
    assert found.kept["state"] == "incident, received, open"
    assert found.stored["state"] == "incident, declined, closed"


def test_new_outlines_are_followed(session: Session, town: Any) -> None:
    make_contribution(session)
    session.execute(update(INCIDENT).values(area_id=None))
    listeners.note_everything(session)
    session.commit()
    assert find_counted(session, ContributionFilter()).by_area.keys() == {0}
    assert reassign(session) == 1
    session.commit()
    assert 0 not in find_counted(session, ContributionFilter()).by_area
    assert differences(session) == []


def test_two_writers_at_once_lose_nothing(app: Flask, session: Session, town: Any) -> None:
    first = make_contribution(session).id
    session.commit()
    assert total(session) == 1
    session.commit()
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
    assert differences(session) == []


# ----------------------------------------------------------------------- keeping up, at what cost


def test_one_transaction_sees_one_version(app: Flask, session: Session, town: Any) -> None:
    make_contribution(session)
    session.commit()
    with read_only():
        session.execute(select(func.count()).select_from(Contribution))
    before = find_counted(session, ContributionFilter()).version

    def report() -> None:
        with app.app_context():
            make_contribution(db.session())
            db.session.commit()

    other = threading.Thread(target=report)
    other.start()
    other.join(30)
    assert find_counted(session, ContributionFilter()).version is before
    session.rollback()
    assert find_counted(session, ContributionFilter()).version is not before
    assert total(session) == 2


def test_nothing_is_read_again_while_nothing_changes(many: Session) -> None:
    asked = ContributionFilter(categories=("eclairage",), period=300)
    found = find_counted(many, asked)
    with counting(many.get_bind().engine) as statements:
        assert find_counted(many, asked) is found
        many.rollback()
        assert find_counted(many, asked) is found
    assert [one for one in statements if "contribution" in one] == []


def test_a_change_reads_what_changed_and_nothing_else(many: Session) -> None:
    # One on the map, and not what it becomes: without an order each plan has a first of its own.
    on_the_map = Contribution.cell.is_not(None), IS_PUBLISHED
    is_open = Contribution.status_type == StatusType.OPEN
    of_the_town = select(Contribution).where(*on_the_map, is_open).order_by(Contribution.id)
    incident = many.scalars(of_the_town.limit(1)).one_or_none()
    assert incident is not None
    before = find_counted(many, ContributionFilter()).version
    incident.status, incident.status_type = "declined", StatusType.CLOSED
    many.commit()
    after = find_counted(many, ContributionFilter()).version
    assert after is not before
    assert after.columns.cell is before.columns.cell, "what is as it was is shared, not copied"
    assert after.columns.state is not before.columns.state
    assert differences(many) == []


def test_what_nobody_sees_leaves_what_is_kept(many: Session) -> None:
    asked = ContributionFilter(period=300)
    found = find_counted(many, asked)
    incident = make_contribution(many)
    incident.moderation_state = ModerationState.HELD
    many.commit()
    assert find_counted(many, asked) is found
    many.rollback()
    incident.status, incident.status_type = "declined", StatusType.CLOSED
    # Something public, elsewhere than on the map, has the log read.
    listeners.raise_public_change(many)
    many.commit()
    assert snapshot_of(db.engine).current() is found.version
    assert find_counted(many, asked) is found


def test_words_are_looked_up_once_for_one_search(many: Session) -> None:
    asked = ContributionFilter(text="lampadaire")
    search = get_search(many, asked.text)
    found = find_counted(many, asked, search)
    with counting(many.get_bind().engine) as statements:
        assert find_counted(many, asked, search) is found
    assert statements == []
    assert find_counted(many, asked).totals == found.totals


def test_only_the_last_filters_are_kept(many: Session) -> None:
    version = find_counted(many, ContributionFilter()).version
    for days in range(1, 40):
        find_counted(many, ContributionFilter(period=days))
    assert len(version.kept._kept) == 8


def test_a_process_that_slept_reads_all_anew(many: Session) -> None:
    before = find_counted(many, ContributionFilter()).version
    many.execute(update(INCIDENT).values(status_type="closed"))
    many.commit()
    assert (
        count_totals(many, ContributionFilter(status_types=(StatusType.OPEN,))).count("incident")
        > 0
    )
    with time_machine.travel(utcnow() + timedelta(hours=2), tick=False):
        assert find_counted(many, ContributionFilter()).version is not before
        open_ones = ContributionFilter(status_types=(StatusType.OPEN,))
        assert count_totals(many, open_ones).count("incident") == 0


def test_the_log_is_pruned_after_a_day(session: Session, town: Any) -> None:
    make_contribution(session)
    session.commit()
    assert total(session) == 1
    session.execute(update(MapChange).values(at=utcnow() - timedelta(days=2)))
    session.commit()
    prune_changes(session)
    session.commit()
    assert session.scalar(select(func.count()).select_from(MapChange)) == 0
    make_contribution(session)
    session.commit()
    assert total(session) == 2
    assert differences(session) == []


def test_a_snapshot_that_fails_to_follow_is_read_anew(session: Session, town: Any) -> None:
    make_contribution(session)
    session.commit()
    assert total(session) == 1
    session.execute(update(INCIDENT).values(status_type="closed", status="declined"))
    # Nobody has a layer of this name: following it fails.
    session.add(MapChange(layer="nothing", row_id=1))
    session.commit()
    assert count_totals(session, ContributionFilter()).placed == {
        ("incident", StatusType.CLOSED): 1
    }
    assert differences(session) == []


def test_what_was_preloaded_is_followed_over_a_new_connection(app: Flask, many: Session) -> None:
    engine = db.engine
    preload(app)
    kept = snapshot_of(engine)
    assert kept._log._connection is None, "a process is forked without it"
    before = kept._version
    assert before is not None
    assert kept.current() is before
    make_contribution(many)
    many.commit()
    assert kept.current() is not before
    assert kept.differences() == []


def test_a_status_that_nobody_knows_is_counted(session: Session, town: Any) -> None:
    make_contribution(session)
    session.commit()
    assert total(session) == 1
    session.execute(update(INCIDENT).values(status="of_old"))
    listeners.note_everything(session)
    session.commit()
    assert count_totals(session, ContributionFilter(statuses=("of_old",))).total == 1
    assert count_totals(session, ContributionFilter(statuses=("received",))).total == 0


def test_moments_are_whole_seconds_downwards(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    midnight = utcnow().replace(hour=0, minute=0, second=0, microsecond=0)
    for microseconds in (0, 499_999, 999_500, 999_999):
        incident.submitted_at = midnight + timedelta(microseconds=microseconds)
        session.commit()
        stored = session.scalar(select(epoch_seconds(Contribution.submitted_at)))
        assert stored == int(midnight.timestamp())


# --------------------------------------------------------------------------- the properties

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
    text=st.sampled_from(["", "", "lampadaire", "banc", "lampadere", "aucun mot", "rue"]),
)
boxes = st.builds(
    lambda west, south, width, height: Bounds(west, south, west + width, south + height),
    st.floats(-1.72, -1.66),
    st.floats(48.09, 48.12),
    st.floats(0.0005, 0.06),
    st.floats(0.0005, 0.04),
)
exhaustive = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def by_force(session: Session, asked: ContributionFilter, shift: int) -> Counter[Any]:
    """Count the tables themselves: by cell (shifted, None without a place), kind and type."""
    counted: Counter[Any] = Counter()
    for layer in map_layers:
        cell = layer.cell.op(">>")(text(str(shift)))
        columns = (cell.label("here"), layer.kind.label("kind"), layer.status_type.label("type"))
        found = select(*columns).where(*conditions(session, asked, layer=layer)).subquery()
        rows = session.execute(select(*found.c, func.count()).group_by(*found.c))
        counted.update({(here, kind, StatusType(type)): n for here, kind, type, n in rows})
    return counted


def every_tile(session: Session, z: int) -> list[Tile]:
    cells = session.scalars(
        select(Contribution.cell).where(Contribution.cell.is_not(None)).distinct()
    )
    codes = {parent_cell(cell, z) for cell in cells if cell is not None}
    return [cell_to_tile(code, z) for code in codes]


@pytest.fixture
def many(session: Session, town: Any) -> Session:
    town_of_many(session)
    assert differences(session) == []
    return session


@given(asked=filters, z=st.integers(0, 19))
@exhaustive
def test_the_map_is_what_counting_the_tables_gives(
    many: Session, asked: ContributionFilter, z: int
) -> None:
    found = find_counted(many, asked)
    level = min(z + 3, 20)
    expected = by_force(many, asked, 2 * (20 - level))
    assert found.totals.total == expected.total()
    unplaced = {(kind, type): n for (cell, kind, type), n in expected.items() if cell is None}
    assert found.totals.unplaced == unplaced
    tiles = every_tile(many, z)
    shown = Counter(
        {
            (cluster.cell, *group): n
            for cluster in pyramid(found, tiles)
            for group, n in cluster.by.items()
        }
    )
    assert shown == Counter({key: n for key, n in expected.items() if key[0] is not None})
    data = [tile_data(many, found, tile) for tile in tiles]
    assert sum(tile.total for tile in data) + found.totals.unplaced_total == expected.total()
    for group, n in found.totals.placed.items():
        in_clusters = sum(c.by.get(group, 0) for tile in data for c in tile.clusters)
        singles = sum((s.kind, s.status_type) == group for tile in data for s in tile.singles)
        assert in_clusters + singles == n


@given(asked=filters, box=boxes)
@exhaustive
def test_what_lies_in_a_box_is_counted_exactly(
    many: Session, asked: ContributionFilter, box: Bounds
) -> None:
    expected = 0
    for layer in map_layers:
        inside = ContributionFilter(**{**_fields(asked), "bbox": box})
        rows = many.execute(select(layer.id).where(*conditions(many, inside, layer=layer)))
        expected += len(rows.all())
    assert find_counted(many, asked).count_within(box) == expected


def _fields(asked: ContributionFilter) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in ContributionFilter.__slots__}


def test_areas_are_counted_as_the_tables_say(many: Session) -> None:
    rows = many.execute(
        select(func.coalesce(Contribution.area_id, 0), func.count())
        .where(Contribution.moderation_state == ModerationState.PUBLISHED)
        .group_by(Contribution.area_id)
    )
    expected = {row[0]: row[1] for row in rows}
    found = find_counted(many, ContributionFilter(kinds=("incident", "idea"))).by_area
    assert {area: sum(groups.values()) for area, groups in found.items()} == expected
    assert len(expected) == len(many.scalars(select(Area.id)).all()[:3]) + 1


def test_a_box_may_cross_the_antimeridian(session: Session, town: Any) -> None:
    for n, lon in enumerate((179.99, -179.99, 0.0)):
        make_contribution(session, title=f"Île {n}", position=Position(10.0, lon))
    rebuild_index(session)
    session.commit()
    found = find_counted(session, ContributionFilter())
    assert found.count_within(Bounds(179.9, 9.0, -179.9, 11.0)) == 2


def test_the_snapshot_of_another_engine_is_another(app: Flask, session: Session) -> None:
    assert snapshot_of(db.engine) is snapshot_of(db.engine)
    assert Snapshot(db.engine) is not snapshot_of(db.engine)
