"""The workflow of ideas, as data."""

from civic.contributions.workflow import (
    AGENTS,
    Edge,
    Party,
    Status,
    StatusCode,
    StatusType,
    Workflow,
)
from civic.i18n import N_


class IdeaStatus(StatusCode):
    """Where an idea stands."""

    GATHERING = "gathering"
    UNDER_REVIEW = "under_review"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DECLINED = "declined"
    FORWARDED = "forwarded"
    DUPLICATE = "duplicate"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"


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

ACCEPTING = Edge(IdeaStatus.ACCEPTED, ACCEPT, sentence=True)
DECLINING = Edge(IdeaStatus.DECLINED, DECLINE, sentence=True, reason=True)
REOPENING = Edge(IdeaStatus.UNDER_REVIEW, REOPEN, sentence=True)
FORWARDING = Edge(IdeaStatus.FORWARDED, FORWARD, sentence=True, recipient=True)
MERGING = Edge(IdeaStatus.DUPLICATE, N_("Fusionner avec une autre idée"), by=MERGERS, target=True)

WORKFLOW = Workflow(
    initial=IdeaStatus.GATHERING,
    statuses=(
        Status(
            IdeaStatus.GATHERING,
            N_("Recueille des soutiens"),
            OPEN,
            "megaphone",
            N_("L’idée est publique. Avec assez de soutiens, la ville l’étudie."),
            is_owed=False,
        ),
        Status(
            IdeaStatus.UNDER_REVIEW,
            N_("À l’étude"),
            OPEN,
            "search",
            N_("La ville regarde si l’idée est possible, et à quel coût."),
        ),
        Status(
            IdeaStatus.ACCEPTED,
            N_("Retenue"),
            OPEN,
            "hand-thumbs-up",
            N_("La ville s’engage à la réaliser."),
        ),
        Status(
            IdeaStatus.IN_PROGRESS,
            N_("En réalisation"),
            OPEN,
            "cone-striped",
            N_("La réalisation a commencé."),
        ),
        Status(
            IdeaStatus.DONE,
            N_("Réalisée"),
            FIXED,
            "check-circle",
            N_("L’idée est devenue réalité."),
        ),
        Status(
            IdeaStatus.DECLINED,
            N_("Non retenue"),
            CLOSED,
            "x-circle",
            N_("La ville ne la réalisera pas, pour le motif indiqué."),
        ),
        Status(
            IdeaStatus.FORWARDED,
            N_("Hors compétence, transmise"),
            CLOSED,
            "send",
            N_("Une autre autorité est compétente : l’idée lui a été transmise."),
        ),
        Status(
            IdeaStatus.DUPLICATE,
            N_("Fusionnée"),
            CLOSED,
            "files",
            N_("Une idée semblable existait : la suite se lit sur l’autre page."),
        ),
        Status(
            IdeaStatus.ARCHIVED,
            N_("Archivée"),
            CLOSED,
            "archive",
            N_("Aucun nouveau soutien depuis douze mois. Elle peut être reprise."),
        ),
        Status(
            IdeaStatus.WITHDRAWN,
            N_("Retirée par l’auteur"),
            CLOSED,
            "arrow-counterclockwise",
            N_("L’auteur a retiré son idée."),
            is_final=True,
        ),
    ),
    edges={
        IdeaStatus.GATHERING: (
            Edge(IdeaStatus.UNDER_REVIEW, REVIEW, by=frozenset({Party.AGENT, Party.SYSTEM})),
            ACCEPTING,
            DECLINING,
            FORWARDING,
            MERGING,
            Edge(IdeaStatus.ARCHIVED, N_("Archiver"), by=frozenset({Party.AGENT, Party.SYSTEM})),
            Edge(IdeaStatus.WITHDRAWN, N_("Retirer"), by=frozenset({Party.AUTHOR})),
        ),
        IdeaStatus.UNDER_REVIEW: (
            ACCEPTING,
            DECLINING,
            FORWARDING,
            Edge(IdeaStatus.GATHERING, N_("Remettre au recueil des soutiens"), sentence=True),
            MERGING,
        ),
        IdeaStatus.ACCEPTED: (
            Edge(IdeaStatus.IN_PROGRESS, START),
            DECLINING,
            Edge(IdeaStatus.DONE, FINISH, sentence=True),
        ),
        IdeaStatus.IN_PROGRESS: (
            Edge(IdeaStatus.DONE, FINISH, sentence=True),
            Edge(IdeaStatus.ACCEPTED, N_("Revenir à « retenue »"), sentence=True),
        ),
        IdeaStatus.DONE: (
            Edge(IdeaStatus.IN_PROGRESS, N_("Reprendre la réalisation"), sentence=True),
            REOPENING,
        ),
        IdeaStatus.DECLINED: (REOPENING,),
        IdeaStatus.FORWARDED: (REOPENING,),
        IdeaStatus.DUPLICATE: tuple(
            Edge(before, UNMERGE, by=MERGERS)
            for before in (IdeaStatus.GATHERING, IdeaStatus.UNDER_REVIEW)
        ),
        IdeaStatus.ARCHIVED: (
            Edge(IdeaStatus.GATHERING, N_("Relancer"), by=AGENTS | {Party.AUTHOR, Party.SUPPORTER}),
        ),
        IdeaStatus.WITHDRAWN: (),
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
