"""What waits for moderators or was removed by them, and what agents keep at hand: made up."""

from dataclasses import dataclass
from typing import Final

from civic.flags.models import FlagReason


@dataclass(frozen=True, slots=True)
class Said:
    """A report that somebody sends: what, where, how many hours ago."""

    title: str
    body: str
    category: str
    lat: float
    lon: float
    address: str
    hours_ago: float
    kind: str = "incident"


HELD: Final = (
    Said("Voiture sur le trottoir", "Toujours la même, plaque AB-123-CD, devant le 12.",
         "vehicules", 48.8722, 2.3425, "12 rue Cadet, 75009 Paris", 30),
    Said("Lustre et cartons à donner",
         "Je les laisse en bas, appelez-moi au 06 39 98 12 34 pour venir les prendre.",
         "objets-abandonnes", 48.8512, 2.3799, "40 rue de Charonne, 75011 Paris", 21),
    Said("Musique jusqu'à trois heures", "La terrasse met de la musique tous les soirs.",
         "commerces", 48.8669, 2.3789, "60 rue Oberkampf, 75011 Paris", 15),
    Said("CE TROTTOIR EST UNE HONTE", "QUAND ALLEZ-VOUS ENFIN NETTOYER CE TROTTOIR",
         "proprete", 48.8853, 2.3470, "9 rue Myrha, 75018 Paris", 9),
    Said("Étalage qui déborde", "On ne passe plus avec une poussette le samedi.",
         "commerces", 48.8429, 2.3497, "15 rue Mouffetard, 75005 Paris", 5),
    Said("Une terrasse pour les voisins",
         "Écrivez-moi à voisins.rue@exemple.fr si l'idée vous plaît, je réunis un groupe.",
         "cadre-de-vie", 48.8388, 2.3582, "5 boulevard Arago, 75013 Paris", 3, "idea"),
)  # fmt: skip
HELD_COMMENTS: Final = (
    "Regardez ce que j'en pense : appelez le 06 39 98 55 66, je vous expliquerai.",
    "Les élus sont tous des connards, rien ne changera.",
)
FLAGS: Final = (
    (FlagReason.OFF_TOPIC, "Ce n'est pas à cet endroit, et c'est une affaire entre voisins."),
    (FlagReason.WRONG_PLACE, "L'adresse est fausse : c'est deux rues plus loin."),
    (FlagReason.PERSONAL_DATA, "On reconnaît la personne d'après la description."),
    (FlagReason.SPAM, ""),
)
REPLIES: Final = (
    ("Merci, nous passons", "Merci pour votre signalement. Une équipe passe sous deux jours.",
     "incident", "acknowledged"),
    ("C’est fait", "C’est fait. Merci de nous avoir prévenus.", "incident", "resolved"),
    ("Rien trouvé sur place", ("Notre équipe est passée et n’a rien trouvé à cette adresse. "
     "Si c’est revenu, contestez cette clôture en un clic."), "incident", "declined"),
    ("Lieu privé", "Il s’agit d’un lieu privé : c’est à son propriétaire d’intervenir.",
     "incident", "declined"),
    ("De quel côté ?", "Pouvez-vous nous dire de quel côté de la rue se trouve le problème ?",
     "incident", "question_asked"),
    ("Pièce commandée", "La pièce est commandée ; la réparation suit dès son arrivée.", "incident",
     "planned"),
    ("Transmis à la préfecture", ("Ce point relève de la préfecture de police, à qui nous l’avons "
     "transmis."), "incident", "forwarded"),
    ("Idée à l’étude", "Merci pour cette idée. Le service en étudie le coût et la faisabilité.",
     "idea", "under_review"),
)  # fmt: skip
NOTES: Final = (
    "Vu avec l’équipe de nuit : prévoir la nacelle.",
    "Troisième signalement en deux mois au même endroit. Proposer une action ?",
    "Le riverain a rappelé ce matin, il est très gentil et attend une date.",
    "Attention, marché le mercredi : passer avant 6 h.",
)
REMOVED: Final = (
    Said("Déménagement pas cher", "Devis gratuit, intervention dans toute l'Île-de-France.",
         "objets-abandonnes", 48.8790, 2.3280, "30 rue de Clichy, 75009 Paris", 24.2 * 24),
    Said("Le mur du voisin", "Mon voisin a repeint son mur sans me demander mon avis.",
         "graffitis", 48.8465, 2.2990, "50 rue du Commerce, 75015 Paris", 12 * 24),
    Said("Des sacs tous les soirs", "C'est l'infirmier du troisième étage, je l'ai vu.",
         "objets-abandonnes", 48.8610, 2.3860, "20 rue de la Roquette, 75011 Paris", 6.3 * 24),
)  # fmt: skip
PUBLISHED: Final = Said(
    "Terrasse sur le passage piéton",
    "La terrasse avance jusqu'au passage : on descend sur la chaussée.",
    "commerces",
    48.8840,
    2.3380,
    "30 rue Lepic, 75018 Paris",
    40,
)
