"""Departments and regions, by number and by name."""

import pytest

from civic.places.communes import find_communes
from civic.text.territories import cut_territory, department_of, departments_named


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("35", {"35"}),
        ("2a", {"2A"}),
        ("974", {"974"}),
        ("1", set()),
        ("96", set()),
        ("", set()),
        ("Côtes d'Armor", {"22"}),
        ("COTES-D’ARMOR", {"22"}),
        ("l’Ain", {"01"}),
        ("département de la Loire", {"42"}),
        ("Corse", {"2A", "2B"}),
        ("Brittany", {"22", "29", "35", "56"}),
        ("Alsace", {"67", "68"}),
        ("Reunion", {"974"}),
        ("rue de Bretagne", set()),
    ],
)
def test_a_territory_is_known_by_number_and_name(text: str, codes: set[str]) -> None:
    assert departments_named(text) == codes


@pytest.mark.parametrize(
    ("text", "codes", "before"),
    [
        ("annecy haute savoie", {"74"}, "annecy"),
        ("saint denis de la reunion", {"974"}, "saint denis"),
        ("provence alpes cote d azur", {"04", "05", "06", "13", "83", "84"}, ""),
        ("bar sur aube", set(), "bar sur aube"),
        ("rue verte", set(), "rue verte"),
    ],
)
def test_the_longest_name_is_cut_with_what_links_it(
    text: str, codes: set[str], before: str
) -> None:
    assert cut_territory(text.split()) == (codes, before.split())


@pytest.mark.parametrize("name", ["Rennes", "Ajaccio", "Bastia", "Mamoudzou", "Nouméa", "Belfort"])
def test_every_commune_is_in_a_department_that_can_be_named(name: str) -> None:
    [commune, *_] = find_communes(name)
    assert departments_named(commune.department) == {commune.department}
    assert department_of(commune.code, commune.postcodes[0]) == {commune.department}
    assert commune.department in department_of("", commune.postcodes[0])
