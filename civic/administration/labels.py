"""What fields, values and steps of the settings are called; French msgids."""

from collections.abc import Mapping
from types import MappingProxyType

from civic.accounts.actor import Role
from civic.administration.models import Change, Subject
from civic.i18n import N_
from civic.places.models import AreaLevel
from civic.taxonomy.models import AnswerType, PublicationPolicy

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "name": N_("Nom"),
        "name_en": N_("Nom en anglais"),
        "locale": N_("Langue principale"),
        "colour": N_("Couleur"),
        "logo": N_("Logo"),
        "mail_cases": N_("Courriels : dossiers nouveaux ou réorientés"),
        "mail_contested": N_("Courriels : clôtures contestées"),
        "mail_answered": N_("Courriels : réponses des auteurs"),
        "mail_deadlines": N_("Courriels : échéances"),
        "mail_link": N_("Par le lien d’un courriel"),
        "zone": N_("Fuseau horaire"),
        "counts_alsace_moselle": N_("Jours fériés d’Alsace-Moselle"),
        "insee_code": N_("Code INSEE"),
        "population": N_("Nombre d’habitants"),
        "publisher": N_("Éditeur du site"),
        "publisher_address": N_("Adresse postale de l’éditeur"),
        "director": N_("Directeur ou directrice de la publication"),
        "contact_email": N_("Adresse électronique de contact"),
        "contact_telephone": N_("Téléphone de contact"),
        "host_name": N_("Nom de l’hébergeur"),
        "host_address": N_("Adresse postale de l’hébergeur"),
        "host_telephone": N_("Téléphone de l’hébergeur"),
        "dpo_contact": N_("Contact pour la protection des données"),
        "supervisory": N_("Autorité de contrôle"),
        "accessibility_status": N_("État de conformité"),
        "accessibility_date": N_("Date de la déclaration"),
        "accessibility_contact": N_("Contact pour l’accessibilité"),
        "accessibility_results": N_("Résultats des tests"),
        "accessibility_audit_date": N_("Date de l’audit"),
        "accessibility_auditor": N_("Qui a mené l’audit"),
        "accessibility_rate": N_("Critères respectés, en pour cent"),
        "accessibility_exceptions": N_("Non-conformités"),
        "accessibility_burden": N_("Dérogations pour charge disproportionnée"),
        "accessibility_exempt": N_("Contenus non soumis à l’obligation d’accessibilité"),
        "accessibility_environment": N_("Environnement de test"),
        "accessibility_tools": N_("Outils pour évaluer l’accessibilité"),
        "accessibility_pages": N_("Pages du site vérifiées"),
        "accessibility_scheme": N_("Adresse du schéma pluriannuel"),
        "accessibility_plan": N_("Adresse du plan d’action de l’année"),
        "email": N_("Adresse électronique"),
        "postal_address": N_("Adresse postale"),
        "telephone": N_("Téléphone"),
        "is_active": N_("En service"),
        "description": N_("Description"),
        "description_en": N_("Description en anglais"),
        "group": N_("Groupe"),
        "icon": N_("Icône"),
        "kinds": N_("Sert pour"),
        "department": N_("Service compétent"),
        "policy": N_("Publication"),
        "allows_anonymous": N_("Accepte les demandes sans adresse électronique"),
        "radius_m": N_("Distance entre deux demandes semblables, en mètres"),
        "days_to_acknowledge": N_("Jours pour prendre en compte"),
        "days_to_resolve": N_("Jours pour traiter"),
        "counts_working_days": N_("Compter en jours ouvrés"),
        "position": N_("Place dans la liste"),
        "label": N_("Question"),
        "label_en": N_("Question en anglais"),
        "help": N_("Aide"),
        "help_en": N_("Aide en anglais"),
        "answer_type": N_("Sorte de réponse"),
        "is_required": N_("Réponse obligatoire"),
        "choices": N_("Choix proposés"),
        "role": N_("Rôle"),
        "area": N_("Quartier"),
        "file": N_("Fichier"),
        "blocked_words": N_("Mots surveillés"),
        "added": N_("Contours ajoutés"),
        "changed": N_("Contours modifiés"),
        "unchanged": N_("Contours inchangés"),
        "reassigned": N_("Contributions rattachées à un autre quartier"),
        "rejected": N_("Contours refusés"),
    }
)

ACCESSIBILITY_STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "none": N_("non conforme"),
        "partial": N_("partiellement conforme"),
        "full": N_("totalement conforme"),
    }
)

POLICIES: Mapping[str, str] = MappingProxyType(
    {
        PublicationPolicy.RISK: N_("Tout de suite, sauf si quelque chose demande une relecture"),
        PublicationPolicy.AFTER: N_("Toujours tout de suite"),
        PublicationPolicy.BEFORE: N_("Toujours après une relecture"),
    }
)

ANSWER_TYPES: Mapping[str, str] = MappingProxyType(
    {
        AnswerType.STRING: N_("Texte court"),
        AnswerType.TEXT: N_("Texte long"),
        AnswerType.NUMBER: N_("Nombre"),
        AnswerType.DATETIME: N_("Date et heure"),
        AnswerType.SINGLEVALUELIST: N_("Un choix dans une liste"),
        AnswerType.MULTIVALUELIST: N_("Plusieurs choix dans une liste"),
    }
)

ROLES: Mapping[str, str] = MappingProxyType(
    {
        Role.AGENT: N_("Agent"),
        Role.MODERATOR: N_("Modération"),
        Role.MEDIATOR: N_("Médiation"),
        Role.ADMINISTRATOR: N_("Administration"),
    }
)

ROLE_HINTS: Mapping[str, str] = MappingProxyType(
    {
        Role.AGENT: N_("Traite les demandes de ses services et de ses quartiers."),
        Role.MODERATOR: N_("Publie, retire, corrige et réunit les contributions."),
        Role.MEDIATOR: N_("Répond aux recours et aux clôtures contestées."),
        Role.ADMINISTRATOR: N_("Règle la ville, les catégories, les services et les rôles."),
    }
)

LEVELS: Mapping[str, str] = MappingProxyType(
    {
        AreaLevel.NEIGHBOURHOOD: N_("Quartiers"),
        AreaLevel.DISTRICT: N_("Arrondissements ou secteurs"),
        AreaLevel.TOWN: N_("Contour de la ville"),
        AreaLevel.WATER: N_("Eau (dessinée seulement)"),
        AreaLevel.PARK: N_("Parcs et jardins (dessinés seulement)"),
    }
)

LOCALES: Mapping[str, str] = MappingProxyType({"fr": N_("Français"), "en": N_("Anglais")})

RHYTHMS: Mapping[str, str] = MappingProxyType(
    {
        "at_once": N_("Tout de suite"),
        "hour": N_("Réunies, chaque heure"),
        "day": N_("Réunies, chaque jour"),
        "week": N_("Réunies, chaque semaine"),
        "off": N_("Jamais"),
    }
)
"""How often a mailbox receives news (civic.notifications.matrix)."""

VALUES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "accessibility_status": ACCESSIBILITY_STATUSES,
        "policy": POLICIES,
        "answer_type": ANSWER_TYPES,
        "role": ROLES,
        "locale": LOCALES,
        **dict.fromkeys(
            ("mail_cases", "mail_contested", "mail_answered", "mail_deadlines"), RHYTHMS
        ),
        "kinds": {"incident": N_("Signalements"), "idea": N_("Idées")},
    }
)
"""How stored values of these fields read."""

SUBJECTS: Mapping[Subject, str] = MappingProxyType(
    {
        Subject.TOWN: N_("Ville"),
        Subject.LEGAL: N_("Textes légaux"),
        Subject.DEPARTMENT: N_("Service"),
        Subject.CATEGORY: N_("Catégorie"),
        Subject.QUESTION: N_("Question"),
        Subject.AREA: N_("Quartier"),
        Subject.PERSON: N_("Personne"),
        Subject.BLOCKED_WORDS: N_("Mots surveillés"),
    }
)

CHANGES: Mapping[Change, str] = MappingProxyType(
    {
        Change.CREATED: N_("création"),
        Change.EDITED: N_("modification"),
        Change.MOVED: N_("déplacement dans la liste"),
        Change.DEACTIVATED: N_("mise hors service"),
        Change.REACTIVATED: N_("remise en service"),
        Change.DELETED: N_("suppression"),
        Change.IMPORTED: N_("import"),
        Change.GRANTED: N_("rôle donné"),
        Change.REVOKED: N_("rôle retiré"),
    }
)
