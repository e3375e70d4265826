"""What the demo town promised: fourteen service actions, told in days from now."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class News:
    """News so many days ago; with ``to`` the action takes a step."""

    days_ago: float
    body: str
    to: str = ""
    progress: int | None = None
    reason: str = ""
    end_in: int | None = None
    picture: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Commitment:
    """One action. Days are counted from now: negative in the past, positive to come."""

    title: str
    body: str
    department: str
    categories: tuple[str, ...]
    number: int
    created: float
    start: int
    end: int
    cost: int | None
    milestones: tuple[tuple[str, int, bool], ...]
    news: tuple[News, ...]
    budget_line: str = "Budget d’entretien"
    kind: str = "incident"
    youngest: float = 2
    oldest: float = 70
    near: tuple[float, float] | None = None


COMMITMENTS: Final = (
    Commitment(
        "Rallumer les rues : {area}",
        "Remplacement des lampes anciennes et de deux armoires électriques. Les rues sont "
        "refaites l’une après l’autre, de nuit, pour ne pas gêner les commerces.",
        "eclairage-public", ("eclairage",), 7, 34, -26, 12, 86_000,
        (("Commande du matériel", -28, True), ("Première moitié des rues", -9, True),
         ("Seconde moitié des rues", 9, False)),
        (
            News(30, "Les dates sont fixées : les travaux commencent lundi.", "scheduled"),
            News(26, "Les équipes sont sur place, chaque nuit de 21 h à 5 h.", "in_progress", 10),
            News(8, "La première moitié des rues est de nouveau éclairée.", "", 55,
                 picture="lamp_mended", alt="Une rue le soir, ses deux lampadaires allumés"),
        ),
        near=(48.8868, 2.3182),
    ),
    Commitment(
        "Grand débarras : {area}",
        "Trois samedis, un camion et dix personnes pour enlever ce qui s’est accumulé, puis un "
        "point d’apport fixe le premier samedi du mois.",
        "proprete", ("objets-abandonnes",), 9, 40, -33, -12, 14_500,
        (("Premier samedi", -33, True), ("Point d’apport installé", -12, True)),
        (
            News(36, "Les trois samedis sont programmés.", "scheduled"),
            News(33, "Premier samedi : 4 tonnes enlevées.", "in_progress", 35),
            News(11, "C’est terminé : 11 tonnes enlevées, dont 6 réemployées. Le point d’apport "
                 "ouvre le premier samedi de chaque mois.", "done",
                 picture="pavement_clear", alt="Un trottoir dégagé"),
        ),
        oldest=90,
    ),
    Commitment(
        "Des trottoirs sans trous : {area}",
        "Reprise de 240 mètres de trottoir, avec des passages abaissés pour les fauteuils et les "
        "poussettes.",
        "voirie", ("voirie",), 8, 75, -60, -15, 132_000,
        (("Réseaux vérifiés", -58, True), ("Trottoir pair", -25, True),
         ("Trottoir impair", -15, False)),
        (
            News(66, "L’entreprise est choisie.", "scheduled"),
            News(58, "Les travaux commencent côté pair.", "in_progress", 10,
                 picture="works", alt="Un chantier entouré de barrières et de cônes"),
            News(21, "Le côté pair est fini. Une canalisation ancienne a été trouvée côté impair : "
                 "la fin est repoussée de cinq semaines.", "", 60, end_in=20),
        ),
        budget_line="Voirie, programme annuel", youngest=20, oldest=120,
    ),
    Commitment(
        "Potelets et barrières à remplacer : {area}",
        "Tous les potelets tordus ou arrachés du secteur, en une seule tournée.",
        "voirie", ("mobilier-urbain",), 9, 16, 9, 23, 9_800,
        (("Livraison des potelets", 6, False), ("Pose", 23, False)),
        (News(10, "Les potelets sont commandés, la pose est programmée.", "scheduled"),),
    ),
    Commitment(
        "Effacer les graffitis : {area}",
        "Une tournée complète des façades et du mobilier, puis un passage chaque quinzaine.",
        "proprete", ("graffitis",), 10, 48, -40, -20, 21_000,
        (("Accords des copropriétés", -42, True), ("Tournée des façades", -22, True)),
        (
            News(44, "Les copropriétés ont donné leur accord.", "scheduled"),
            News(40, "La tournée a commencé.", "in_progress", 20),
            News(20, "380 mètres carrés nettoyés. Le prochain passage est dans quinze jours.",
                 "done", picture="wall_cleaned", alt="Un mur clair, sans inscription"),
        ),
        oldest=100,
    ),
    Commitment(
        "Cent arbres de plus et des pieds d’arbres plantés",
        "Quatre rues choisies avec les habitants : on ouvre le sol, on plante, et les riverains "
        "qui le veulent jardinent au pied des arbres.",
        "espaces-verts", ("environnement",), 4, 80, -55, 95, 410_000,
        (("Choix des rues avec les habitants", -62, True), ("Ouverture des fosses", -18, True),
         ("Plantation", 40, False), ("Permis de végétaliser", 90, False)),
        (
            News(70, "Les quatre rues sont choisies : 312 personnes ont donné leur avis.",
                 "scheduled"),
            News(55, "Les sondages du sol ont commencé.", "in_progress", 15),
            News(16, "Soixante fosses sont ouvertes. La plantation attend les premiers froids.",
                 "", 45, picture="tree_pit", alt="Un arbre et son pied planté"),
        ),
        "Budget participatif", "idea", 85, 320,
    ),
    Commitment(
        "Deux cents arceaux à vélos",
        "Des arceaux là où ils ont été demandés : près des écoles, des marchés et des gares.",
        "voirie", ("mobilites",), 3, 110, -95, -38, 60_000,
        (("Emplacements validés", -98, True), ("Pose", -40, True)),
        (
            News(100, "La liste des emplacements est arrêtée.", "scheduled"),
            News(95, "La pose commence.", "in_progress", 10),
            News(37, "Les 200 arceaux sont posés, soit 400 places.", "done",
                 picture="cycle_lane", alt="Deux cyclistes sur une piste verte"),
        ),
        "Budget participatif", "idea", 115, 320,
    ),
    Commitment(
        "Une piste cyclable continue",
        "Relier les deux pistes existantes par une voie protégée, des deux côtés.",
        "voirie", ("mobilites", "prevention-securite"), 3, 60, -30, 140, 420_000,
        (("Enquête auprès des riverains", -35, True), ("Avis de l’architecte", -5, False),
         ("Travaux", 140, False)),
        (
            News(50, "Les dates sont proposées aux riverains.", "scheduled"),
            News(12, "L’avis de l’architecte des Bâtiments de France est attendu : les travaux ne "
                 "peuvent pas commencer sans lui. Réponse au plus tard en janvier.", "paused",
                 reason="permit"),
        ),
        "Budget participatif", "idea", 65, 320,
    ),
    Commitment(
        "Des cours d’école vertes et ouvertes le samedi",
        "Six cours : des sols clairs, de l’ombre, une fontaine, et l’ouverture aux familles le "
        "samedi.",
        "ecoles-sport", ("education-jeunesse",), 5, 55, 70, 280, 1_200_000,
        (("Ateliers avec les élèves", -20, True), ("Choix des entreprises", 45, False),
         ("Travaux pendant les vacances", 280, False)),
        (
            News(40, "Les travaux auront lieu pendant les vacances, école par école.", "scheduled"),
            News(18, "Les élèves ont dessiné leurs cours : les plans sont exposés en mairie.", "",
                 10, picture="school_yard", alt="Une cour d’école avec des arbres"),
        ),
        "Budget participatif", "idea", 60, 320,
    ),
    Commitment(
        "Renouveler les bouches d’eau : {area}",
        "Remplacer d’un coup douze bouches de lavage anciennes.",
        "eau", ("eau",), 3, 62, -20, 30, 48_000,
        (("Étude des réseaux", -30, True),),
        (
            News(31, "Le modèle qui convient n’est plus fabriqué, et changer tout le réseau "
                 "coûterait dix fois plus. Nous abandonnons le remplacement complet et réparons "
                 "chaque fuite signalée.", "abandoned", reason="not_possible"),
        ),
        youngest=64, oldest=180,
    ),
    Commitment(
        "Un terrain de sport rénové",
        "Sol neuf, éclairage sobre, vestiaires accessibles.",
        "ecoles-sport", ("sport",), 4, 25, 120, 300, 780_000,
        (("Concertation", 30, False), ("Choix de l’entreprise", 100, False)),
        (News(9, "La concertation est ouverte : les plans sont à la mairie et à la piscine.", "",
              5, picture="sports_ground", alt="Un terrain de basket dans la ville"),),
        "Budget participatif", "idea", 28, 320,
    ),
    Commitment(
        "Des corbeilles plus grandes : {area}",
        "Soixante corbeilles remplacées, et un second passage le dimanche.",
        "proprete", ("proprete",), 8, 28, -20, -3, 33_000,
        (("Corbeilles livrées", -16, True), ("Second passage du dimanche", -4, False)),
        (
            News(20, "Les premières corbeilles sont posées.", "in_progress", 30,
                 picture="bin_emptied", alt="Une corbeille vide sur un trottoir propre"),
            News(5, "Quarante corbeilles sur soixante sont en place.", "", 65),
        ),
    ),
    Commitment(
        "Plaques de rue manquantes",
        "Refaire et reposer les plaques signalées, avec le nom et la notice.",
        "voirie", ("mobilier-urbain",), 6, 45, -10, 25, 7_200,
        (("Fabrication des plaques", -12, False), ("Pose", 25, False)),
        (),
        oldest=100,
    ),
    Commitment(
        "Un quartier plus beau, rue par rue",
        "Fresques, bancs et jardinières, choisis avec le conseil de quartier.",
        "vie-locale", ("cadre-de-vie", "culture-patrimoine"), 5, 130, -115, -48, 145_000,
        (("Choix des artistes", -112, True), ("Fresques", -60, True), ("Bancs", -50, True)),
        (
            News(120, "Le conseil de quartier a choisi les artistes.", "scheduled"),
            News(112, "La première fresque commence.", "in_progress", 15,
                 picture="green_wall", alt="Un mur couvert de plantes"),
            News(47, "Tout est en place. Merci aux 40 habitants qui ont peint avec les artistes.",
                 "done", picture="planted_square", alt="Une place plantée, avec un banc"),
        ),
        "Budget participatif", "idea", 132, 330,
    ),
)  # fmt: skip
