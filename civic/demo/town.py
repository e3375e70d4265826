"""The demo town itself: its row, its outlines, its addresses, its people."""

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from importlib.resources.abc import Traversable
from random import Random
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.accounts.models import Account
from civic.accounts.operations import create_account
from civic.accounts.session import actor_of
from civic.database import table_of
from civic.demo.people import DOMAIN, NAMES, PEOPLE, QUIET
from civic.places.addresses import import_addresses
from civic.places.areas import import_areas
from civic.places.models import AreaLevel, Town

NAME: Final = "Paris (démo)"
_OUTLINES: Final = (
    ("town", AreaLevel.TOWN),
    ("districts", AreaLevel.DISTRICT),
    ("neighbourhoods", AreaLevel.NEIGHBOURHOOD),
    ("water", AreaLevel.WATER),
)
_FICTITIOUS: Final = "(fictif : ceci est une démonstration)"
_LEGAL: Final = {
    "publisher": f"Ville de démonstration {_FICTITIOUS}",
    "publisher_address": "1 rue de la Démo\n75000 Paris",
    "director": f"Dominique Exemple, maire {_FICTITIOUS}",
    "contact_email": f"bonjour@{DOMAIN}",
    "contact_telephone": "01 99 00 10 00",
    "host_name": f"Hébergeur de démonstration {_FICTITIOUS}",
    "host_address": "2 rue de la Démo\n75000 Paris",
    "host_telephone": "01 99 00 20 00",
    "dpo_contact": f"dpo@{DOMAIN}\n1 rue de la Démo, 75000 Paris",
    "supervisory": "Les cases sont celles d’une vraie ville ; les réponses sont inventées.",
    "accessibility_status": "partial",
    "accessibility_date": "2026-11-02",
    "accessibility_contact": f"accessibilite@{DOMAIN}",
    "accessibility_audit_date": "2026-10-19",
    "accessibility_auditor": f"Cabinet de démonstration {_FICTITIOUS}",
    "accessibility_rate": "96",
    "accessibility_results": "Exemple : 96 % des critères du RGAA 4.1 sont respectés sur les dix "
    "pages vérifiées. Ce chiffre est inventé pour la démonstration.",
    "accessibility_exceptions": "La carte a une liste équivalente sur la même page.",
    "accessibility_environment": "Firefox avec NVDA, Safari avec VoiceOver.",
    "accessibility_tools": "axe-core, contrôle de contraste du navigateur.",
    "accessibility_pages": "Accueil, carte, liste, page d’un signalement, formulaire, aide.",
}


@dataclass(frozen=True, slots=True)
class People:
    """Who lives and works in the demo town, as actors; ``everyone`` are ids of residents."""

    by_key: dict[str, Actor]
    speakers: list[Actor]
    everyone: list[int]

    def __getitem__(self, key: str) -> Actor:
        """Return the actor of one of PEOPLE."""
        return self.by_key[key]


def data_file(name: str) -> Traversable:
    """Return one file of the sample that is kept in the package."""
    return resources.files("civic.demo").joinpath("data", name)


def sample_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one gzipped CSV of the sample."""
    text = gzip.decompress(data_file(name).read_bytes()).decode("utf-8")
    return list(csv.DictReader(text.splitlines()))


def add_town(session: Session) -> Town:
    """Add the town's own row."""
    town = Town(
        id=1,
        name=NAME,
        insee_code="75056",
        population=2_103_778,
        south=48.8155,
        west=2.2241,
        north=48.9022,
        east=2.4698,
        is_demo=True,
        theme={"colour": "#1b4f7a", "logo": ""},
        legal=dict(_LEGAL),
    )
    session.add(town)
    session.flush()
    return town


def add_outlines(session: Session) -> None:
    """Add the town, its districts and neighbourhoods, and the river."""
    for name, level in _OUTLINES:
        import_areas(
            session, _features(name), level=level, name_property="name", code_property="code"
        )


def _features(name: str) -> Iterator[dict[str, Any]]:
    document = json.loads(data_file(f"{name}.geojson").read_text(encoding="utf-8"))
    for feature in document["features"]:
        yield {**feature["properties"], "geometry": feature["geometry"]}


def add_addresses(session: Session) -> None:
    """Add the streets and some numbers of each."""
    import_addresses(session, sample_rows("addresses.csv.gz"))


def add_people(session: Session, random: Random, now: datetime) -> People:
    """Add one person per role, residents who speak, and residents who only support.

    Only the resident of PEOPLE wants mails: the others are nobody's.
    """
    by_key = {}
    for person in PEOPLE:
        account = create_account(session, email=person.email, name=person.name, roles=person.roles)
        account.created_at = now - timedelta(days=400)
        account.last_seen_at = now - timedelta(hours=5)
        account.wants_mail = not person.roles
        by_key[person.key] = actor_of(account)
    session.flush()
    numbers = random.sample(range(1000, 9999), QUIET)
    names = [*NAMES, *(f"Habitant {number}" for number in numbers)]
    session.connection().execute(
        insert(table_of(Account)),
        [_resident(place, name, random, now) for place, name in enumerate(names, start=1)],
    )
    accounts = session.scalars(
        select(Account).where(Account.email.startswith("resident-")).order_by(Account.email)
    ).all()
    return People(
        by_key=by_key,
        speakers=[actor_of(account) for account in accounts[: len(NAMES)]],
        everyone=[account.id for account in accounts],
    )


def _resident(place: int, name: str, random: Random, now: datetime) -> dict[str, Any]:
    joined = now - timedelta(days=random.uniform(330, 420))
    return {
        "email": f"resident-{place:03}@{DOMAIN}",
        "display_name": name,
        "locale": "fr",
        "verified_at": joined,
        "created_at": joined,
        "last_seen_at": now - timedelta(days=random.uniform(1, 40)),
        "wants_mail": False,
        "preferences": {},
    }
