"""What people say in the demo town. The open data has no free text: all of this is made up."""

from random import Random
from typing import Final

_TITLES: Final[dict[str, tuple[str, ...]]] = {
    "Autres objets encombrants abandonnés": (
        "Canapé laissé sur le trottoir",
        "Meubles démontés devant la porte cochère",
        "Réfrigérateur abandonné au coin de la rue",
        "Armoire et étagères au pied de l'immeuble",
        "Matelas contre le mur",
        "Vieux fauteuil sur le passage",
        "Encombrants déposés sans rendez-vous",
        "Machine à laver abandonnée",
    ),
    "Cartons ou sacs de déchets ménagers": (
        "Cartons empilés sur le trottoir",
        "Sacs poubelle déposés au pied de l'arbre",
        "Cartons de déménagement abandonnés",
        "Sacs éventrés devant le numéro",
    ),
    "Gravats ou déchets de chantier": (
        "Sacs de gravats laissés sur place",
        "Gravats sur le passage des poussettes",
        "Planches et plâtre après des travaux",
    ),
    "Objets infestés de punaises de lit": ("Matelas signalé infesté, à enlever vite",),
    "Déchets et/ou salissures divers": (
        "Trottoir très sale",
        "Détritus le long du mur",
        "Restes du marché non ramassés",
        "Papiers et canettes partout",
        "Salissures devant l'entrée de l'école",
    ),
    "Graffitis et autocollants sur mur, façade sur rue, pont et descente d'eau pluviale": (
        "Tag sur la façade",
        "Graffitis sur le mur de l'école",
        "Grand tag au rez-de-chaussée",
        "Autocollants sur la descente d'eau",
    ),
    "Graffitis sur rideau métallique": ("Rideau métallique tagué", "Tag sur le rideau du magasin"),
    "Éclairage public éteint la nuit": (
        "Lampadaire éteint",
        "Trois lampadaires éteints à la suite",
        "Rue dans le noir depuis dimanche",
        "Plus de lumière devant l'arrêt de bus",
    ),
    "Épanchement d'urine": ("Odeurs et traces d'urine", "Angle de rue à nettoyer"),
    "Déjections canines": ("Déjections canines devant la crèche", "Déjections sur le trottoir"),
    "Automobile ou autre véhicule motorisé en stationnement gênant": (
        "Voiture garée sur le passage piéton",
        "Camionnette sur le trottoir tous les matins",
        "Voiture devant la rampe",
    ),
    "Deux-roues motorisé en stationnement gênant": ("Scooters sur le trottoir",),
    "Protection : Potelet, barrière ou garde-corps détérioré": (
        "Potelet tordu",
        "Potelet couché sur le trottoir",
        "Barrière descellée devant l'école",
        "Potelet arraché : les voitures montent",
    ),
    "Panneau d'information ou publicitaire : Plaque de nom de rue manquante ou cassée": (
        "Plaque de rue cassée",
        "Plaque de nom de rue disparue",
    ),
    "Panneaux routiers : Panneau endommagé": ("Panneau plié", "Panneau de stop abîmé"),
    "Panneaux routiers : Panneau mal orienté": ("Panneau tourné du mauvais côté",),
    "Panneaux routiers : Panneau manquant": ("Panneau de sens interdit manquant",),
    "Trottoirs : Affaissement, trou, bosse, pavé arraché": (
        "Trou dans le trottoir",
        "Pavés descellés : on trébuche",
        "Trottoir affaissé devant la pharmacie",
    ),
    "Trottoirs : Revêtement manquant": ("Revêtement du trottoir arraché",),
    "Chaussées : Affaissement, trou, bosse, pavé arraché": (
        "Nid-de-poule au carrefour",
        "Trou dangereux pour les vélos",
        "Chaussée affaissée",
    ),
    "Propreté des équipements de collecte des déchets : Poubelle de rue sale ou débordante": (
        "Corbeille pleine",
        "La corbeille déborde chaque week-end",
    ),
    "Étalages et terrasses à usage commercial : Gêne à la circulation / Étalage excessif": (
        "Terrasse qui barre le trottoir",
        "Étalage trop large pour passer en fauteuil",
    ),
    "Étalages et terrasses à usage commercial : Nuisance sonore": (
        "Musique en terrasse après minuit",
    ),
    "Épave d'automobile ou d'un autre véhicule motorisé": ("Voiture ventouse, pneus crevés",),
    "Épave de deux-roues motorisé": ("Épave de scooter",),
    "Épave de vélo": ("Cadre de vélo abandonné sur l'arceau",),
    "Herbes éparses": ("Herbes hautes le long du mur",),
    "Présence de rats": ("Rats autour des bacs", "Rats dans le square le soir"),
    "Autres problèmes d'eau : Appareil hydraulique au sol avec écoulement d'eau permanent": (
        "Écoulement d'eau sur le trottoir",
        "Fuite d'eau permanente",
    ),
    "Autres : Banc  détérioré": ("Banc cassé", "Banc dont il manque une planche"),
    "Lampadaire en mauvais état": ("Lampadaire penché", "Verre du lampadaire cassé"),
}
_LATELY: Final = (
    "C'est là depuis ce matin.",
    "C'est ainsi depuis plusieurs jours.",
    "Ça revient toutes les semaines au même endroit.",
    "Merci d'avance pour votre passage.",
    "Les poussettes doivent descendre sur la chaussée.",
    "Une voisine âgée a failli tomber.",
    "C'est juste en face de l'école.",
    "Le problème avait été réglé au printemps, il est revenu.",
    "Plusieurs riverains l'ont remarqué.",
    "Impossible de passer avec un fauteuil roulant.",
    "C'est à l'angle, côté impair.",
    "Le soir, on n'y voit rien.",
)

ANSWERS: Final[dict[str, tuple[str, ...]]] = {
    "proprete": (
        "Nos équipes sont passées ce matin : l’endroit est propre.",
        "Les objets ont été enlevés. L’enlèvement sur rendez-vous est gratuit et rapide.",
        "Nettoyage fait à haute pression. Nous repasserons la semaine prochaine.",
        "C’est enlevé. Merci de nous avoir prévenus.",
    ),
    "voirie": (
        "La réparation est faite. Merci pour votre signalement.",
        "L’équipe de voirie a repris le revêtement ; le passage est de nouveau sûr.",
        "Le potelet a été remplacé.",
        "Le panneau a été redressé et refixé.",
    ),
    "eclairage-public": (
        "L’ampoule et le câble ont été changés : la rue est de nouveau éclairée.",
        "Le défaut venait de l’armoire électrique ; il est réparé.",
    ),
    "espaces-verts": (
        "Les jardiniers sont intervenus hier.",
        "Le pied d’arbre a été désherbé et paillé.",
    ),
    "eau": ("La fuite est réparée et la chaussée séchée.", "La fontaine coule de nouveau."),
    "stationnement": (
        "Le véhicule a été enlevé.",
        "Nos agents sont passés et passeront régulièrement dans cette rue.",
        "Le commerçant a été rencontré : l’étalage est revenu dans ses limites.",
    ),
    "vie-locale": ("C’est fait, avec l’aide des associations du quartier.",),
    "ecoles-sport": ("Les travaux sont terminés, l’équipement a rouvert.",),
}
DECLINED: Final = {
    "not_found": "Notre équipe est passée et n’a rien trouvé à cette adresse. Si c’est revenu, "
    "contestez cette clôture en un clic.",
    "private_place": "Il s’agit d’une cour privée : c’est au syndic de l’immeuble d’intervenir.",
    "not_precise": "L’endroit indiqué ne nous a pas permis de trouver le problème.",
    "already_planned": "Ce trottoir sera entièrement refait au printemps : nous n’intervenons pas "
    "avant.",
    "not_possible": "La réparation demande une pièce qui n’est plus fabriquée ; une solution "
    "différente est à l’étude pour toute la rue.",
    "not_a_priority": "Nous avons choisi de réparer d’abord les endroits où quelqu’un pourrait se "
    "blesser.",
}
FORWARDED: Final = (
    (
        "Préfecture de police",
        (
            "Le stationnement sur cet axe relève de la préfecture de police, à "
            "qui nous avons transmis votre signalement."
        ),
    ),
    ("Île-de-France Mobilités", "L’abri appartient au réseau de transport : nous l’avons prévenu."),
    (
        "Gestionnaire du réseau électrique",
        ("L’armoire appartient au gestionnaire du réseau. Il nous a confirmé la réception."),
    ),
)
QUESTIONS: Final = (
    "Pouvez-vous nous dire de quel côté de la rue se trouve le problème ?",
    "Le numéro inscrit sur le lampadaire nous aiderait : l’avez-vous noté ?",
    "Est-ce toujours là aujourd’hui ? Une photo nous aiderait à prévoir le bon camion.",
)
REPLIES: Final = ("Côté impair, juste après la pharmacie.", "Oui, c'est toujours là ce matin.")
WATCHED: Final = "Rien de dangereux aujourd’hui. Nous repassons chaque mois pour le surveiller."
CONTESTED: Final = (
    "C'est toujours là ce soir, je viens de repasser.",
    "Une partie seulement a été enlevée.",
    "Le lampadaire clignote encore quand il pleut.",
)
AGAIN: Final = "Vous aviez raison : il en restait. L’équipe est revenue, c’est terminé."

IDEA_INTRODUCTIONS: Final[dict[str, tuple[str, ...]]] = {
    "Cadre de vie": (
        (
            "On passe ici chaque jour sans s'arrêter, et c'est dommage. Un sol plus doux, des "
            "bancs et un peu d'ombre suffiraient à en faire un **lieu où l'on reste**."
        ),
        (
            "L'endroit est connu de tout le quartier, et personne ne sait quoi en faire. "
            "Rendons-le aux habitants, avec eux :\n\n- des assises\n- des arbres\n- moins de bitume"
        ),
    ),
    "Environnement": (
        (
            "L'été, la rue garde la chaleur toute la nuit. Planter, ouvrir la terre et laisser "
            "l'eau de pluie s'infiltrer **rafraîchit pour de bon**, et c'est beau."
        ),
        (
            "Il y a de la place pour du vert ici. Les riverains sont prêts à arroser, il manque la "
            "terre, les plantes et un robinet."
        ),
    ),
    "Mobilités": (
        (
            "Beaucoup de gens se déplacent à pied et à vélo ici, et rien n'est fait pour eux. "
            "L'idée : **séparer les flux**, ralentir les voitures et stationner les vélos."
        ),
    ),
    "Education et jeunesse": (
        (
            "Les enfants y passent huit heures par jour. Un lieu plus beau, plus calme et mieux "
            "équipé, c'est **apprendre mieux**.\n\nLe conseil d'école soutient l'idée."
        ),
        (
            "Les élèves l'ont imaginé eux-mêmes en classe ; les parents ont fait les plans. Il "
            "reste à le réaliser."
        ),
    ),
    "Culture et patrimoine": (
        (
            "C'est une partie de l'histoire du quartier. La restaurer, l'ouvrir et l'expliquer, "
            "c'est permettre à chacun de **se l'approprier**."
        ),
    ),
    "Solidarités": (
        (
            "Des associations accueillent ici des personnes qui n'ont presque rien, avec très peu "
            "de moyens. Un local et du matériel changeraient leur quotidien."
        ),
        "Se rencontrer, s'entraider, partager un repas : il manque juste **le lieu** pour cela.",
    ),
    "Sport": (
        (
            "Le terrain est ouvert à tous, et il a mal vieilli. Un sol neuf, de la lumière et des "
            "vestiaires, et **tout le quartier** pourra s'en servir."
        ),
    ),
}
IDEA_OTHERWISE: Final = (
    "Une petite dépense pour la ville, un grand changement pour celles et ceux qui vivent ici.",
)
IDEA_SOURCE: Final = (
    "\n\n*D’après un projet lauréat du budget participatif parisien (édition {edition}, "
    "{cost} €). La description et les avis sont imaginés pour la démonstration.*"
)
IDEA_ACCEPTED: Final = (
    "L’idée est retenue. Les études commencent le mois prochain, avec le conseil de quartier.",
    "Retenue, et financée. Nous reviendrons ici dès que les dates seront fixées.",
)
IDEA_DONE: Final = (
    "C’est fait ! L’inauguration a réuni tout le quartier.",
    "Les travaux sont terminés. Merci à celles et ceux qui ont porté l’idée.",
)
IDEA_DECLINED: Final = {
    "too_expensive": (
        "Le coût dépasse ce que la ville peut engager cette année. Nous proposons d’en réaliser "
        "une partie avec l’école voisine."
    ),
    "not_possible": (
        "Un réseau d’eau passe juste dessous : on ne peut pas y creuser. Un autre emplacement est "
        "cherché dans la même rue."
    ),
    "already_exists": "Un projet très proche est déjà financé à deux rues d’ici.",
}
IDEA_FORWARDED: Final = (
    "Le terrain appartient à la Région : nous lui avons transmis l’idée, avec notre soutien."
)
FOR: Final = (
    "Je soutiens, c'est exactement ce qui manque ici.",
    "Mes enfants en rêvent. Bravo pour l'idée !",
    "Très bonne idée, et facile à entretenir si les riverains s'y mettent.",
    "Enfin une proposition qui pense aux personnes âgées.",
    "Cela existe dans le quartier voisin et ça marche très bien.",
    "Je suis prête à donner un coup de main le samedi.",
    "L'été dernier était irrespirable, il faut le faire vite.",
    "Pas cher et utile : pourquoi attendre ?",
    "Les commerçants de la rue sont pour, j'en ai parlé avec trois d'entre eux.",
    "Oui, à condition de garder le passage pour les fauteuils roulants.",
)
AGAINST: Final = (
    "Je comprends l'intention, mais le bruit le soir m'inquiète.",
    "L'argent serait mieux employé à réparer les trottoirs.",
    "On va encore supprimer des places de livraison.",
    "Qui va entretenir dans deux ans ? Il faut y penser avant.",
)
NEITHER: Final = (
    "Sait-on quand les travaux pourraient commencer ?",
    "Est-ce que l'école d'à côté a été consultée ?",
    "Il faudrait un plan pour se rendre compte.",
    "À relier avec le projet de la rue parallèle, non ?",
)
REMARKS: Final = (
    "Pareil au numéro suivant.",
    "Je confirme, c'est toujours là.",
    "J'ai prévenu le gardien, il n'est au courant de rien.",
    "Merci aux équipes, c'est déjà mieux.",
    "C'est dangereux pour les enfants le matin.",
    "Même chose l'année dernière à la même époque.",
)
REPLIES_TO: Final = (
    "Bonne question, je me renseigne à la prochaine réunion de quartier.",
    "D'accord avec vous, c'est le point à régler.",
    "Il y a une solution simple : commencer par un essai de six mois.",
)
OFFICIAL: Final = (
    (
        "Merci pour vos avis. Le service rencontrera les riverains sur place, la date sera "
        "annoncée ici."
    ),
    "Nous avons chiffré une première version. L’entretien sera confié à une régie de quartier.",
    "Le passage restera libre sur 1,80 mètre au moins : c’est la règle.",
)


def incident_text(random: Random, subtype: str) -> tuple[str, str]:
    """Return a title and a text for an incident of the source's ``subtype``."""
    known = _TITLES.get(subtype)
    if known:
        title = random.choice(known)
    else:
        title = subtype.rpartition(" : ")[2].strip()
        title = title[:1].upper() + title[1:]
    body = (
        " ".join(random.sample(_LATELY, random.choice((1, 1, 2)))) if random.random() < 0.6 else ""
    )
    return title, body


def idea_text(random: Random, theme: str, edition: str, cost: int) -> str:
    """Return the text of an idea, in Markdown."""
    introduction = random.choice(IDEA_INTRODUCTIONS.get(theme, IDEA_OTHERWISE))
    shown = f"{cost:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return introduction + IDEA_SOURCE.format(cost=shown, edition=edition)
