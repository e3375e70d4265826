"""What is on the map as arrays: read from the tables, and brought up to date row by row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    func,
    literal_column,
    select,
    type_coerce,
)

from civic.contributions.map_layers import MapLayer
from civic.contributions.workflow import StatusType
from civic.database import fetch_rows
from civic.database.functions import epoch_seconds
from civic.database.tables import is_among

ROWS_A_FETCH = 4_000
NOWHERE = -1
"""The cell of what has no place."""
NEVER = -(1 << 62)
"""The moment of what has none."""

Array: TypeAlias = NDArray[Any]
State: TypeAlias = tuple[str, str, StatusType]
"""Kind, status and status type."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """One array a column, all of one length, in the order of the cells of zoom 20.

    ``key`` is the id of the row times the number of layers, plus the number of its layer; ``at``
    is in seconds since 1970; ``state`` is a number of :class:`States`; 0 stands for no category,
    area or department. 54 bytes a row.
    """

    cell: NDArray[np.int64]
    key: NDArray[np.int64]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    at: NDArray[np.int64]
    state: NDArray[np.uint16]
    category: NDArray[np.int32]
    area: NDArray[np.int32]
    department: NDArray[np.int32]

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.cell)

    def each(self, change: Callable[[Array], Array]) -> "Columns":
        """Return the columns made of each one by ``change``."""
        return Columns(*(change(getattr(self, name)) for name in NAMES))


NAMES = tuple(field.name for field in fields(Columns))
TYPES = dict(zip(NAMES, ("i8", "i8", "f8", "f8", "i8", "u2", "i4", "i4", "i4"), strict=True))


class States:
    """The mixes of kind, status and status type that were ever read, numbered as they came."""

    def __init__(self) -> None:
        self.known: list[State] = []
        self._numbers: dict[tuple[str, str, str], int] = {}

    def numbers(self, mixes: Iterable[tuple[str, str, str]]) -> list[int]:
        """Return the numbers of mixes; one that nobody knows yet is learnt."""
        numbers, known = self._numbers, self.known
        found = [numbers.setdefault(mix, len(numbers)) for mix in mixes]
        for kind, status, status_type in list(numbers)[len(known) :]:
            known.append((kind, status, StatusType(status_type)))
        return found


def read(
    connection: Connection,
    layers: Sequence[MapLayer],
    states: States,
    ids: Mapping[int, Sequence[int]] | None = None,
) -> Columns:
    """Return what the public can see, in the transaction of ``connection``.

    Of the rows ``ids`` alone, by the number of their layer, where they are given. Raises
    RuntimeError when the tables do not hold what they count.
    """
    wanted: list[tuple[int, list[ColumnElement[bool]]]] = []
    length = 0
    for number, layer in enumerate(layers):
        some = () if ids is None else ids.get(number, ())
        if ids is None or some:
            where = [layer.is_visible, *([is_among(connection, layer.id, some)] if some else [])]
            counted = select(func.count()).select_from(layer.model).where(*where)
            length += connection.scalar(counted) or 0
            wanted.append((number, where))
    columns, end = _empty(length), 0
    for number, where in wanted:
        # By the index that holds all that is selected.
        statement = _selected(layers[number]).where(*where).order_by(layers[number].cell)
        for rows in fetch_rows(connection, statement, ROWS_A_FETCH):
            _fill(columns, end, rows, states)
            key = columns.key[end : end + len(rows)]
            key *= len(layers)
            key += number
            end += len(rows)
    if end != len(columns):
        raise RuntimeError(f"{end} rows of {len(columns)} were read")
    return in_order(columns)


def in_order(columns: Columns) -> Columns:
    """Return ``columns`` in the order of their cells."""
    if (columns.cell[:-1] <= columns.cell[1:]).all():
        return columns
    order = np.argsort(columns.cell, kind="stable")
    return columns.each(lambda column: column[order])


def changed(columns: Columns, keys: Array, fresh: Columns) -> Columns:
    """Return ``columns`` without the rows ``keys`` and with the rows ``fresh``.

    What nobody changes is not copied, so a change of status costs one short column; the very same
    columns where nothing differs.
    """
    gone = np.flatnonzero(np.isin(columns.key, keys))
    if len(gone) == len(fresh):
        order = np.argsort(columns.key[gone])
        gone, theirs = gone[order], np.argsort(fresh.key)
        same = (columns.key[gone] == fresh.key[theirs]) & (columns.cell[gone] == fresh.cell[theirs])
        if same.all():
            return _overwritten(columns, gone, fresh.each(lambda column: column[theirs]))
    pieces = _pieces(columns, gone, fresh)
    return Columns(
        *(_spliced(getattr(columns, name), getattr(fresh, name), pieces) for name in NAMES)
    )


def _overwritten(columns: Columns, at: Array, fresh: Columns) -> Columns:
    made: dict[str, Array] = {}
    for name in NAMES:
        column, values = getattr(columns, name), getattr(fresh, name)
        if (column[at] != values).any():
            column = column.copy()
            column[at] = values
        made[name] = column
    is_same = all(made[name] is getattr(columns, name) for name in NAMES)
    return columns if is_same else Columns(**made)


_Piece: TypeAlias = tuple[bool, int, int]
"""Whether it is of the fresh rows, its first row and the one after its last."""


def _pieces(columns: Columns, gone: Array, fresh: Columns) -> list[_Piece]:
    """Return what follows what in the new order."""
    places = np.searchsorted(columns.cell, fresh.cell, side="right")
    events = [(int(at), 0, -1) for at in gone]
    events += [(int(at), -1, row) for row, at in enumerate(places)]
    pieces: list[_Piece] = []
    end = 0
    for at, _, row in sorted(events):
        pieces.append((False, end, at))
        end = at
        if row < 0:
            end += 1
        else:
            pieces.append((True, row, row + 1))
    pieces.append((False, end, len(columns)))
    return [piece for piece in pieces if piece[1] < piece[2]]


def _spliced(column: Array, fresh: Array, pieces: Sequence[_Piece]) -> Array:
    parts = [(fresh if is_fresh else column)[first:last] for is_fresh, first, last in pieces]
    return np.concatenate(parts) if parts else column[:0]


def _empty(length: int) -> Columns:
    return Columns(*(np.empty(length, TYPES[name]) for name in NAMES))


def _selected(layer: MapLayer) -> Select[Any]:
    """Select what :func:`_fill` takes; nothing in it is null."""
    return select(
        layer.kind,
        layer.status,
        # As plain text: making a hundred thousand members of the enumeration takes longer.
        type_coerce(layer.status_type, String),
        func.coalesce(layer.cell, literal_column(str(NOWHERE))),
        layer.id,
        func.coalesce(layer.lat, literal_column("0.0")),
        func.coalesce(layer.lon, literal_column("0.0")),
        func.coalesce(epoch_seconds(layer.at), literal_column(str(NEVER))),
        *(
            func.coalesce(column, literal_column("0"))
            for column in (layer.category_id, layer.area_id, layer.department_id)
        ),
    )


def _fill(columns: Columns, start: int, rows: Sequence[Any], states: States) -> None:
    kind, status, status_type, cell, id_, lat, lon, at, *facets = zip(*rows, strict=True)
    mixes = zip(kind, status, status_type, strict=True)
    values = (cell, id_, lat, lon, at, states.numbers(mixes), *facets)
    for name, some in zip(NAMES, values, strict=True):
        getattr(columns, name)[start : start + len(rows)] = some
