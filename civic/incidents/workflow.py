"""The workflow of incidents, as data."""

from civic.contributions.workflow import (
    STAFF,
    Edge,
    Party,
    Status,
    StatusCode,
    StatusType,
    Workflow,
)
from civic.i18n import N_


class IncidentStatus(StatusCode):
    """Where an incident stands."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    QUESTION_ASKED = "question_asked"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    CONTESTED = "contested"
    RESOLVED = "resolved"
    CONFIRMED = "confirmed"
    WATCHED = "watched"
    FORWARDED = "forwarded"
    DECLINED = "declined"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"


OPEN, FIXED, CLOSED = StatusType.OPEN, StatusType.FIXED, StatusType.CLOSED
AUTHOR = frozenset({Party.AUTHOR})
RESIDENTS = frozenset({Party.AUTHOR, Party.SUPPORTER})
MERGERS = frozenset({Party.AGENT, Party.MODERATOR})
SYSTEM = frozenset({Party.SYSTEM})

ACKNOWLEDGE = N_("Prendre en compte")
ASK = N_("Poser une question à l’auteur")
PLAN = N_("Planifier")
START = N_("Mettre en cours")
RESOLVE = N_("Déclarer résolu")
WATCH = N_("Mettre sous surveillance")
FORWARD = N_("Transmettre à une autre autorité")
DECLINE = N_("Classer sans suite")
MERGE = N_("Signaler comme doublon")
UNMERGE = N_("Annuler la fusion")
WITHDRAW = N_("Retirer")
CONTEST = N_("Contester la clôture")
CONFIRM = N_("Confirmer que c’est résolu")
REOPEN = N_("Rouvrir")


def _resolve(by: frozenset[Party] = STAFF) -> Edge:
    return Edge(IncidentStatus.RESOLVED, RESOLVE, by=by, sentence=True)


def _decline(*, by_another: bool = False) -> Edge:
    return Edge(
        IncidentStatus.DECLINED,
        DECLINE,
        by=STAFF,
        sentence=True,
        reason=True,
        by_another=by_another,
    )


def _contest(within_days: int | None = None) -> Edge:
    return Edge(
        IncidentStatus.CONTESTED, CONTEST, by=RESIDENTS, sentence=True, within_days=within_days
    )


ASKING = Edge(IncidentStatus.QUESTION_ASKED, ASK, sentence=True)
FORWARDING = Edge(IncidentStatus.FORWARDED, FORWARD, sentence=True, recipient=True)
MERGING = Edge(IncidentStatus.DUPLICATE, MERGE, by=MERGERS, target=True)
WITHDRAWING = Edge(IncidentStatus.WITHDRAWN, WITHDRAW, by=AUTHOR)
STARTING = Edge(IncidentStatus.IN_PROGRESS, START)
REOPENING = Edge(IncidentStatus.ACKNOWLEDGED, REOPEN, sentence=True)

WORKFLOW = Workflow(
    initial=IncidentStatus.RECEIVED,
    statuses=(
        Status(
            IncidentStatus.RECEIVED,
            N_("Reçu"),
            OPEN,
            "inbox",
            N_("Le signalement est arrivé. Le service compétent va le lire."),
        ),
        Status(
            IncidentStatus.ACKNOWLEDGED,
            N_("Pris en compte"),
            OPEN,
            "eye",
            N_("Le service compétent l’a lu. Il décide de ce qu’il va faire."),
        ),
        Status(
            IncidentStatus.QUESTION_ASKED,
            N_("Question posée à l’auteur"),
            OPEN,
            "question-circle",
            N_("Le service attend une réponse de l’auteur pour continuer."),
            stops_clock=True,
        ),
        Status(
            IncidentStatus.PLANNED,
            N_("Planifié"),
            OPEN,
            "calendar-event",
            N_("L’intervention est prévue."),
        ),
        Status(
            IncidentStatus.IN_PROGRESS,
            N_("En cours"),
            OPEN,
            "cone-striped",
            N_("L’intervention a commencé."),
        ),
        Status(
            IncidentStatus.CONTESTED,
            N_("Clôture contestée"),
            OPEN,
            "exclamation-diamond",
            N_("Un habitant dit que ce n’est pas réglé. Le dossier est relu."),
        ),
        Status(
            IncidentStatus.RESOLVED,
            N_("Résolu, à confirmer"),
            FIXED,
            "check-circle",
            N_("Le service dit que c’est réglé. L’auteur peut le confirmer ou le contester."),
            vote_label=N_("C’est bien réglé"),
        ),
        Status(
            IncidentStatus.CONFIRMED,
            N_("Résolu et confirmé"),
            FIXED,
            "patch-check",
            N_("C’est réglé, et quelqu’un d’autre que le service l’a vérifié."),
        ),
        Status(
            IncidentStatus.WATCHED,
            N_("Sous surveillance"),
            CLOSED,
            "binoculars",
            N_("Pas d’intervention pour l’instant : le lieu est surveillé."),
        ),
        Status(
            IncidentStatus.FORWARDED,
            N_("Transmis"),
            CLOSED,
            "send",
            N_("Une autre autorité est compétente : le dossier lui a été transmis."),
        ),
        Status(
            IncidentStatus.DECLINED,
            N_("Sans suite"),
            CLOSED,
            "x-circle",
            N_("Il n’y aura pas d’intervention, pour le motif indiqué."),
        ),
        Status(
            IncidentStatus.DUPLICATE,
            N_("Doublon"),
            CLOSED,
            "files",
            N_("Le même problème était déjà signalé : la suite se lit sur l’autre page."),
        ),
        Status(
            IncidentStatus.WITHDRAWN,
            N_("Retiré par l’auteur"),
            CLOSED,
            "arrow-counterclockwise",
            N_("L’auteur a retiré son signalement."),
            is_final=True,
        ),
    ),
    edges={
        IncidentStatus.RECEIVED: (
            Edge(IncidentStatus.ACKNOWLEDGED, ACKNOWLEDGE),
            ASKING,
            Edge(IncidentStatus.PLANNED, PLAN),
            STARTING,
            _resolve(),
            FORWARDING,
            _decline(),
            MERGING,
            WITHDRAWING,
        ),
        IncidentStatus.ACKNOWLEDGED: (
            ASKING,
            Edge(IncidentStatus.PLANNED, PLAN),
            STARTING,
            _resolve(),
            Edge(IncidentStatus.WATCHED, WATCH, sentence=True),
            FORWARDING,
            _decline(),
            MERGING,
            WITHDRAWING,
        ),
        IncidentStatus.QUESTION_ASKED: (
            Edge(
                IncidentStatus.ACKNOWLEDGED,
                N_("Reprendre : la réponse est arrivée"),
                by=frozenset({Party.AUTHOR, Party.AGENT}),
            ),
            Edge(
                IncidentStatus.DECLINED,
                DECLINE,
                by=frozenset({Party.AGENT, Party.MEDIATOR, Party.SYSTEM}),
                sentence=True,
                reason=True,
            ),
            MERGING,
            WITHDRAWING,
        ),
        IncidentStatus.PLANNED: (
            STARTING,
            _resolve(),
            Edge(IncidentStatus.ACKNOWLEDGED, N_("Revenir à « pris en compte »"), sentence=True),
            FORWARDING,
            _decline(),
            MERGING,
            WITHDRAWING,
        ),
        IncidentStatus.IN_PROGRESS: (
            Edge(IncidentStatus.PLANNED, N_("Planifier de nouveau"), sentence=True),
            _resolve(),
            FORWARDING,
            _decline(),
            MERGING,
        ),
        IncidentStatus.RESOLVED: (
            Edge(
                IncidentStatus.CONFIRMED,
                CONFIRM,
                by=frozenset({Party.AUTHOR, Party.SYSTEM}),
            ),
            REOPENING,
            _contest(),
        ),
        IncidentStatus.CONFIRMED: (_contest(within_days=90),),
        IncidentStatus.WATCHED: (
            REOPENING,
            _resolve(),
            _contest(),
        ),
        IncidentStatus.FORWARDED: (
            REOPENING,
            _resolve(),
            _contest(),
        ),
        IncidentStatus.DECLINED: (
            REOPENING,
            _contest(),
        ),
        IncidentStatus.DUPLICATE: tuple(
            Edge(before, UNMERGE, by=MERGERS)
            for before in (
                IncidentStatus.ACKNOWLEDGED,
                IncidentStatus.RECEIVED,
                IncidentStatus.QUESTION_ASKED,
                IncidentStatus.PLANNED,
                IncidentStatus.IN_PROGRESS,
            )
        ),
        IncidentStatus.CONTESTED: (
            Edge(IncidentStatus.ACKNOWLEDGED, ACKNOWLEDGE, by=STAFF),
            Edge(IncidentStatus.IN_PROGRESS, START, by=STAFF),
            _resolve(),
            _decline(by_another=True),
        ),
        IncidentStatus.WITHDRAWN: (),
    },
    reasons={
        "not_found": N_("Rien n’a été trouvé sur place"),
        "not_municipal": N_("Ne relève pas d’une action municipale"),
        "private_place": N_("Lieu privé"),
        "not_precise": N_("Lieu ou description trop imprécis"),
        "no_answer": N_("Pas de réponse à la question posée"),
        "already_planned": N_("Déjà prévu dans un autre programme"),
        "not_possible": N_("Impossible techniquement"),
        "not_a_priority": N_("Pas prioritaire avec les moyens actuels"),
        "other": N_("Autre motif, expliqué dans la réponse"),
    },
)
