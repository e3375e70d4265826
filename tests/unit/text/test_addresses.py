"""One address has one key, however a person writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.text.addresses import (
    address_key,
    find_address,
    name_key,
    name_prefixes,
    split_number,
    strip_city,
)


@pytest.mark.parametrize(
    "writings",
    [
        ("av gal de gaulle", "Avenue du Général de Gaulle", "AV. GEN. DE-GAULLE"),
        (
            "12 bis, bd St-Michel",
            "12bis Boulevard Saint Michel, 75006 PARIS",
            "n° 12 BIS bvd st michel",
        ),
        ("pl du 8 mai 1945", "Place du Huit-Mai-1945", "place 8 mai 1945"),
        ("3 r de l’Œuvre", "3 rue de l'oeuvre"),
        ("fg Ste Anne", "Faubourg Sainte-Anne"),
        ("ch des Près", "Chemin des Prés"),
        ("imp du Dr Roux", "Impasse du Docteur-Roux"),
        ("rte du Mal Foch", "Route du Maréchal Foch"),
        ("all du Pdt Wilson", "Allée du Président Wilson"),
        ("sq du Cdt Rivière", "Square du Commandant-Rivière"),
        ("rue du Col Fabien", "Rue du Colonel Fabien"),
        ("rue du Lt Chauré", "rue du Lieutenant-Chauré"),
        ("rpt des Halles", "Rond-point des Halles"),
    ],
)
def test_all_writings_have_one_key(writings: tuple[str, ...]) -> None:
    assert len({address_key(writing) for writing in writings}) == 1


def test_different_streets_have_different_keys() -> None:
    assert address_key("rue de Paris") != address_key("avenue de Paris")
    assert address_key("12 rue de Paris") != address_key("12 bis rue de Paris")


@pytest.mark.parametrize(
    ("text", "number", "suffix", "street"),
    [
        ("12 bis rue X", 12, "bis", "rue X"),
        ("12bis, rue X", 12, "bis", "rue X"),
        ("12B rue X", 12, "b", "rue X"),
        ("12 b rue X", 12, "b", "rue X"),
        ("12 r de Paris", 12, "", "r de Paris"),
        ("12-14 rue X", 12, "", "rue X"),
        ("12 à 14 rue X", 12, "", "rue X"),
        ("N° 7 quai d'Orsay", 7, "", "quai d'Orsay"),
        ("3 cœur de ville", 3, "", "cœur de ville"),
        ("8 mai 1945", None, "", "8 mai 1945"),
        ("1er avenue", None, "", "1er avenue"),
        ("75011 Paris", None, "", "75011 Paris"),
        ("rue X", None, "", "rue X"),
        ("12", 12, "", ""),
        ("00012 Bis avenue Mac-Mahon", 12, "bis", "avenue Mac-Mahon"),
        ("", None, "", ""),
    ],
)
def test_the_house_number(text: str, number: int | None, suffix: str, street: str) -> None:
    assert split_number(text) == (number, suffix, street)


def test_the_label_of_a_house_number() -> None:
    assert split_number("12BIS rue X").label == "12 bis"
    assert split_number("rue X").label == ""


@pytest.mark.parametrize(
    ("text", "city", "rest"),
    [
        ("42 Rue Montcalm, 75018 PARIS", None, "42 Rue Montcalm"),
        ("42 Rue Montcalm 75018 PARIS CEDEX 18", None, "42 Rue Montcalm"),
        ("75018 Paris, 42 rue Montcalm", None, "42 rue Montcalm"),
        ("rue de Paris, Paris 11e", "Paris", "rue de Paris"),
        ("rue de Paris", "Paris", "rue de Paris"),
        ("rue X, bâtiment B", "Paris", "rue X, bâtiment B"),
        ("75018", None, "75018"),
        ("75019 Place des Fêtes, 75019 PARIS", None, "Place des Fêtes"),
        ("00012 Bis Avenue Mac-Mahon, 75017 PARIS", None, "00012 Bis Avenue Mac-Mahon"),
    ],
)
def test_the_city_is_cut_off(text: str, city: str | None, rest: str) -> None:
    assert strip_city(text, city) == rest


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ECOLE MATERNELLE 31 RUE DES RENAUDES", "31 RUE DES RENAUDES"),
        ("Devant le 12 bis, av. Foch (face au parc)", "12 bis, av. Foch"),
        ("Rues Simon le Franc", "Rues Simon le Franc"),
        ("Notre-Dame de Lorette", None),
    ],
)
def test_an_address_inside_a_text(text: str, address: str | None) -> None:
    assert find_address(text) == address


def test_an_unfinished_word_may_be_an_abbreviation_or_not() -> None:
    assert name_prefixes("rue du col") == ["rue colonel", "rue col"]
    assert name_prefixes("rue de l") == ["rue"]
    assert name_prefixes("") == []


@given(st.text(max_size=80))
def test_a_key_is_its_own_key(text: str) -> None:
    key = name_key(text)
    assert key == " ".join(key.split())
    assert name_key(key).split()[1:] == key.split()[1:]
