"""The streets of the town by letter, for whoever picks one without a map.

Sorted as in a printed directory, by the word that names the street: « Colbert (rue) » is under C.
"""

from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.errors import NotFound
from civic.i18n import N_
from civic.places.models import Street
from civic.text.addresses import naming_part

DIGITS = "0-9"


@dataclass(frozen=True, slots=True)
class StreetEntry:
    """One street as the list shows it."""

    id: int
    name: str
    key: str
    lat: float
    lon: float


@dataclass(slots=True)
class _Kept:
    """The directory this process keeps, with the state of the table it fits."""

    state: tuple[object, ...] = ()
    by_letter: dict[str, list[StreetEntry]] = field(default_factory=dict)


_kept = _Kept()


def street_letters(session: Session) -> list[str]:
    """Return the letters that some street begins with; empty while no address is imported."""
    return list(_directory(session))


def streets_under(session: Session, letter: str) -> list[StreetEntry]:
    """Return the streets under ``letter`` in order; none for an unknown letter."""
    return _directory(session).get(letter, [])


def get_street(session: Session, street_id: int) -> Street:
    """Return one street; raises NotFound."""
    street = session.get(Street, street_id)
    if street is None:
        raise NotFound(N_("Cette rue n’est plus dans la liste. Choisissez-en une autre."))
    return street


def _directory(session: Session) -> dict[str, list[StreetEntry]]:
    row = session.execute(
        select(func.count(Street.id), func.max(Street.id), func.sum(Street.lat + Street.lon))
    ).one()
    state = (str(session.get_bind().engine.url), *row)
    if _kept.state != state:
        _kept.by_letter, _kept.state = _read(session), state
    return _kept.by_letter


def _read(session: Session) -> dict[str, list[StreetEntry]]:
    rows = session.execute(select(Street.id, Street.name, Street.key, Street.lat, Street.lon)).all()
    entries = [
        StreetEntry(row.id, row.name, naming_part(row.key), row.lat, row.lon) for row in rows
    ]
    by_letter: dict[str, list[StreetEntry]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.key, entry.name)):
        first = entry.key[:1].upper()
        letter = first if "A" <= first <= "Z" else DIGITS
        by_letter.setdefault(letter, []).append(entry)
    return dict(sorted(by_letter.items()))
