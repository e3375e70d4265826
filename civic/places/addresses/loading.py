"""Taking the town's address file in: what is new, what moved, what is called otherwise now."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from civic.database import Pace, insert_many_or_ignore
from civic.places.addresses.known_streets import Identity, KnownStreets, some_at_a_time
from civic.places.addresses.retiring import Missing, retire_missing
from civic.places.addresses.rows import AddressRow, Unusable, understand_address
from civic.places.geometry import cell_to_tile, morton_cell
from civic.places.models import Address, Street, Town
from civic.places.queries import find_town
from civic.text.districts import place_key

BATCH = 1_000
FAR_TILES = 12
"""Two positions of one number that are farther apart, some 300 m, are two addresses."""
TWICE = "a number that the street had before, far away: nothing tells the two streets apart"
_NOWHERE = -1

Progress: TypeAlias = Callable[[int], None]
"""Called with how many rows are done."""

Reject: TypeAlias = Callable[[str, Mapping[str, Any]], None]
"""Called with the reason and the row that was read last, when it cannot be taken."""


@dataclass(slots=True)
class AddressImport:
    """What an import did, in rows.

    Each is added, moved, unchanged, repeated, without a number (a street or a hamlet) or rejected.
    ``streets`` are new, ``renamed`` have their spelling corrected, ``retired`` addresses are gone
    from the file; ``kept`` are gone from it too, and were too many to be believed.
    """

    rows: int = 0
    streets: int = 0
    renamed: int = 0
    added: int = 0
    moved: int = 0
    unchanged: int = 0
    repeated: int = 0
    without_number: int = 0
    retired: int = 0
    kept: int = 0
    rejected: int = 0

    def as_dict(self) -> dict[str, int]:
        """Return the totals by name."""
        return asdict(self)


@dataclass(slots=True)
class _Run:
    """One file being taken in. ``seen`` has the cell of each address, by a number for it."""

    session: Session
    result: AddressImport
    reject: Reject
    places: set[str]
    streets: KnownStreets
    seen: dict[int, int] = field(default_factory=dict)
    hamlets: set[Identity] = field(default_factory=set)


def import_addresses(
    session: Session,
    rows: Iterable[Mapping[str, Any]],
    progress: Progress = lambda done: None,
    reject: Reject = lambda reason, row: None,
    *,
    commit: Callable[[], None] = lambda: None,
    missing: Callable[[], Missing] = lambda: Missing.RETIRE,
) -> AddressImport:
    """Take addresses in and bring known ones up to date; ``commit`` is called after each batch.

    Rows are those of a Base Adresse Nationale or Locale (see :mod:`.rows`), or of the plain form
    (adresse, lat, lon). Of an address that comes twice the first holds, so that doing it again
    changes nothing. Addresses of the file's communes that it no longer holds are retired, or what
    ``missing`` says once all is read. Memory holds the streets, one batch, and two numbers for
    each address.
    """
    town = find_town(session)
    places = {place_key(town.name)} if town else set()
    run = _Run(session, AddressImport(), reject, places, KnownStreets(session))
    waiting: list[AddressRow] = []
    pace = Pace(first=100, most=BATCH)
    for raw in rows:
        run.result.rows += 1
        row = _taken(run, raw)
        if row is not None:
            waiting += [row, *_hamlet(run, row)]
        if len(waiting) >= pace.size:
            with pace.batch(len(waiting)):
                _store(run, waiting)
                commit()
            waiting = []
            progress(run.result.rows)
    _store(run, waiting)
    commit()
    result = run.result
    result.retired, result.kept = retire_missing(session, run.streets, run.seen, missing(), commit)
    note_addresses_changed(session)
    commit()
    progress(result.rows)
    return result


def note_addresses_changed(session: Session) -> None:
    """Let every process read the streets anew."""
    version = Town.addresses_version
    session.execute(update(Town).where(Town.id == 1).values(addresses_version=version + 1))
    session.flush()


def _taken(run: _Run, raw: Mapping[str, Any]) -> AddressRow | None:
    """Return the row when it is to be stored; count it when it is not."""
    try:
        row = understand_address(raw, run.places)
    except Unusable as error:
        run.result.rejected += 1
        if error.row is not None:
            # It is in the file, only nobody knows where: no reason to retire it.
            run.seen.setdefault(address_mark(error.row), _NOWHERE)
            run.streets.note(error.row)
        run.reject(str(error), raw)
        return None
    if row.number is None:
        run.result.without_number += 1
        return row
    cell = morton_cell(row.position.lat, row.position.lon)
    mark = address_mark(row)
    before = run.seen.get(mark, _NOWHERE)
    if before == _NOWHERE:
        run.seen[mark] = cell
        return row
    if _are_far(before, cell):
        run.result.rejected += 1
        run.reject(TWICE, raw)
    else:
        run.result.repeated += 1
    return None


def _hamlet(run: _Run, row: AddressRow) -> list[AddressRow]:
    """Return the hamlet of an address when it is first named: people know it by that name too."""
    hamlet = row.as_hamlet()
    if not hamlet.key or hamlet.key == row.key or hamlet.identity in run.hamlets:
        return []
    run.hamlets.add(hamlet.identity)
    return [hamlet]


def address_mark(row: AddressRow) -> int:
    """Return a number for an address of this run."""
    return hash((row.identity, row.number, row.suffix))


def _are_far(one: int, other: int) -> bool:
    here, there = cell_to_tile(one), cell_to_tile(other)
    return max(abs(here.x - there.x), abs(here.y - there.y)) > FAR_TILES


def _store(run: _Run, rows: Sequence[AddressRow]) -> None:
    if not rows:
        return
    session, result = run.session, run.result
    new_streets, renamed = run.streets.claim(rows)
    result.streets += new_streets
    result.renamed += renamed
    wanted = {
        (run.streets.id_of(row), row.number, row.suffix): row
        for row in rows
        if row.number is not None
    }
    stored = _stored(session, sorted({street for street, _, _ in wanted}))
    new: list[dict[str, Any]] = []
    for place, row in wanted.items():
        here = (row.position.lat, row.position.lon)
        values = {"lat": here[0], "lon": here[1], "cell": morton_cell(*here)}
        if place not in stored:
            new.append(dict(zip(("street_id", "number", "suffix"), place, strict=True)) | values)
        elif stored[place][1:] == here:
            result.unchanged += 1
        else:
            session.execute(update(Address).where(Address.id == stored[place][0]).values(values))
            result.moved += 1
    result.added += len(insert_many_or_ignore(session, Address, new, returning="id"))
    put_in_the_middle(session, sorted({street for street, _, _ in wanted}))
    note_addresses_changed(session)


def _stored(
    session: Session, street_ids: Sequence[int]
) -> dict[tuple[int, int, str], tuple[int, float, float]]:
    found: dict[tuple[int, int, str], tuple[int, float, float]] = {}
    of = (Address.street_id, Address.number, Address.suffix, Address.id, Address.lat, Address.lon)
    for some in some_at_a_time(street_ids):
        for row in session.execute(select(*of).where(Address.street_id.in_(some))):
            found[row.street_id, row.number, row.suffix] = (row.id, row.lat, row.lon)
    return found


def put_in_the_middle(session: Session, street_ids: Sequence[int]) -> None:
    """Put each street in the middle of its addresses; one without any stays where it is."""
    of_street = Address.street_id == Street.id

    def summed(expression: Any) -> Any:
        return select(expression).where(of_street).correlate(Street).scalar_subquery()

    for some in some_at_a_time(street_ids):
        session.execute(
            update(Street)
            .where(Street.id.in_(some))
            .values(
                lat=func.coalesce(summed(func.avg(Address.lat)), Street.lat),
                lon=func.coalesce(summed(func.avg(Address.lon)), Street.lon),
                address_count=summed(func.count(Address.id)),
            )
            .execution_options(synchronize_session=False)
        )
    session.expire_all()
