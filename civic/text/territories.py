"""The departments and regions of France, as people write them after the name of a town.

« Rennes 35 », « Rennes Ille-et-Vilaine », « Rennes, Bretagne », « Saint-Denis de la Réunion ».
"""

import re
from collections.abc import Sequence

from civic.text.addresses import name_key
from civic.text.folding import fold

_DEPARTMENTS = """
01 Ain, 02 Aisne, 03 Allier, 04 Alpes-de-Haute-Provence, 05 Hautes-Alpes, 06 Alpes-Maritimes,
07 Ardèche, 08 Ardennes, 09 Ariège, 10 Aube, 11 Aude, 12 Aveyron, 13 Bouches-du-Rhône, 14 Calvados,
15 Cantal, 16 Charente, 17 Charente-Maritime, 18 Cher, 19 Corrèze, 2A Corse-du-Sud, 2B Haute-Corse,
21 Côte-d'Or, 22 Côtes-d'Armor, 23 Creuse, 24 Dordogne, 25 Doubs, 26 Drôme, 27 Eure,
28 Eure-et-Loir, 29 Finistère, 30 Gard, 31 Haute-Garonne, 32 Gers, 33 Gironde, 34 Hérault,
35 Ille-et-Vilaine, 36 Indre, 37 Indre-et-Loire, 38 Isère, 39 Jura, 40 Landes, 41 Loir-et-Cher,
42 Loire, 43 Haute-Loire, 44 Loire-Atlantique, 45 Loiret, 46 Lot, 47 Lot-et-Garonne, 48 Lozère,
49 Maine-et-Loire, 50 Manche, 51 Marne, 52 Haute-Marne, 53 Mayenne, 54 Meurthe-et-Moselle,
55 Meuse, 56 Morbihan, 57 Moselle, 58 Nièvre, 59 Nord, 60 Oise, 61 Orne, 62 Pas-de-Calais,
63 Puy-de-Dôme, 64 Pyrénées-Atlantiques, 65 Hautes-Pyrénées, 66 Pyrénées-Orientales, 67 Bas-Rhin,
68 Haut-Rhin, 69 Rhône, 70 Haute-Saône, 71 Saône-et-Loire, 72 Sarthe, 73 Savoie, 74 Haute-Savoie,
75 Paris, 76 Seine-Maritime, 77 Seine-et-Marne, 78 Yvelines, 79 Deux-Sèvres, 80 Somme, 81 Tarn,
82 Tarn-et-Garonne, 83 Var, 84 Vaucluse, 85 Vendée, 86 Vienne, 87 Haute-Vienne, 88 Vosges,
89 Yonne, 90 Territoire de Belfort, 91 Essonne, 92 Hauts-de-Seine, 93 Seine-Saint-Denis,
94 Val-de-Marne, 95 Val-d'Oise, 971 Guadeloupe, 972 Martinique, 973 Guyane, 974 La Réunion,
975 Saint-Pierre-et-Miquelon, 976 Mayotte, 977 Saint-Barthélemy, 978 Saint-Martin,
986 Wallis-et-Futuna, 987 Polynésie française, 988 Nouvelle-Calédonie
"""
_GROUPS = """
Auvergne-Rhône-Alpes: 01 03 07 15 26 38 42 43 63 69 73 74
Bourgogne-Franche-Comté: 21 25 39 58 70 71 89 90
Bretagne, Brittany: 22 29 35 56
Centre-Val de Loire, Centre: 18 28 36 37 41 45
Corse, Corsica, 20: 2A 2B
Grand Est: 08 10 51 52 54 55 57 67 68 88
Hauts-de-France: 02 59 60 62 80
Île-de-France, IDF, région parisienne: 75 77 78 91 92 93 94 95
Normandie, Normandy: 14 27 50 61 76
Nouvelle-Aquitaine: 16 17 19 23 24 33 40 47 64 79 86 87
Occitanie: 09 11 12 30 31 32 34 46 48 65 66 81 82
Pays de la Loire: 44 49 53 72 85
Provence-Alpes-Côte d'Azur, PACA: 04 05 06 13 83 84
Alsace: 67 68
Aquitaine: 24 33 40 47 64
Auvergne: 03 15 43 63
Basse-Normandie: 14 50 61
Bourgogne, Burgundy: 21 58 71 89
Champagne-Ardenne: 08 10 51 52
Franche-Comté: 25 39 70 90
Haute-Normandie: 27 76
Languedoc-Roussillon: 11 30 34 48 66
Limousin: 19 23 87
Lorraine: 54 55 57 88
Midi-Pyrénées: 09 12 31 32 46 65 81 82
Nord-Pas-de-Calais: 59 62
Picardie: 02 60 80
Poitou-Charentes: 16 17 79 86
Rhône-Alpes: 01 07 26 38 42 69 73 74
Guyane française, French Guiana: 973
Île de La Réunion, Reunion Island: 974
Polynésie, Tahiti: 987
Saint-Barth: 977
"""
"""The regions, those from before 2016, and what else people say."""

_WORD = re.compile(r"[^\W_]+")
_LONGEST = 5
"""How many words a name can have: « Provence-Alpes-Côte d'Azur »."""
_CALLED = frozenset({"departement", "department", "dept", "dpt", "dep", "region"})
_LINKS = frozenset({"a", "d", "dans", "de", "des", "du", "en", "in", "l", "la", "le", "les"})

_RIVERSIDE = frozenset({"sur", "sous"})
"""« Bar-sur-Aube » is no town of the Aube, but a town on it."""


def _read() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for entry in _DEPARTMENTS.replace("\n", " ").split(","):
        code, name = entry.split(maxsplit=1)
        found[code.lower()] = found[name_key(name)] = frozenset({code})
    for line in _GROUPS.strip().splitlines():
        names, codes = line.split(":")
        found |= {name_key(name): frozenset(codes.split()) for name in names.split(",")}
    return found


_KNOWN = _read()


def departments_named(text: str) -> frozenset[str]:
    """Return the codes of the departments that ``text`` names; none when it names no territory.

    « 1 » is not the Ain, « 01 » is.
    """
    bare = [word for word in _WORD.findall(fold(text)) if word not in _CALLED]
    while bare and bare[0] in _LINKS:
        del bare[0]
    return _KNOWN.get(name_key(" ".join(bare)), frozenset())


def cut_territory(words: Sequence[str]) -> tuple[frozenset[str], list[str]]:
    """Return the departments that end folded ``words``, and the words before; none, and all.

    What links them to a town goes with them (« Saint-Denis de la Réunion »).
    """
    for count in range(min(_LONGEST, len(words)), 0, -1):
        rest = list(words[:-count])
        codes = departments_named(" ".join(words[-count:]))
        if codes and words[-count] not in _LINKS and _RIVERSIDE.isdisjoint(words[-count - 1 :]):
            while rest and rest[-1] in _LINKS | _CALLED:
                del rest[-1]
            return codes, rest
    return frozenset(), list(words)


def without_territory(words: Sequence[str]) -> Sequence[str]:
    """Return the folded words of a town's name without the territory that stands after them.

    One that is linked to the name may be part of it (« Saint-Laurent-du-Var »), and stays.
    """
    _, before = cut_territory(words)
    after = words[len(before) :]
    return words if not (before and after) or after[0] in _LINKS else before


def department_of(insee_code: str, postcode: str) -> frozenset[str]:
    """Return the department of a commune, as far as its codes tell: both of Corsica by postcode."""
    code = insee_code or postcode
    if code.startswith(("97", "98")):
        return frozenset({code[:3]})
    if postcode.startswith("20") and not insee_code:
        return frozenset({"2A", "2B"})
    return frozenset({code[:2].upper()} if code else ())
