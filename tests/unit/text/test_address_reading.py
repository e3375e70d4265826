"""What somebody may mean who types an address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.text.address_reading import read_address, town_in
from civic.text.districts import district_by_postcode, district_of, place_key

PLACES = {
    place_key(name)
    for name in ("Rennes", "Paris 12e Arrondissement", "La Roche-sur-Yon", "Saint-Malo", "Nyoiseau")
}


@pytest.mark.parametrize(
    "typed",
    [
        "4 place de la mairie, 35000 Rennes",
        "4 place de la mairie, Rennes",
        "4 place de la mairie Rennes",
        "4 place de la mairie, Rennes 35000",
        "4 place de la mairie, Rennes, France",
        "4 place de la mairie Rennes France",
        "4 place de la mairie, 35 000 Rennes",
        "4 place de la mairie 35\u202f000 Rennes",
        "4 PLACE DE LA MAIRIE RENNES",
        "4, pl. de la mairie, F-35000 Rennes",
        "4 pl mairie, 35042 RENNES CEDEX 9",
        "4 place de la mairie - Rennes",
        "Rennes, 4 place de la mairie",
        "35000 Rennes, 4 place de la mairie",
        "35000 Rennes 4 place de la mairie",
        "Rennes 4 place de la mairie",
        "place de la mairie 4, Rennes",
        "place de la mairie, 4, Rennes",
        "4 place de la mairie à Rennes",
        "devant le 4 place de la mairie, 35000",
        "au 4 place de la mairie",
        "en face du 4 place de la mairie, Rennes",
        "in front of 4 place de la mairie, Rennes",
        "No. 4 place de la mairie",
        "n° 4 place de la mairie",
        "4 place de la mairie, bâtiment B, 35000 Rennes",
        "Appt 12, 4 place de la mairie, Rennes",
        "4 place de la mairie (près du kiosque), Rennes",
        "4 place de la mairie Rennes 35",
        "4 place de la mairie, Rennes, 35",
        "4 place de la mairie, 35 Rennes",
        "4 place de la mairie Rennes (35)",
        "4 place de la mairie rennes ille et vilaine",
        "4 place de la mairie, RENNES, ILLE-ET-VILAINE",
        "4 place de la mairie Rennes département 35",
        "4 place de la mairie Rennes Bretagne France",
        "4 place de la mairie, 35000 Rennes, Bretagne, France",
        "4 place de la mairie 35000 Rennes (Ille-et-Vilaine)",
        "4 place de la mairie, Rennes en Bretagne",
        "4-6 place de la mairie",
    ],
)
def test_the_parts_come_in_any_order(typed: str) -> None:
    readings = read_address(typed, PLACES)
    meant = [r for r in readings if r.house.number == 4 and r.keys[0] == "place mairie"]
    assert meant
    assert meant[0].rest == ""


@pytest.mark.parametrize(
    ("typed", "place", "district"),
    [
        ("Rue de l’Église (Nyoiseau)", "nyoiseau", None),
        ("3 rue de l’Église (Nyoiseau), 49500", "nyoiseau", None),
        ("(Nyoiseau) rue de l’Église", "nyoiseau", None),
        ("Rue de l’Église (12e arrondissement)", "", 12),
        ("Rue de l’Église (près du 5)", "", None),
        ("Rue de l’Église, Rennes (35)", "rennes", None),
        ("Rue de l’Église (France)", "", None),
        ("Rue de l’Église (Nyoiseau", "nyoiseau", None),
    ],
)
def test_a_place_in_brackets_is_one_where_it_is_known(
    typed: str, place: str, district: int | None
) -> None:
    first = read_address(typed, PLACES)[0]
    assert (first.keys[0], first.place, first.district) == ("rue eglise", place, district)
    assert first.rest == ""


@pytest.mark.parametrize(
    ("typed", "key", "place"),
    [
        ("rue de Rennes", "rue rennes", ""),
        ("12 rue de Rennes", "rue rennes", ""),
        ("12 rue de Rennes Rennes", "rue rennes", "rennes"),
        ("12 rue de Rennes, 35000 Rennes", "rue rennes", "rennes"),
        ("place de Paris", "place paris", ""),
        ("12 rue de la Roche-sur-Yon", "rue roche yon", ""),
        ("12 rue de la gare La Roche sur Yon", "rue gare", "roche yon"),
        ("12 fg St-Malo", "faubourg saint malo", ""),
        ("3 rue Jean Paris, 75012 Paris", "rue jean paris", "paris"),
    ],
)
def test_a_town_is_cut_off_only_where_it_stands_for_the_town(
    typed: str, key: str, place: str
) -> None:
    first = read_address(typed, PLACES)[0]
    assert (first.keys[0], first.place) == (key, place)


@pytest.mark.parametrize(
    "typed",
    [
        "1 rue de Rivoli, Paris 12e",
        "1 rue de Rivoli Paris 12",
        "1 rue de Rivoli, 12ème arrondissement",
        "1 rue de Rivoli, Paris XIIe arrondissement",
        "1 rue de Rivoli 12e arr.",
        "1 rue de Rivoli, Paris, 12th arrondissement",
    ],
)
def test_an_arrondissement_is_understood(typed: str) -> None:
    first = read_address(typed, PLACES)[0]
    assert (first.keys[0], first.house.number, first.district) == ("rue rivoli", 1, 12)


@pytest.mark.parametrize(
    ("typed", "place", "department"),
    [
        ("1 rue de Rivoli Rennes 35", "rennes", "35"),
        ("1 rue de Rivoli, Rennes, ille-et-VILAINE", "rennes", "35"),
        ("1 rue de Rivoli paris 75", "paris", "75"),
        ("1 rue de Rivoli Paris ILE DE FRANCE", "paris", "75"),
        ("1 rue de Rivoli, Paris 12e, Île-de-France", "paris", "75"),
        ("1 rue de Rivoli La Roche-sur-Yon Pays de la Loire", "roche yon", "85"),
        ("1 rue de Rivoli, La Roche-sur-Yon, Vendée, France", "roche yon", "85"),
        ("1 rue de Rivoli Saint-Malo dans l’Ille-et-Vilaine", "saint malo", "35"),
        ("1 rue de Rivoli Bretagne", "", "35"),
    ],
)
def test_a_department_or_a_region_may_follow_the_town(
    typed: str, place: str, department: str
) -> None:
    meant = [r for r in read_address(typed, PLACES) if r.keys[0] == "rue rivoli"]
    assert [(r.house.number, r.place, r.rest) for r in meant] == [(1, place, "")]
    assert department in meant[0].departments


@pytest.mark.parametrize(
    ("typed", "key", "number"),
    [
        ("12 rue de Bretagne", "rue bretagne", 12),
        ("12 rue de Bretagne, Rennes", "rue bretagne", 12),
        ("rue de la Loire", "rue loire", None),
        ("Rennes, Bretagne", "bretagne", None),
        ("12, Bretagne", "bretagne", 12),
        ("Rennes, 35, rue de Brest", "rue brest", 35),
        ("rue de Brest, Rennes, 35", "rue brest", None),
    ],
)
def test_a_street_may_be_called_after_a_region(typed: str, key: str, number: int | None) -> None:
    first = read_address(typed, PLACES)[0]
    assert (first.keys[0], first.house.number, first.departments & {"75"}) == (key, number, set())


def test_the_arrondissement_of_a_name_and_of_a_postcode() -> None:
    assert district_of("Paris 12e Arrondissement") == 12
    assert district_of("Rennes") is None
    assert place_key("Lyon 3e Arrondissement") == "lyon"
    assert [district_by_postcode(code) for code in ("75012", "75116", "69003", "13016")] == [
        12,
        16,
        3,
        16,
    ]
    assert [district_by_postcode(code) for code in ("35000", "69100", "13100", "", "75")] == [
        None
    ] * 5


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("Rennes Bretagne France", "Rennes"),
        ("RENNES (35)", "RENNES"),
        ("Bar-sur-Aube", "Bar-sur-Aube"),
        ("Saint-Laurent-du-Var", "Saint-Laurent-du-Var"),
        ("Fort-de-France", "Fort-de-France"),
        ("Paris", "Paris"),
        ("", ""),
    ],
)
def test_a_town_is_called_what_stands_before_its_department(text: str, town: str) -> None:
    assert town_in(text) == town


def test_a_number_may_belong_to_the_name() -> None:
    assert {r.keys[0] for r in read_address("4 chemins", PLACES)} == {"chemins", "4 chemins"}
    assert read_address("rue du 8 mai 1945", PLACES)[0].keys[0] == "rue 8 mai 1945"


def test_a_number_that_is_typed_is_never_left_out() -> None:
    for typed in ("12 rue X", "rue de la Gare, 12", "12, rue de la Gare"):
        named = [r for r in read_address(typed, PLACES) if r.keys[0] in {"rue x", "rue gare"}]
        assert [r.house.number for r in named] == [12]


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    for reading in read_address(text, PLACES):
        assert all(reading.keys)


def test_two_streets_that_meet_are_two_streets() -> None:
    readings = read_address("angle rue de Rivoli et rue Saint-Martin, Rennes", PLACES)
    assert [reading.keys[0] for reading in readings] == ["rue rivoli", "rue saint martin"]
    [one] = read_address("12 rue Pierre et Marie Curie", PLACES)
    assert one.keys == ("rue pierre marie curie",)


def test_an_english_kind_and_an_ordinal_are_no_part_of_the_name() -> None:
    keys = [r.keys[0] for r in read_address("42 Montcalm Street, Rennes", PLACES)]
    assert "montcalm" in keys
    assert [r.house.number for r in read_address("mairie du 18e", PLACES)] == [None]
