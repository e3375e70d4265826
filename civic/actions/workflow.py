"""The workflow of service actions, as data, and where their contributions follow them."""

from collections.abc import Mapping
from typing import Final

from civic.contributions.workflow import Edge, Status, StatusCode, StatusType, Workflow
from civic.i18n import N_
from civic.ideas.workflow import IdeaStatus
from civic.incidents.workflow import IncidentStatus


class ActionStatus(StatusCode):
    """Where a service action stands."""

    PLANNED = "planned"
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    DONE = "done"
    ABANDONED = "abandoned"


OPEN, FIXED, CLOSED = StatusType.OPEN, StatusType.FIXED, StatusType.CLOSED

PAUSE = Edge(ActionStatus.PAUSED, N_("Mettre en pause"), sentence=True, reason=True)
ABANDON = Edge(ActionStatus.ABANDONED, N_("Abandonner"), sentence=True, reason=True)
START = Edge(ActionStatus.IN_PROGRESS, N_("Commencer"), sentence=True)
REOPEN = Edge(ActionStatus.IN_PROGRESS, N_("Rouvrir"), sentence=True)
SCHEDULE = Edge(ActionStatus.SCHEDULED, N_("Programmer"), sentence=True)

WORKFLOW: Final = Workflow(
    initial=ActionStatus.PLANNED,
    statuses=(
        Status(
            ActionStatus.PLANNED,
            N_("Prévue"),
            OPEN,
            "clipboard-check",
            N_("La ville s’est engagée. La date précise n’est pas encore fixée."),
        ),
        Status(
            ActionStatus.SCHEDULED,
            N_("Programmée"),
            OPEN,
            "calendar-event",
            N_("Les dates sont fixées."),
        ),
        Status(
            ActionStatus.IN_PROGRESS,
            N_("En cours"),
            OPEN,
            "cone-striped",
            N_("Les travaux ou les démarches ont commencé."),
        ),
        Status(
            ActionStatus.PAUSED,
            N_("En pause"),
            OPEN,
            "pause-circle",
            N_("L’action est arrêtée pour un temps, pour le motif indiqué."),
        ),
        Status(
            ActionStatus.DONE,
            N_("Terminée"),
            FIXED,
            "check-circle",
            N_("C’est fait."),
        ),
        Status(
            ActionStatus.ABANDONED,
            N_("Abandonnée"),
            CLOSED,
            "x-circle",
            N_("La ville n’ira pas plus loin, pour le motif indiqué."),
        ),
    ),
    edges={
        ActionStatus.PLANNED: (SCHEDULE, START, ABANDON),
        ActionStatus.SCHEDULED: (START, PAUSE, ABANDON),
        ActionStatus.IN_PROGRESS: (
            Edge(ActionStatus.DONE, N_("Déclarer terminée"), sentence=True),
            PAUSE,
            ABANDON,
        ),
        ActionStatus.PAUSED: (
            Edge(ActionStatus.SCHEDULED, N_("Programmer de nouveau"), sentence=True),
            Edge(ActionStatus.IN_PROGRESS, N_("Reprendre"), sentence=True),
            ABANDON,
        ),
        ActionStatus.DONE: (REOPEN,),
        ActionStatus.ABANDONED: (REOPEN,),
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

GOALS: Final[Mapping[str, Mapping[str, StatusCode]]] = {
    "incident": {
        ActionStatus.PLANNED: IncidentStatus.PLANNED,
        ActionStatus.SCHEDULED: IncidentStatus.PLANNED,
        ActionStatus.IN_PROGRESS: IncidentStatus.IN_PROGRESS,
        ActionStatus.DONE: IncidentStatus.RESOLVED,
        ActionStatus.ABANDONED: IncidentStatus.ACKNOWLEDGED,
    },
    "idea": {
        ActionStatus.PLANNED: IdeaStatus.ACCEPTED,
        ActionStatus.SCHEDULED: IdeaStatus.ACCEPTED,
        ActionStatus.IN_PROGRESS: IdeaStatus.IN_PROGRESS,
        ActionStatus.DONE: IdeaStatus.DONE,
        ActionStatus.ABANDONED: IdeaStatus.ACCEPTED,
    },
}
"""For each kind, the status its contributions take when the action takes one."""
