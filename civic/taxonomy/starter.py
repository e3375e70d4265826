"""What a new town starts with: departments and categories that most French towns have.

The administrator completes them (addresses, telephone numbers) and changes what differs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from civic.taxonomy.models import Category, Department


@dataclass(frozen=True, slots=True)
class _Start:
    code: str
    name: str
    name_en: str
    department: str
    icon: str
    colour: str
    kinds: Sequence[str] = ("incident",)
    radius_m: int = 50
    days: int = 15


_DEPARTMENTS: Final = (
    ("voirie", "Voirie", "Roads"),
    ("proprete", "Propreté", "Cleanliness"),
    ("espaces-verts", "Espaces verts", "Parks and gardens"),
    ("eclairage-public", "Éclairage public", "Street lighting"),
    ("eau", "Eau et assainissement", "Water and drainage"),
    ("vie-locale", "Vie locale", "Local life"),
)

_BOTH: Final = ("incident", "idea")
_IDEA: Final = ("idea",)
_CATEGORIES: Final = (
    _Start(
        "eclairage", "Éclairage", "Lighting", "eclairage-public", "lightbulb", "#9a6b00", days=5
    ),
    _Start(
        "chaussee", "Chaussée et trottoir", "Road and pavement", "voirie", "cone-striped", "#b5541c"
    ),
    _Start(
        "depot-sauvage", "Dépôt sauvage", "Dumped rubbish", "proprete", "trash", "#8a5a2b", days=3
    ),
    _Start("proprete", "Propreté", "Cleanliness", "proprete", "bucket", "#2f7d5b", days=3),
    _Start(
        "graffiti", "Graffiti et affichage", "Graffiti and posters", "proprete", "brush", "#7a3e8e"
    ),
    _Start(
        "mobilier-urbain", "Mobilier urbain", "Street furniture", "voirie", "signpost-2", "#5b6470"
    ),
    _Start(
        "signalisation",
        "Signalisation et feux",
        "Signs and traffic lights",
        "voirie",
        "stoplights",
        "#b3261e",
        days=5,
    ),
    _Start("stationnement", "Stationnement", "Parking", "voirie", "car-front", "#2d6cb0"),
    _Start(
        "eau", "Eau et assainissement", "Water and drainage", "eau", "droplet", "#1a6f8f", days=5
    ),
    _Start(
        "nature", "Arbres et nature", "Trees and nature", "espaces-verts", "tree", "#3c7a2c", _BOTH
    ),
    _Start(
        "cadre-de-vie",
        "Cadre de vie",
        "Living environment",
        "vie-locale",
        "house-heart",
        "#a04a2c",
        _IDEA,
        150,
    ),
    _Start("mobilites", "Mobilités", "Getting around", "voirie", "bicycle", "#1a6f8f", _IDEA, 150),
    _Start(
        "vie-locale",
        "Culture, sport et vie locale",
        "Culture, sport and local life",
        "vie-locale",
        "people",
        "#7a3e8e",
        _IDEA,
        150,
    ),
    _Start("autre", "Autre", "Other", "vie-locale", "three-dots", "#5b6470", _BOTH),
)


def add_starter_taxonomy(session: Session) -> None:
    """Add the starting departments and categories to a town that has none."""
    departments = {
        code: Department(code=code, name=name, name_en=name_en)
        for code, name, name_en in _DEPARTMENTS
    }
    session.add_all(departments.values())
    session.flush()
    session.add_all(
        Category(
            code=start.code,
            name=start.name,
            name_en=start.name_en,
            icon=start.icon,
            colour=start.colour,
            kinds=list(start.kinds),
            department=departments[start.department],
            radius_m=start.radius_m,
            days_to_resolve=start.days,
            position=position,
        )
        for position, start in enumerate(_CATEGORIES)
    )
    session.flush()
