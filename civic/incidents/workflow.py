"""The workflow of incidents, as data."""

from civic.contributions.workflow import STAFF, Edge, Party, Status, StatusType, Workflow
from civic.i18n import N_

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
    return Edge("resolved", RESOLVE, by=by, sentence=True)


def _decline(*, by_another: bool = False) -> Edge:
    return Edge("declined", DECLINE, by=STAFF, sentence=True, reason=True, by_another=by_another)


def _contest(within_days: int | None = None) -> Edge:
    return Edge("contested", CONTEST, by=RESIDENTS, sentence=True, within_days=within_days)


ASKING = Edge("question_asked", ASK, sentence=True)
FORWARDING = Edge("forwarded", FORWARD, sentence=True, recipient=True)
MERGING = Edge("duplicate", MERGE, by=MERGERS, target=True)
WITHDRAWING = Edge("withdrawn", WITHDRAW, by=AUTHOR)
STARTING = Edge("in_progress", START)
REOPENING = Edge("acknowledged", REOPEN, sentence=True)

WORKFLOW = Workflow(
    initial="received",
    statuses=(
        Status(
            "received",
            N_("Reçu"),
            OPEN,
            "inbox",
            N_("Le signalement est arrivé. Le service compétent va le lire."),
        ),
        Status(
            "acknowledged",
            N_("Pris en compte"),
            OPEN,
            "eye",
            N_("Le service compétent l’a lu. Il décide de ce qu’il va faire."),
        ),
        Status(
            "question_asked",
            N_("Question posée à l’auteur"),
            OPEN,
            "question-circle",
            N_("Le service attend une réponse de l’auteur pour continuer."),
            stops_clock=True,
        ),
        Status(
            "planned",
            N_("Planifié"),
            OPEN,
            "calendar-event",
            N_("L’intervention est prévue."),
        ),
        Status(
            "in_progress",
            N_("En cours"),
            OPEN,
            "cone-striped",
            N_("L’intervention a commencé."),
        ),
        Status(
            "contested",
            N_("Clôture contestée"),
            OPEN,
            "exclamation-diamond",
            N_("Un habitant dit que ce n’est pas réglé. Le dossier est relu."),
        ),
        Status(
            "resolved",
            N_("Résolu, à confirmer"),
            FIXED,
            "check-circle",
            N_("Le service dit que c’est réglé. L’auteur peut le confirmer ou le contester."),
            vote_label=N_("C’est bien réglé"),
        ),
        Status(
            "confirmed",
            N_("Résolu et confirmé"),
            FIXED,
            "patch-check",
            N_("C’est réglé, et quelqu’un d’autre que le service l’a vérifié."),
        ),
        Status(
            "watched",
            N_("Sous surveillance"),
            CLOSED,
            "binoculars",
            N_("Pas d’intervention pour l’instant : le lieu est surveillé."),
        ),
        Status(
            "forwarded",
            N_("Transmis"),
            CLOSED,
            "send",
            N_("Une autre autorité est compétente : le dossier lui a été transmis."),
        ),
        Status(
            "declined",
            N_("Sans suite"),
            CLOSED,
            "x-circle",
            N_("Il n’y aura pas d’intervention, pour le motif indiqué."),
        ),
        Status(
            "duplicate",
            N_("Doublon"),
            CLOSED,
            "files",
            N_("Le même problème était déjà signalé : la suite se lit sur l’autre page."),
        ),
        Status(
            "withdrawn",
            N_("Retiré par l’auteur"),
            CLOSED,
            "arrow-counterclockwise",
            N_("L’auteur a retiré son signalement."),
            is_final=True,
        ),
    ),
    edges={
        "received": (
            Edge("acknowledged", ACKNOWLEDGE),
            ASKING,
            Edge("planned", PLAN),
            STARTING,
            _resolve(),
            FORWARDING,
            _decline(),
            MERGING,
            WITHDRAWING,
        ),
        "acknowledged": (
            ASKING,
            Edge("planned", PLAN),
            STARTING,
            _resolve(),
            Edge("watched", WATCH, sentence=True),
            FORWARDING,
            _decline(),
            MERGING,
            WITHDRAWING,
        ),
        "question_asked": (
            Edge(
                "acknowledged",
                N_("Reprendre : la réponse est arrivée"),
                by=frozenset({Party.AUTHOR, Party.AGENT}),
            ),
            Edge(
                "declined",
                DECLINE,
                by=frozenset({Party.AGENT, Party.MEDIATOR, Party.SYSTEM}),
                sentence=True,
                reason=True,
            ),
            MERGING,
            WITHDRAWING,
        ),
        "planned": (
            STARTING,
            _resolve(),
            Edge("acknowledged", N_("Revenir à « pris en compte »"), sentence=True),
            FORWARDING,
            _decline(),
            MERGING,
            WITHDRAWING,
        ),
        "in_progress": (
            Edge("planned", N_("Planifier de nouveau"), sentence=True),
            _resolve(),
            FORWARDING,
            _decline(),
            MERGING,
        ),
        "resolved": (
            Edge(
                "confirmed",
                CONFIRM,
                by=frozenset({Party.AUTHOR, Party.SYSTEM}),
            ),
            REOPENING,
            _contest(),
        ),
        "confirmed": (_contest(within_days=90),),
        "watched": (
            REOPENING,
            _resolve(),
            _contest(),
        ),
        "forwarded": (
            REOPENING,
            _resolve(),
            _contest(),
        ),
        "declined": (
            REOPENING,
            _contest(),
        ),
        "duplicate": tuple(
            Edge(before, UNMERGE, by=MERGERS)
            for before in ("acknowledged", "received", "question_asked", "planned", "in_progress")
        ),
        "contested": (
            Edge("acknowledged", ACKNOWLEDGE, by=STAFF),
            Edge("in_progress", START, by=STAFF),
            _resolve(),
            _decline(by_another=True),
        ),
        "withdrawn": (),
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
