"""The communes of France, from Etalab's file that is packed with civic (see hatch_build.py)."""

import csv
import gzip
import io
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from rapidfuzz import fuzz, process

from civic.text.addresses import name_key

FILE = "communes.csv.gz"
MOST_OFFERED = 9
LEAST_LIKENESS = 80.0
METROPOLITAN = "Europe/Paris"

_ZONES = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "984": "Indian/Kerguelen",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
_ARRONDISSEMENTS = {"75056": "751", "69123": "6938", "13055": "132"}
"""How the INSEE codes begin of the arrondissements of Paris, Lyon and Marseille."""
_ALSACE_MOSELLE = frozenset({"57", "67", "68"})


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune by its INSEE code, with its postcodes and population (None: not known)."""

    code: str
    name: str
    postcodes: tuple[str, ...]
    population: int | None

    @property
    def department(self) -> str:
        """The code of the department or the territory: « 35 », « 2A », « 974 »."""
        return self.code[:3] if self.code.startswith(("97", "98")) else self.code[:2]

    @property
    def zone(self) -> str:
        """The IANA time zone that clocks there show."""
        return _ZONES.get(self.department, METROPOLITAN)

    @property
    def counts_alsace_moselle(self) -> bool:
        """Whether Good Friday and 26 December are public holidays."""
        return self.department in _ALSACE_MOSELLE

    def holds(self, code: str) -> bool:
        """Whether ``code`` is this commune, one of its arrondissements, or says nothing."""
        within = _ARRONDISSEMENTS.get(self.code)
        return code in {"", self.code} or (within is not None and code.startswith(within))

    def is_called(self, text: str) -> bool:
        """Whether ``text`` is its code, one of its postcodes or its name in full."""
        asked = text.strip().upper()
        return asked in {self.code, *self.postcodes} or name_key(text) == name_key(self.name)

    @property
    def label(self) -> str:
        """What tells it from another of the same name."""
        return (
            f"{self.name} ({', '.join(self.postcodes[:3]) or self.department}, INSEE {self.code})"
        )


@lru_cache(maxsize=1)
def _communes() -> tuple[Commune, ...]:
    packed = resources.files("civic_vendor").joinpath(FILE)
    if not packed.is_file():
        return ()
    text = gzip.decompress(packed.read_bytes()).decode()
    return tuple(
        Commune(code, name, tuple(postcodes.split()), int(people) if people else None)
        for code, name, postcodes, people in csv.reader(io.StringIO(text))
    )


@lru_cache(maxsize=1)
def _only_postcodes() -> dict[str, str]:
    return {one.code: one.postcodes[0] for one in _communes() if len(one.postcodes) == 1}


def only_postcode(code: str) -> str:
    """Return the postcode of a commune that has one; empty for all others."""
    return _only_postcodes().get(code, "") if code else ""


def find_communes(text: str) -> list[Commune]:
    """Return the communes that an INSEE code, a postcode or a name may mean, the largest first.

    An INSEE code or a name in full goes before all else; of other words the likeliest are returned.
    """
    asked, key = text.strip().upper(), name_key(text)
    if not key:
        return []
    by_code = [one for one in _communes() if one.code == asked]
    by_name = [one for one in _communes() if name_key(one.name) == key]
    by_postcode = [one for one in _communes() if asked in one.postcodes]
    found = by_code + by_name if by_code or by_name else by_postcode
    found = found or _alike(key)
    kept = dict.fromkeys(found)
    return sorted(kept, key=lambda one: (one.code != asked, -(one.population or 0)))


def _alike(key: str) -> list[Commune]:
    names = [name_key(one.name) for one in _communes()]
    begun = [one for one, name in zip(_communes(), names, strict=True) if name.startswith(key)]
    begun.sort(key=lambda one: -(one.population or 0))
    scored = process.extract(
        key, names, scorer=fuzz.ratio, limit=MOST_OFFERED, score_cutoff=LEAST_LIKENESS
    )
    return begun[:MOST_OFFERED] + [_communes()[at] for _, _, at in scored]
