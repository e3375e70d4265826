"""The people of the demo town: one for each role, with fixed addresses, and residents."""

from dataclasses import dataclass
from typing import Final

from civic.accounts.actor import Role
from civic.i18n import N_

DOMAIN: Final = "demo.example"
"""Reserved by RFC 2606: no mail can ever leave for it."""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone whom a newcomer can be. ``role`` and ``tries`` are French, marked for translation."""

    key: str
    name: str
    role: str
    tries: str
    roles: tuple[Role, ...] = ()

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return f"{self.key}@{DOMAIN}"


PEOPLE: Final = (
    Person(
        "habitant",
        "Camille des Batignolles",
        N_("Habitant"),
        N_("Signaler, proposer, soutenir, commenter, suivre ce que devient une demande."),
    ),
    Person(
        "agent",
        "Agent de la Ville",
        N_("Agent"),
        N_("Prendre en compte, répondre, planifier, lancer une action et la faire avancer."),
        (Role.AGENT,),
    ),
    Person(
        "moderation",
        "Équipe de modération",
        N_("Modérateur"),
        N_("Relire ce qui est retenu ou signalé, décider avec des motifs, fusionner."),
        (Role.MODERATOR,),
    ),
    Person(
        "mediation",
        "Médiatrice de la Ville",
        N_("Médiateur"),
        N_("Répondre aux recours et aux clôtures contestées."),
        (Role.MEDIATOR,),
    ),
    Person(
        "administration",
        "Administration",
        N_("Administrateur"),
        N_("Régler les catégories, les services, les quartiers, les rôles et les textes."),
        (Role.ADMINISTRATOR,),
    ),
)
"""In the order shown."""

NAMES: Final = (
    "Aline du Canal",
    "Bastien P.",
    "Célia Ménilmontant",
    "Dédé de la Butte",
    "Élodie & Félix",
    "Fanny Roule",
    "Gaspard Lentement",
    "Hélène Trottoir",
    "Ibrahim K.",
    "Jeanne aux Tulipes",
    "Karim 13e",
    "Lila Passante",
    "Marcel Pavé",
    "Nadia des Lilas",
    "Oscar Promène",
    "Paule Boulange",
    "Quentin à vélo",
    "Rosalie V.",
    "Samuel du Square",
    "Tiphaine L.",
    "Ursule Bouquine",
    "Viktor M.",
    "Wanda des Quais",
    "Xavière T.",
    "Yanis Court",
    "Zoé Plante",
    "Abel Arrose",
    "Bérénice C.",
    "Cosme du Marché",
    "Danièle R.",
    "Esther Balcon",
    "Firmin Gratte",
    "Ginette 75011",
    "Hugo Poussette",
    "Inès Escalier",
    "Joseph du Kiosque",
    "Kenza B.",
    "Léonie Tram",
    "Moussa D.",
    "Noé Cartable",
    "Odile Géranium",
    "Pablo Fontaine",
    "Rémi Réverbère",
    "Salomé G.",
    "Théo Skate",
    "Ulysse Banc",
    "Véra du Passage",
    "Wassim H.",
    "Yvonne & Médor",
    "Zacharie N.",
    "Anouk Terrasse",
    "Blaise Platane",
    "Clarisse O.",
    "Driss Marelle",
    "Emma Passerelle",
    "Fatou S.",
    "Georges Montre",
    "Honorine P.",
    "Ismaël Goûter",
    "Julie Compost",
)
"""Sixty residents who speak: made up, like everything they say."""

QUIET: Final = 330
"""How many more only support, under the pseudonyms that civic gives."""
