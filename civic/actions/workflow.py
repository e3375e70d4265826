"""The workflow of service actions, as data, and where their contributions follow them."""

from collections.abc import Mapping
from typing import Final

from civic.contributions.workflow import Edge, Status, StatusType, Workflow
from civic.i18n import N_

OPEN, FIXED, CLOSED = StatusType.OPEN, StatusType.FIXED, StatusType.CLOSED

PAUSE = Edge("paused", N_("Mettre en pause"), sentence=True, reason=True)
ABANDON = Edge("abandoned", N_("Abandonner"), sentence=True, reason=True)
START = Edge("in_progress", N_("Commencer"), sentence=True)
REOPEN = Edge("in_progress", N_("Rouvrir"), sentence=True)
SCHEDULE = Edge("scheduled", N_("Programmer"), sentence=True)

WORKFLOW: Final = Workflow(
    initial="planned",
    statuses=(
        Status(
            "planned",
            N_("Prévue"),
            OPEN,
            "clipboard-check",
            N_("La ville s’est engagée. La date précise n’est pas encore fixée."),
        ),
        Status(
            "scheduled",
            N_("Programmée"),
            OPEN,
            "calendar-event",
            N_("Les dates sont fixées."),
        ),
        Status(
            "in_progress",
            N_("En cours"),
            OPEN,
            "cone-striped",
            N_("Les travaux ou les démarches ont commencé."),
        ),
        Status(
            "paused",
            N_("En pause"),
            OPEN,
            "pause-circle",
            N_("L’action est arrêtée pour un temps, pour le motif indiqué."),
        ),
        Status(
            "done",
            N_("Terminée"),
            FIXED,
            "check-circle",
            N_("C’est fait."),
        ),
        Status(
            "abandoned",
            N_("Abandonnée"),
            CLOSED,
            "x-circle",
            N_("La ville n’ira pas plus loin, pour le motif indiqué."),
        ),
    ),
    edges={
        "planned": (SCHEDULE, START, ABANDON),
        "scheduled": (START, PAUSE, ABANDON),
        "in_progress": (
            Edge("done", N_("Déclarer terminée"), sentence=True),
            PAUSE,
            ABANDON,
        ),
        "paused": (
            Edge("scheduled", N_("Programmer de nouveau"), sentence=True),
            Edge("in_progress", N_("Reprendre"), sentence=True),
            ABANDON,
        ),
        "done": (REOPEN,),
        "abandoned": (REOPEN,),
    },
    reasons={
        "budget": N_("Budget"),
        "weather": N_("Conditions météo"),
        "supplier": N_("Entreprise ou fournisseur"),
        "permit": N_("Autorisation administrative"),
        "discovery": N_("Découverte pendant les travaux"),
        "priority": N_("Une autre priorité"),
        "not_possible": N_("Impossible techniquement"),
        "other": N_("Autre motif, expliqué dans le message"),
    },
)

GOALS: Final[Mapping[str, Mapping[str, str]]] = {
    "incident": {
        "planned": "planned",
        "scheduled": "planned",
        "in_progress": "in_progress",
        "done": "resolved",
        "abandoned": "acknowledged",
    },
    "idea": {
        "planned": "accepted",
        "scheduled": "accepted",
        "in_progress": "in_progress",
        "done": "done",
        "abandoned": "accepted",
    },
}
"""For each kind, the status its contributions take when the action takes one."""
