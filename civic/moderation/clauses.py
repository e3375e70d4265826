"""The numbered clauses of the terms that a decision can rest on; the terms page prints the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from civic.flags.models import FlagReason
from civic.i18n import N_
from civic.moderation.models import AppealOutcome, Measure, Origin


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
            "groupe pour ce qu'ils sont ne sont pas publiés."
        ),
    ),
    Clause(
        "2",
        N_("Vie privée"),
        N_(
            "Les textes et les photos ne montrent pas de données personnelles : nom d'un "
            "particulier, téléphone, adresse électronique, plaque d'immatriculation, visage "
            "reconnaissable. Elles sont retirées, et le reste est conservé."
        ),
    ),
    Clause(
        "3",
        N_("Respect de la loi"),
        N_(
            "Ce que la loi interdit n'est pas publié. La décision dit alors de quelle règle il "
            "s'agit."
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
            "Une contribution parle de l'espace public, d'un équipement ou de la vie de la ville, "
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
            "Les contributions qui parlent de la même chose sont réunies. Rien n'est effacé, "
            "chacun reste l'auteur de la sienne, et les soutiens sont comptés une fois par "
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

CLAUSE_OF_FLAG: Mapping[FlagReason, str] = MappingProxyType(
    {
        FlagReason.SPAM: "4",
        FlagReason.INSULTING: "1",
        FlagReason.PERSONAL_DATA: "2",
        FlagReason.ILLEGAL: "3",
        FlagReason.OFF_TOPIC: "5",
        FlagReason.WRONG_PLACE: "6",
    }
)
"""Which clause a flag's reason suggests to the moderator."""

MEASURE_LABELS: Mapping[Measure, str] = MappingProxyType(
    {
        Measure.PUBLISH: N_("Publication"),
        Measure.HIDE: N_("Retrait de la vue du public"),
        Measure.RESTORE: N_("Remise en ligne"),
        Measure.REDACT: N_("Retrait de données personnelles"),
        Measure.LOCK: N_("Fermeture des commentaires"),
        Measure.UNLOCK: N_("Réouverture des commentaires"),
        Measure.MERGE: N_("Réunion avec une autre contribution"),
        Measure.UNMERGE: N_("Annulation de la réunion"),
        Measure.SUSPEND: N_("Suspension de la participation"),
        Measure.REINSTATE: N_("Fin de la suspension"),
    }
)

SCOPES: Mapping[Measure, str] = MappingProxyType(
    {
        Measure.PUBLISH: N_("Le public peut lire ce contenu."),
        Measure.HIDE: N_(
            "Le public ne voit plus ce contenu. L'auteur et les agents chargés du dossier le "
            "voient encore, et la demande continue d'être traitée."
        ),
        Measure.RESTORE: N_("Le public voit de nouveau ce contenu."),
        Measure.REDACT: N_(
            "Des données personnelles ont été retirées du texte ou des photos, de l'historique et "
            "des copies. Le reste demeure en ligne."
        ),
        Measure.LOCK: N_(
            "Personne ne peut ajouter de commentaire à cette page. Les commentaires présents "
            "restent lisibles."
        ),
        Measure.UNLOCK: N_("Les commentaires sont de nouveau possibles."),
        Measure.MERGE: N_(
            "La page renvoie à l'autre contribution, où la suite est donnée. Les soutiens et les "
            "abonnements y sont comptés une fois par personne."
        ),
        Measure.UNMERGE: N_("Les deux contributions sont de nouveau séparées."),
        Measure.SUSPEND: N_(
            "Le compte ne permet plus d'écrire, de voter ni de commenter pendant cette durée. La "
            "lecture et le recours restent ouverts."
        ),
        Measure.REINSTATE: N_("Le compte permet de nouveau de participer."),
    }
)

ORIGIN_LABELS: Mapping[Origin, str] = MappingProxyType(
    {
        Origin.FLAG: N_("Une ou plusieurs personnes ont demandé une vérification."),
        Origin.RULE: N_("Une règle automatique a demandé une lecture avant publication."),
        Origin.OWN_INITIATIVE: N_("L'équipe de modération l'a relevé elle-même."),
        Origin.APPEAL: N_("Un recours a été examiné."),
    }
)

OUTCOME_LABELS: Mapping[AppealOutcome, str] = MappingProxyType(
    {
        AppealOutcome.UPHELD: N_("Le recours est accepté : la décision est annulée."),
        AppealOutcome.REJECTED: N_("Le recours est rejeté : la décision est maintenue."),
    }
)

FLAG_LABELS: Mapping[FlagReason, str] = MappingProxyType(
    {
        FlagReason.SPAM: N_("Publicité ou message répété"),
        FlagReason.INSULTING: N_("Propos blessants"),
        FlagReason.PERSONAL_DATA: N_("Données personnelles"),
        FlagReason.ILLEGAL: N_("Contraire à la loi"),
        FlagReason.OFF_TOPIC: N_("Hors sujet"),
        FlagReason.WRONG_PLACE: N_("Lieu inexact"),
        FlagReason.OTHER: N_("Autre"),
    }
)
