"""The workflow of ideas, as data."""

from civic.contributions.workflow import AGENTS, Edge, Party, Status, StatusType, Workflow
from civic.i18n import N_

OPEN, FIXED, CLOSED = StatusType.OPEN, StatusType.FIXED, StatusType.CLOSED
MERGERS = frozenset({Party.AGENT, Party.MODERATOR})

REVIEW = N_("Mettre à l’étude")
ACCEPT = N_("Retenir")
START = N_("Mettre en réalisation")
FINISH = N_("Déclarer réalisée")
DECLINE = N_("Ne pas retenir")
FORWARD = N_("Transmettre à une autre autorité")
REOPEN = N_("Reprendre l’étude")
UNMERGE = N_("Annuler la fusion")

ACCEPTING = Edge("accepted", ACCEPT, sentence=True)
DECLINING = Edge("declined", DECLINE, sentence=True, reason=True)
REOPENING = Edge("under_review", REOPEN, sentence=True)
FORWARDING = Edge("forwarded", FORWARD, sentence=True, recipient=True)
MERGING = Edge("duplicate", N_("Fusionner avec une autre idée"), by=MERGERS, target=True)

WORKFLOW = Workflow(
    initial="gathering",
    statuses=(
        Status(
            "gathering",
            N_("Recueille des soutiens"),
            OPEN,
            "megaphone",
            N_("L’idée est publique. Avec assez de soutiens, la ville l’étudie."),
            is_owed=False,
        ),
        Status(
            "under_review",
            N_("À l’étude"),
            OPEN,
            "search",
            N_("La ville regarde si l’idée est possible, et à quel coût."),
        ),
        Status(
            "accepted",
            N_("Retenue"),
            OPEN,
            "hand-thumbs-up",
            N_("La ville s’engage à la réaliser."),
        ),
        Status(
            "in_progress",
            N_("En réalisation"),
            OPEN,
            "cone-striped",
            N_("La réalisation a commencé."),
        ),
        Status(
            "done",
            N_("Réalisée"),
            FIXED,
            "check-circle",
            N_("L’idée est devenue réalité."),
        ),
        Status(
            "declined",
            N_("Non retenue"),
            CLOSED,
            "x-circle",
            N_("La ville ne la réalisera pas, pour le motif indiqué."),
        ),
        Status(
            "forwarded",
            N_("Hors compétence, transmise"),
            CLOSED,
            "send",
            N_("Une autre autorité est compétente : l’idée lui a été transmise."),
        ),
        Status(
            "duplicate",
            N_("Fusionnée"),
            CLOSED,
            "files",
            N_("Une idée semblable existait : la suite se lit sur l’autre page."),
        ),
        Status(
            "archived",
            N_("Archivée"),
            CLOSED,
            "archive",
            N_("Aucun nouveau soutien depuis douze mois. Elle peut être reprise."),
        ),
        Status(
            "withdrawn",
            N_("Retirée par l’auteur"),
            CLOSED,
            "arrow-counterclockwise",
            N_("L’auteur a retiré son idée."),
            is_final=True,
        ),
    ),
    edges={
        "gathering": (
            Edge("under_review", REVIEW, by=frozenset({Party.AGENT, Party.SYSTEM})),
            ACCEPTING,
            DECLINING,
            FORWARDING,
            MERGING,
            Edge("archived", N_("Archiver"), by=frozenset({Party.AGENT, Party.SYSTEM})),
            Edge("withdrawn", N_("Retirer"), by=frozenset({Party.AUTHOR})),
        ),
        "under_review": (
            ACCEPTING,
            DECLINING,
            FORWARDING,
            Edge("gathering", N_("Remettre au recueil des soutiens"), sentence=True),
            MERGING,
        ),
        "accepted": (
            Edge("in_progress", START),
            DECLINING,
            Edge("done", FINISH, sentence=True),
        ),
        "in_progress": (
            Edge("done", FINISH, sentence=True),
            Edge("accepted", N_("Revenir à « retenue »"), sentence=True),
        ),
        "done": (Edge("in_progress", N_("Reprendre la réalisation"), sentence=True), REOPENING),
        "declined": (REOPENING,),
        "forwarded": (REOPENING,),
        "duplicate": tuple(
            Edge(before, UNMERGE, by=MERGERS) for before in ("gathering", "under_review")
        ),
        "archived": (
            Edge("gathering", N_("Relancer"), by=AGENTS | {Party.AUTHOR, Party.SUPPORTER}),
        ),
        "withdrawn": (),
    },
    reasons={
        "not_municipal": N_("Ne relève pas de la ville"),
        "too_expensive": N_("Coût trop élevé"),
        "not_possible": N_("Impossible techniquement"),
        "not_legal": N_("Contraire à une règle de droit"),
        "already_exists": N_("Existe déjà ou est déjà prévu"),
        "other_choice": N_("Un autre choix a été fait"),
        "other": N_("Autre motif, expliqué dans la réponse"),
    },
)
