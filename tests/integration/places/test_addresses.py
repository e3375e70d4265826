"""Addresses: imported once, found however they are typed, and named from a point."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.places.addresses import (
    Fit,
    find_addresses,
    import_addresses,
    nearest_address,
    read_address_rows,
    sure_match,
)
from civic.places.geometry import Position
from civic.places.models import Address, Street
from civic.places.operations import locate

BAN = """id;numero;rep;nom_voie;code_postal;nom_commune;lon;lat
a1;12;;Avenue du Général de Gaulle;35000;Village;-1.6800;48.1100
a2;14;;Avenue du Général de Gaulle;35000;Village;-1.6805;48.1102
a3;12;bis;Rue de la Paix;35000;Village;-1.6700;48.1150
a4;12;;Rue de la Paix;35000;Village;-1.6702;48.1151
a5;3;;Rue Colbert;35000;Village;-1.6900;48.1050
a6;8;;Place Saint-Michel;35000;Village;-1.6950;48.1060
a7;5;;Villa de la Paix;35000;Village;-1.6710;48.1160
a8;9;;;35000;Village;-1.6710;48.1160
a9;x;;Chemin Vert;35000;Village;-1.6610;48.1170
b1;7;;Rue Colbert;35000;Village;200;48.1050
"""


@pytest.fixture
def imported(session: Session, town: Any, tmp_path: Path) -> Path:
    path = tmp_path / "ban.csv.gz"
    path.write_bytes(gzip.compress(("\ufeff" + BAN).encode()))
    rejected: list[tuple[str, str]] = []
    result = import_addresses(
        session,
        read_address_rows(path),
        reject=lambda reason, row: rejected.append((row["id"], reason)),
    )
    session.commit()
    assert (result.rows, result.streets, result.added, result.rejected) == (10, 6, 7, 2)
    assert rejected == [("a8", "no street"), ("b1", "no valid position")]
    return path


def test_importing_again_changes_nothing(session: Session, imported: Path) -> None:
    result = import_addresses(session, read_address_rows(imported))
    assert (result.streets, result.added, result.moved) == (0, 0, 0)
    assert session.scalar(select(func.count()).select_from(Address)) == 7


def test_of_an_address_that_comes_twice_the_first_holds_however_far_apart(
    session: Session, town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("civic.places.addresses.loading.BATCH", 1)
    rows = [
        {"numero": "3", "nom_voie": "rue Colbert", "lat": lat, "lon": "-1.69"}
        for lat in ("48.106", "48.107", "48.106")
    ]
    first = import_addresses(session, rows)
    assert (first.added, first.moved, first.unchanged, first.repeated) == (1, 0, 0, 2)
    again = import_addresses(session, rows)
    assert (again.added, again.moved, again.unchanged, again.repeated) == (0, 0, 1, 2)
    assert find_addresses(session, "3 rue colbert")[0].lat == 48.106
    session.rollback()


def test_an_address_that_moved_is_moved(session: Session, imported: Path) -> None:
    row = {"numero": "3", "nom_voie": "rue Colbert", "code_postal": "35000", "lat": "48.106"}
    result = import_addresses(session, [row | {"lon": "-1.69"}])
    assert result.moved == 1
    assert find_addresses(session, "3 rue colbert")[0].lat == 48.106
    street = session.scalars(select(Street).where(Street.key == "rue colbert")).one()
    assert (street.lat, street.address_count) == (48.106, 1)


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("12 avenue du général de gaulle", "12 Avenue du Général de Gaulle, 35000"),
        ("12 av gal de gaulle", "12 Avenue du Général de Gaulle, 35000"),
        ("av gal de gaulle", "Avenue du Général de Gaulle, 35000"),
        ("12, av. du Gal-de-Gaulle, 35000 Village", "12 Avenue du Général de Gaulle, 35000"),
        ("gaulle", "Avenue du Général de Gaulle, 35000"),
        ("rue de gaulle", "Avenue du Général de Gaulle, 35000"),
        ("12 bis r de la paix", "12 bis Rue de la Paix, 35000"),
        ("12 rue de la paix", "12 Rue de la Paix, 35000"),
        ("rue de la pa", "Rue de la Paix, 35000"),
        ("colb", "Rue Colbert, 35000"),
        ("pl st michel", "Place Saint-Michel, 35000"),
        ("13 av gal de gaulle", "13 Avenue du Général de Gaulle, 35000"),
        ("rue colbret", "Rue Colbert, 35000"),
    ],
)
def test_it_is_found_however_it_is_typed(
    session: Session, imported: Path, typed: str, label: str
) -> None:
    assert find_addresses(session, typed)[0].label == label


def test_an_address_in_full_is_the_only_answer(session: Session, imported: Path) -> None:
    assert len(find_addresses(session, "12 rue de la Paix")) == 1
    assert len(find_addresses(session, "12 paix")) == 2


@pytest.mark.parametrize(
    "typed", ["14 rue de la paix", "12 ter rue de la paix", "1 rue de la paix"]
)
def test_a_number_that_is_not_known_is_kept_and_never_taken_for_another(
    session: Session, imported: Path, typed: str
) -> None:
    found = find_addresses(session, typed)
    number = typed.removesuffix(" rue de la paix")
    assert sure_match(found) is None
    assert found[0].label == f"{number} Rue de la Paix, 35000"
    assert (found[0].fit, found[0].note != "") == (Fit.STREET, True)
    assert all(match.label.startswith(f"{number} ") for match in found)
    near = [match.label for match in found if match.fit is Fit.NEAR]
    assert set(near) == {
        f"{number} Rue de la Paix, 35000 (près du 12)",
        f"{number} Rue de la Paix, 35000 (près du 12 bis)",
    }


def test_a_street_through_several_arrondissements_is_known_by_its_number(
    session: Session, town: Any
) -> None:
    for postcode, numbers in (("75001", (43, 63)), ("75004", (1, 4))):
        rows = [
            {
                "numero": str(number),
                "nom_voie": "Rue de Rivoli",
                "code_postal": postcode,
                "code_insee": f"751{postcode[-2:]}",
                "nom_commune": f"Paris {int(postcode[-2:])}e Arrondissement",
                "lat": f"48.8{number:02}",
                "lon": "2.35",
            }
            for number in numbers
        ]
        import_addresses(session, rows)
    for typed in ("4 rue de rivoli paris", "4 rue de Rivoli, 75004 Paris", "4 rivoli, Paris 4e"):
        sure = sure_match(find_addresses(session, typed))
        assert sure is not None
        assert sure.label == "4 Rue de Rivoli, 75004"
    offered = [match.label for match in find_addresses(session, "rue de rivoli, paris")]
    assert offered == [
        "Rue de Rivoli, 75001, 1er arrondissement",
        "Rue de Rivoli, 75004, 4e arrondissement",
    ]
    assert sure_match(find_addresses(session, "5 rue de rivoli paris")) is None


@pytest.mark.parametrize(
    "typed",
    [
        "4 place de la mairie Rennes 35",
        "4 place de la mairie, rennes, ille et vilaine",
        "4 place de la Mairie Rennes Bretagne France",
        "4 place de la Mairie, Ille-et-Vilaine",
    ],
)
def test_a_department_that_is_the_streets_own_leaves_no_doubt(
    session: Session, town: Any, typed: str
) -> None:
    place = {"numero": "4", "nom_voie": "Place de la Mairie", "nom_commune": "Rennes"}
    position = {"lat": "48.1115", "lon": "-1.6795"}
    import_addresses(session, [place | position | {"code_postal": "35000", "code_insee": "35238"}])
    sure = sure_match(find_addresses(session, typed))
    assert sure is not None
    assert sure.label == "4 Place de la Mairie, 35000"
    for elsewhere in ("75", "Loire-Atlantique", "Normandie"):
        [other] = find_addresses(session, f"4 place de la mairie rennes {elsewhere}")
        assert other.fit is not Fit.SURE


@pytest.mark.parametrize(
    ("typed", "is_sure"),
    [("13 rue Haute, Marseille 13", True), ("13 rue Haute Marseille 13e", False)],
)
def test_a_number_after_a_city_is_its_arrondissement_or_its_department(
    session: Session, town: Any, typed: str, is_sure: bool
) -> None:
    street = {"numero": "13", "nom_voie": "Rue Haute", "code_postal": "13002"}
    city = {"nom_commune": "Marseille 2e Arrondissement", "code_insee": "13202"}
    import_addresses(session, [street | city | {"lat": "43.3", "lon": "5.37"}])
    found = find_addresses(session, typed)
    assert [match.fit is Fit.SURE for match in found] == [is_sure]


def test_the_street_that_was_named_comes_before_those_that_resemble_it(
    session: Session, town: Any
) -> None:
    rows = [
        {"numero": number, "nom_voie": name, "lat": "48.11", "lon": "-1.68"}
        for number, name in (("5", "Boulevard des Italiens"), ("7", "Place d'Italie"))
    ]
    import_addresses(session, rows)
    found = [match.label for match in find_addresses(session, "5 place d'italie")]
    assert found == ["5 Place d'Italie", "5 Place d'Italie (près du 7)", "5 Boulevard des Italiens"]


def test_what_is_not_typed_in_full_is_a_choice_even_when_it_is_the_only_one(
    session: Session, imported: Path
) -> None:
    for typed in ("3 colb", "rue colbret", "12 av gal de gaulle, 75001 Paris"):
        found = find_addresses(session, typed)
        assert found
        assert sure_match(found) is None
    for typed in ("rue colbert", "3 rue colbert", "3 r. colbert, 35042 Village cedex"):
        assert sure_match(find_addresses(session, typed)) is not None


def test_the_kind_of_street_that_was_typed_comes_first(session: Session, imported: Path) -> None:
    found = [match.street for match in find_addresses(session, "villa pa")]
    assert found == ["Villa de la Paix", "Rue de la Paix"]


@pytest.mark.parametrize("typed", ["", "   ", "12", "'", "%", "_", "\x00", "é" * 5000, "😀", "zzz"])
def test_nonsense_finds_nothing(session: Session, imported: Path, typed: str) -> None:
    assert find_addresses(session, typed) == []


def test_a_point_is_named_by_the_nearest_address(session: Session, imported: Path) -> None:
    near = nearest_address(session, Position(48.11005, -1.68))
    assert near is not None
    assert near.label == "12 Avenue du Général de Gaulle, 35000"
    assert nearest_address(session, Position(48.1190, -1.6999)) is None
    assert "12 Avenue du Général de Gaulle" in locate(session, Position(48.11005, -1.68)).address


def test_the_plain_form_is_taken_too(session: Session, town: Any) -> None:
    rows = [{"adresse": "42 Rue Montcalm, 75018 PARIS", "lat": "48.89", "lon": "2.34", "n": "1"}]
    assert import_addresses(session, rows).added == 1
    assert find_addresses(session, "42 montcalm")[0].label == "42 Rue Montcalm, 75018"
