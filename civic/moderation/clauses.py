"""What decisions are called, what they reach, and which clause a flag suggests."""

from collections.abc import Mapping
from types import MappingProxyType

from civic.flags.models import FlagReason
from civic.i18n import N_
from civic.moderation.models import AppealOutcome, Measure, Origin

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
            "Le public ne voit plus ce contenu. L’auteur et les agents chargés du dossier le "
            "voient encore."
        ),
        Measure.RESTORE: N_("Le public voit de nouveau ce contenu."),
        Measure.REDACT: N_(
            "Des données personnelles ont été retirées du texte ou des photos, de l’historique et "
            "des copies. Le reste demeure en ligne."
        ),
        Measure.LOCK: N_(
            "Personne ne peut ajouter de commentaire à cette page. Les commentaires présents "
            "restent lisibles."
        ),
        Measure.UNLOCK: N_("Les commentaires sont de nouveau possibles."),
        Measure.MERGE: N_(
            "La page renvoie à l’autre contribution, où la suite est donnée. Les soutiens et les "
            "abonnements y sont comptés une fois par personne."
        ),
        Measure.UNMERGE: N_("Les deux contributions sont de nouveau séparées."),
        Measure.SUSPEND: N_(
            "Le compte ne permet plus d’écrire, de voter ni de commenter pendant cette durée. La "
            "lecture et le recours restent ouverts."
        ),
        Measure.REINSTATE: N_("Le compte permet de nouveau de participer."),
    }
)
STILL_DUE = N_(
    "Le public ne voit plus ce contenu. L’auteur et les agents chargés du dossier le "
    "voient encore, et la demande continue d’être traitée."
)
SET_ASIDE = N_(
    "Le public ne voit plus ce contenu. L’auteur et les agents chargés du dossier le voient "
    "encore. La demande n’est plus traitée tant que cette décision tient."
)
"""What hiding a contribution means, whether its problem is still to be dealt with or not."""

ORIGIN_LABELS: Mapping[Origin, str] = MappingProxyType(
    {
        Origin.FLAG: N_("Une ou plusieurs personnes ont demandé une vérification."),
        Origin.RULE: N_("Une règle automatique a demandé une lecture avant publication."),
        Origin.OWN_INITIATIVE: N_("L’équipe de modération l’a relevé elle-même."),
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
