"""The departments of the demo town, its categories and what they ask.

The codes of the categories are those of the mappings that civic ships for the open data of Paris.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from civic.demo.people import DOMAIN
from civic.taxonomy.models import (
    AnswerType,
    Category,
    CategoryQuestion,
    Department,
    PublicationPolicy,
)

STREET: Final = "1 rue de la Démo, 75000 Paris (adresse fictive)"

_DEPARTMENTS: Final = (
    ("proprete", "Propreté", "Cleanliness", "01 99 00 10 01"),
    ("voirie", "Voirie et déplacements", "Roads and transport", "01 99 00 10 02"),
    ("espaces-verts", "Espaces verts", "Parks and gardens", "01 99 00 10 03"),
    ("eclairage-public", "Éclairage public", "Street lighting", "01 99 00 10 04"),
    ("eau", "Eau et assainissement", "Water and drainage", "01 99 00 10 05"),
    ("stationnement", "Stationnement et tranquillité", "Parking and quiet", "01 99 00 10 06"),
    ("vie-locale", "Vie locale et culture", "Local life and culture", "01 99 00 10 07"),
    ("ecoles-sport", "Écoles et sport", "Schools and sport", "01 99 00 10 08"),
)


@dataclass(frozen=True, slots=True)
class _Row:
    code: str
    name: str
    name_en: str
    department: str
    icon: str
    colour: str
    days: int
    acknowledge: int = 2
    kinds: tuple[str, ...] = ("incident",)
    radius_m: int = 50
    description: str = ""
    description_en: str = ""
    policy: PublicationPolicy = PublicationPolicy.RISK
    allows_anonymous: bool = True


_IDEA: Final = ("idea",)
_CATEGORIES: Final = (
    _Row("objets-abandonnes", "Objets abandonnés", "Abandoned objects", "proprete", "trash",
         "#8a5a2b", 5, description="Meubles, matelas, cartons, gravats laissés dans la rue.",
         description_en="Furniture, mattresses, boxes, rubble left in the street."),
    _Row("proprete", "Propreté", "Cleanliness", "proprete", "bucket", "#2f7d5b", 5,
         description="Corbeilles pleines, salissures, feuilles mortes.",
         description_en="Full litter bins, stains, dead leaves."),
    _Row("graffitis", "Graffitis et affiches", "Graffiti and posters", "proprete", "brush",
         "#7a3e8e", 10, description="Tags, affiches et autocollants, sur un mur ou du mobilier.",
         description_en="Tags, posters and stickers, on a wall or street furniture."),
    _Row("voirie", "Voirie et espace public", "Roads and public space", "voirie", "cone-striped",
         "#b5541c", 20, description="Chaussée, trottoir, panneaux, feux, chantiers.",
         description_en="Roadway, pavement, signs, traffic lights, building sites."),
    _Row("mobilier-urbain", "Mobilier urbain", "Street furniture", "voirie", "signpost-2",
         "#5b6470", 20, description="Bancs, potelets, plaques de rue, abris.",
         description_en="Benches, bollards, street name plates, shelters."),
    _Row("eclairage", "Éclairage et électricité", "Lighting and electricity", "eclairage-public",
         "lightbulb", "#9a6b00", 8, policy=PublicationPolicy.AFTER,
         description="Lampadaire éteint ou abîmé, boîtier ouvert.",
         description_en="A street light that is out or damaged, an open box."),
    _Row("arbres-animaux", "Arbres, végétaux et animaux", "Trees, plants and animals",
         "espaces-verts", "tree", "#3c7a2c", 20,
         description="Arbre, pied d’arbre, jardinière, animal.",
         description_en="Trees, tree beds, planters, animals."),
    _Row("vehicules", "Véhicules, vélos, trottinettes", "Vehicles, bicycles, scooters",
         "stationnement", "bicycle", "#2d6cb0", 15, allows_anonymous=False,
         description="Stationnement gênant, épaves.",
         description_en="Obstructive parking, abandoned vehicles."),
    _Row("eau", "Eau", "Water", "eau", "droplet", "#1a6f8f", 5, acknowledge=1,
         description="Fuite, fontaine en panne, flaque.",
         description_en="Leaks, broken fountains, puddles."),
    _Row("commerces", "Commerces et terrasses", "Shops and terraces", "stationnement", "shop",
         "#a3306b", 20, policy=PublicationPolicy.BEFORE, allows_anonymous=False,
         description="Étalages, terrasses, bruit. Lu avant d’être publié.",
         description_en="Displays, terraces, noise. Read before it is published."),
    _Row("cadre-de-vie", "Cadre de vie", "Living environment", "vie-locale", "house-heart",
         "#a04a2c", 250, 20, _IDEA, 150),
    _Row("environnement", "Environnement", "Environment", "espaces-verts", "flower1", "#3c7a2c",
         250, 20, _IDEA, 150),
    _Row("mobilites", "Mobilités", "Getting around", "voirie", "bicycle", "#1a6f8f", 250, 20,
         _IDEA, 150),
    _Row("education-jeunesse", "Éducation et jeunesse", "Education and youth", "ecoles-sport",
         "mortarboard", "#2d6cb0", 250, 20, _IDEA, 150),
    _Row("culture-patrimoine", "Culture et patrimoine", "Culture and heritage", "vie-locale",
         "bank", "#7a3e8e", 250, 20, _IDEA, 150),
    _Row("sport", "Sport", "Sport", "ecoles-sport", "trophy", "#b5541c", 250, 20, _IDEA, 150),
    _Row("solidarites", "Solidarités", "Solidarity", "vie-locale", "people", "#a3306b", 250, 20,
         _IDEA, 150),
    _Row("sante", "Santé", "Health", "vie-locale", "heart-pulse", "#b3261e", 250, 20, _IDEA, 150),
    _Row("ideas-proprete", "Propreté de la ville", "A cleaner town", "proprete", "bucket",
         "#2f7d5b", 250, 20, _IDEA, 150),
    _Row("prevention-securite", "Prévention et sécurité", "Prevention and safety",
         "stationnement", "shield-check", "#5b6470", 250, 20, _IDEA, 150),
    _Row("attractivite-emploi", "Attractivité et emploi", "Jobs and economy", "vie-locale",
         "briefcase", "#9a6b00", 250, 20, _IDEA, 150),
)  # fmt: skip

_QUESTIONS: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "eclairage": (
        {
            "code": "number",
            "label": "Numéro inscrit sur le lampadaire",
            "label_en": "Number written on the lamp post",
            "help": "Une plaque ou une étiquette, à hauteur des yeux. Laissez vide s’il n’y en a "
            "pas.",
            "help_en": "On a plate or a label, at eye level. Leave empty when there is none.",
            "answer_type": AnswerType.STRING,
        },
        {
            "code": "state",
            "label": "Que voyez-vous ?",
            "label_en": "What do you see?",
            "answer_type": AnswerType.SINGLEVALUELIST,
            "is_required": True,
            "choices": (
                ("out", "Il est éteint", "It is out"),
                ("blinks", "Il clignote", "It blinks"),
                ("day", "Il est allumé le jour", "It is on by day"),
                ("wires", "Des fils sont apparents", "Wires can be seen"),
            ),
        },
    ),
    "objets-abandonnes": (
        {
            "code": "objects",
            "label": "Quels objets ?",
            "label_en": "What objects?",
            "answer_type": AnswerType.MULTIVALUELIST,
            "choices": (
                ("furniture", "Meubles", "Furniture"),
                ("mattress", "Matelas", "Mattress"),
                ("appliance", "Électroménager", "Household appliance"),
                ("boxes", "Cartons ou sacs", "Boxes or bags"),
                ("rubble", "Gravats", "Rubble"),
            ),
        },
    ),
    "vehicules": (
        {
            "code": "days",
            "label": "Depuis combien de jours ?",
            "label_en": "For how many days?",
            "answer_type": AnswerType.NUMBER,
        },
    ),
    "graffitis": (
        {
            "code": "hateful",
            "label": "Le message est-il injurieux ou haineux ?",
            "label_en": "Is the message insulting or hateful?",
            "help": "Ces inscriptions sont effacées en priorité.",
            "help_en": "These are removed first.",
            "answer_type": AnswerType.SINGLEVALUELIST,
            "choices": (("no", "Non", "No"), ("yes", "Oui", "Yes")),
        },
    ),
}


def add_taxonomy(session: Session) -> dict[str, Category]:
    """Add departments and categories; return the categories by code."""
    departments = {
        code: Department(
            code=code,
            name=name,
            name_en=name_en,
            email=f"{code}@{DOMAIN}",
            postal_address=f"Ville de démonstration, service {name}\n{STREET}",
            telephone=telephone,
        )
        for code, name, name_en, telephone in _DEPARTMENTS
    }
    session.add_all(departments.values())
    session.flush()
    categories = {
        row.code: _category(row, place, departments) for place, row in enumerate(_CATEGORIES)
    }
    session.add_all(categories.values())
    session.flush()
    return categories


def _category(row: _Row, place: int, departments: dict[str, Department]) -> Category:
    return Category(
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        description=row.description,
        description_en=row.description_en,
        icon=row.icon,
        colour=row.colour,
        kinds=list(row.kinds),
        department=departments[row.department],
        policy=row.policy,
        allows_anonymous=row.allows_anonymous,
        radius_m=row.radius_m,
        days_to_acknowledge=row.acknowledge,
        days_to_resolve=row.days,
        position=place,
        questions=[
            CategoryQuestion(
                **question
                | {
                    "choices": [
                        {"key": key, "name": name, "name_en": name_en}
                        for key, name, name_en in question.get("choices", ())
                    ],
                    "position": number,
                }
            )
            for number, question in enumerate(_QUESTIONS.get(row.code, ()))
        ],
    )
