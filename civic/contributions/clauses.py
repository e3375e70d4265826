"""The numbered clauses of the terms of use: printed for all to read, quoted by decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from civic.i18n import N_


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause. ``number`` is what a decision quotes; title and text are French msgids."""

    number: str
    title: str
    text: str


CLAUSES: tuple[Clause, ...] = (
    Clause(
        "1",
        N_("Respect des personnes"),
        N_(
            "Les injures, les menaces, le harcèlement et les propos qui visent une personne ou un "
            "groupe pour ce qu’ils sont ne sont pas publiés."
        ),
    ),
    Clause(
        "2",
        N_("Vie privée"),
        N_(
            "Les textes et les photos ne montrent pas de données personnelles : nom d’un "
            "particulier, téléphone, adresse électronique, plaque d’immatriculation, visage "
            "reconnaissable. Elles sont retirées, et le reste est conservé."
        ),
    ),
    Clause(
        "3",
        N_("Respect de la loi"),
        N_(
            "Ce que la loi interdit n’est pas publié. La décision dit alors de quelle règle il "
            "s’agit."
        ),
    ),
    Clause(
        "4",
        N_("Ni publicité, ni messages répétés"),
        N_(
            "La publicité, les liens sans rapport avec le sujet et les messages envoyés en série "
            "ne sont pas publiés."
        ),
    ),
    Clause(
        "5",
        N_("Dans le sujet"),
        N_(
            "Une contribution parle de l’espace public, d’un équipement ou de la vie de la ville, "
            "et un commentaire parle de la contribution où il se trouve."
        ),
    ),
    Clause(
        "6",
        N_("Un lieu exact"),
        N_(
            "Un signalement indique le lieu où se trouve le problème. Un lieu inventé ou faux peut "
            "empêcher la publication."
        ),
    ),
    Clause(
        "7",
        N_("Une seule page par problème"),
        N_(
            "Les contributions qui parlent de la même chose sont réunies. Rien n’est effacé, "
            "chacun reste l’auteur de la sienne, et les soutiens sont comptés une fois par "
            "personne."
        ),
    ),
    Clause(
        "8",
        N_("Des discussions utiles"),
        N_(
            "Quand une discussion ne parle plus de son sujet ou que le ton monte, les commentaires "
            "peuvent être fermés ; ce qui a été dit reste lisible."
        ),
    ),
    Clause(
        "9",
        N_("Un usage loyal"),
        N_(
            "Une personne participe avec un seul compte. Après des manquements répétés ou graves, "
            "la participation peut être suspendue, pour une durée annoncée."
        ),
    ),
)

CLAUSE_BY_NUMBER: Mapping[str, Clause] = MappingProxyType(
    {clause.number: clause for clause in CLAUSES}
)
