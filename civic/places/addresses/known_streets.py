"""Which street of the database a row of a file means, while a file is taken in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from civic.database import insert_many_or_ignore, reserve_ids
from civic.database.tables import lock_against_writers
from civic.places.addresses.rows import AddressRow
from civic.places.models import Street, StreetWord
from civic.text.addresses import name_key
from civic.text.districts import place_key

Key = TypeVar("Key", int, str)
Identity = tuple[str, str, str, str, str]
"""Key of the name, postcode, INSEE code, keys of the commune and of the former one."""


@dataclass(slots=True)
class _Known:
    """A street as it is stored. ``identities`` are what rows of this file call it."""

    id: int
    name: str
    key: str
    postcode: str
    city: str
    insee: str
    former: str
    code: str
    lat: float
    lon: float
    address_count: int
    identities: set[Identity]

    @property
    def identity(self) -> Identity:
        city = place_key(self.city)
        return self.key, self.postcode, self.insee, city, name_key(self.former)


_STORED = (
    Street.id,
    Street.name,
    Street.key,
    Street.postcode,
    Street.city,
    Street.insee_code,
    Street.former_city,
    Street.code,
    Street.lat,
    Street.lon,
    Street.address_count,
)


class KnownStreets:
    """All streets of the database, and which of them the file has named so far."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._by_identity: dict[Identity, _Known] = {}
        self._by_key: dict[str, list[_Known]] = defaultdict(list)
        self._by_code: dict[str, list[_Known]] = defaultdict(list)
        self._all: list[_Known] = []
        self._communes: set[tuple[str, str]] = set()
        self._noted: list[AddressRow] = []
        for row in session.execute(select(*_STORED)):
            self._add(_Known(*row, identities=set()))

    def _add(self, known: _Known) -> None:
        self._all.append(known)
        self._by_identity.setdefault(known.identity, known)
        self._by_key[known.key].append(known)
        if known.code:
            self._by_code[known.code].append(known)

    def id_of(self, row: AddressRow) -> int:
        """Return the id of the street of a row that was claimed."""
        return self._by_identity[row.identity].id

    def note(self, row: AddressRow) -> None:
        """Remember that the file names the street of ``row``, which is not to be stored."""
        self._noted.append(row)

    def claim(self, rows: Sequence[AddressRow]) -> tuple[int, int]:
        """Find or make the street of each row; return how many are new, and how many renamed."""
        # A row that says no more than the street is of the one that others tell more about.
        full = [row for row in rows if not _is_bare(row)]
        counts = [self._claim(some) for some in (full, [row for row in rows if _is_bare(row)])]
        return sum(new for new, _ in counts), sum(renamed for _, renamed in counts)

    def _claim(self, rows: Sequence[AddressRow]) -> tuple[int, int]:
        new: dict[Identity, AddressRow] = {}
        changed: dict[int, _Known] = {}
        renamed = 0
        for row in rows:
            self._communes.add((row.insee, row.postcode))
            known = self._find(row)
            if known is None:
                new.setdefault(row.identity, row)
                continue
            if not known.identities or (_is_bare(known) and not _is_bare(row)):
                renamed += known.name != row.name
                if self._bring_up_to_date(known, row):
                    changed[known.id] = known
            known.identities.add(row.identity)
        self._write(changed.values())
        if new and self._learn([row.key for row in new.values()]):
            # Another import has made some of them since this one began.
            found, again = self._claim(rows)
            return found, renamed + again
        self._make(new)
        return len(new), renamed

    def _learn(self, keys: Sequence[str]) -> bool:
        """Take in what others have stored under ``keys``, and let nobody store more meanwhile."""
        lock_against_writers(self._session, Street)
        ids = {known.id for key in keys for known in self._by_key[key]}
        learnt = [
            row
            for some in some_at_a_time(sorted(set(keys)))
            for row in self._session.execute(select(*_STORED).where(Street.key.in_(some)))
            if row.id not in ids
        ]
        for row in learnt:
            self._add(_Known(*row, identities=set()))
        return bool(learnt)

    def in_scope(self) -> Iterator[tuple[int, set[Identity]]]:
        """Yield the streets of the communes that the file is about, with what it calls them."""
        for row in self._noted:
            noted = self._find(row)
            if noted is not None:
                noted.identities.add(row.identity)
        insee = {code for code, _ in self._communes if code}
        postcodes = {postcode for _, postcode in self._communes}
        for known in self._all:
            if known.identities or (
                known.insee in insee if known.insee and insee else known.postcode in postcodes
            ):
                yield known.id, known.identities

    def _find(self, row: AddressRow) -> _Known | None:
        known = self._by_identity.get(row.identity) or self._compatible(row)
        if known is None and row.code:
            # The same street under another spelling.
            known = self._only(
                one
                for one in self._by_code[row.code]
                if not one.identities and _is_same_commune(one, row)
            )
        if known is not None:
            self._by_identity[row.identity] = known
        return known

    def _compatible(self, row: AddressRow) -> _Known | None:
        """A street that was stored when less was known of it, or by rows that say less."""
        return self._only(
            one
            for one in self._by_key[row.key]
            if (not one.identities or _is_bare(one) or _is_bare(row))
            and _is_same_commune(one, row)
            and (one.postcode == row.postcode or not (one.postcode and row.postcode))
        )

    def _only(self, found: Iterable[_Known]) -> _Known | None:
        listed = list(found)
        return listed[0] if len(listed) == 1 else None

    def _bring_up_to_date(self, known: _Known, row: AddressRow) -> bool:
        before = known.identity, known.name, known.city, known.code, known.lat, known.lon
        known.name, known.key = row.name, row.key
        known.postcode, known.city = row.postcode or known.postcode, row.city or known.city
        known.insee, known.former = row.insee or known.insee, row.former or known.former
        known.code = row.code or known.code
        if row.number is None and not known.address_count:
            known.lat, known.lon = row.position.lat, row.position.lon
        after = known.identity, known.name, known.city, known.code, known.lat, known.lon
        return before != after

    def _write(self, changed: Iterable[_Known]) -> None:
        for known in changed:
            self._by_key[known.key].append(known)
            self._session.execute(
                update(Street).where(Street.id == known.id).values(_columns(known))
            )
            words = StreetWord.street_id == known.id
            self._session.execute(delete(StreetWord).where(words))
            insert_many_or_ignore(self._session, StreetWord, _words(known), returning="word")

    def _make(self, new: dict[Identity, AddressRow]) -> None:
        if not new:
            return
        ids = reserve_ids(self._session, Street, len(new))
        made = [
            _Known(
                id=id,
                name=row.name,
                key=row.key,
                postcode=row.postcode,
                city=row.city,
                insee=row.insee,
                former=row.former,
                code=row.code,
                lat=row.position.lat,
                lon=row.position.lon,
                address_count=0,
                identities={row.identity},
            )
            for id, row in zip(ids, new.values(), strict=True)
        ]
        rows = [_columns(known) | {"id": known.id, "address_count": 0} for known in made]
        insert_many_or_ignore(self._session, Street, rows, returning="id")
        words = [word for known in made for word in _words(known)]
        insert_many_or_ignore(self._session, StreetWord, words, returning="word")
        for known in made:
            self._add(known)


def some_at_a_time(ids: Sequence[Key], most: int = 400) -> Iterator[Sequence[Key]]:
    """Yield ``ids`` in parts that a statement can hold."""
    for start in range(0, len(ids), most):
        yield ids[start : start + most]


def _is_bare(street: AddressRow | _Known) -> bool:
    """Whether nothing is said of where in the town it is."""
    return not (street.postcode or street.city or street.insee or street.former)


def _is_same_commune(known: _Known, row: AddressRow) -> bool:
    """Whether nothing says otherwise: where the codes are known, the villages have to agree too."""
    if known.insee and row.insee:
        return known.insee == row.insee and name_key(known.former) == name_key(row.former)
    pairs = (
        (place_key(known.city), place_key(row.city)),
        (name_key(known.former), name_key(row.former)),
    )
    return all(one == other or not (one and other) for one, other in pairs)


def _columns(known: _Known) -> dict[str, Any]:
    return {
        "name": known.name,
        "key": known.key,
        "postcode": known.postcode,
        "city": known.city,
        "insee_code": known.insee,
        "former_city": known.former,
        "code": known.code,
        "lat": known.lat,
        "lon": known.lon,
    }


def _words(known: _Known) -> list[dict[str, Any]]:
    words = sorted({word[:80] for word in known.key.split()})
    return [{"street_id": known.id, "word": word} for word in words]
