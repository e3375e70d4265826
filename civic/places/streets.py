"""The streets of the town by letter, for whoever picks one without a map.

Sorted as in a printed directory, by the word that names the street: « Colbert (rue) » is under C.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.errors import require
from civic.i18n import N_
from civic.places.addresses.gazetteer import apart, gazetteer_of
from civic.places.models import Street
from civic.text.addresses import naming_part

DIGITS = "0-9"


@dataclass(frozen=True, slots=True)
class StreetEntry:
    """One street as the list shows it: ``place`` tells it from another of the same name."""

    id: int
    name: str
    key: str
    lat: float
    lon: float
    place: str = ""

    @property
    def label(self) -> str:
        """The name, and the place where one has to be said."""
        return f"{self.name} ({self.place})" if self.place else self.name


_Directory = dict[str, list[StreetEntry]]
_kept: tuple[tuple[object, ...], _Directory] = ((), {})


def street_letters(session: Session) -> list[str]:
    """Return the letters that some street begins with; empty while no address is imported."""
    return list(_directory(session))


def streets_under(session: Session, letter: str) -> list[StreetEntry]:
    """Return the streets under ``letter`` in order; none for an unknown letter."""
    return _directory(session).get(letter, [])


def get_street(session: Session, street_id: int) -> Street:
    """Return one street; raises NotFound."""
    return require(
        session.get(Street, street_id),
        N_("Cette rue n’est plus dans la liste. Choisissez-en une autre."),
    )


def _directory(session: Session) -> _Directory:
    global _kept  # noqa: PLW0603 (one tuple, replaced as a whole: safe among threads)
    state, kept = _kept
    now = _state(session)
    if state != now:
        kept = _read(session)
        _kept = now, kept
    return kept


def _state(session: Session) -> tuple[object, ...]:
    row = session.execute(
        select(func.count(Street.id), func.max(Street.id), func.sum(Street.lat + Street.lon))
    ).one()
    return (gazetteer_of(session).state, *row)


def _read(session: Session) -> _Directory:
    streets = list(session.scalars(select(Street)))
    names, told = gazetteer_of(session), apart(session, streets)
    entries = [
        StreetEntry(
            street.id,
            street.name,
            naming_part(street.key),
            street.lat,
            street.lon,
            told.get(street.id) or names.village_of(street),
        )
        for street in streets
    ]
    by_letter: _Directory = {}
    for entry in sorted(entries, key=lambda entry: (entry.key, entry.name, entry.place)):
        first = entry.key[:1].upper()
        letter = first if "A" <= first <= "Z" else DIGITS
        by_letter.setdefault(letter, []).append(entry)
    return dict(sorted(by_letter.items()))
