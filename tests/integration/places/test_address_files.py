"""Address files of several shapes, and what becomes of what is known when a newer one comes."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from civic.cli.geography import _Last
from civic.imports.readers import open_source
from civic.places.addresses import (
    AddressImport,
    Missing,
    find_addresses,
    import_addresses,
    sure_match,
)
from civic.places.models import Address, Street, StreetWord, Town
from civic.places.streets import street_letters, streets_under
from civic.text.districts import place_key

BAN = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;"
    "code_insee_ancienne_commune;nom_ancienne_commune;x;y;lon;lat"
)
BAL = (
    "cle_interop;commune_insee;commune_nom;commune_deleguee_insee;commune_deleguee_nom;voie_nom;"
    "lieudit_complement_nom;numero;suffixe;position;x;y;long;lat;source;date_der_maj"
)
VILLAGES = [("Segré", -0.871), ("Nyoiseau", -0.914), ("Le Bourg-d'Iré", -0.981)]


def church_street(village: str, lon: float, **other: str) -> dict[str, str]:
    return {
        "numero": "3",
        "nom_voie": "Rue de l'Église",
        "code_postal": "49500",
        "code_insee": "49331",
        "nom_commune": "Segré-en-Anjou Bleu",
        "nom_ancienne_commune": village,
        "lat": "47.687" if village != "Nyoiseau" else "47.716",
        "lon": str(lon),
    } | other


def take(session: Session, path: Path, text: str | bytes, **how: Any) -> AddressImport:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with closing(open_source(path)) as source:
        result = import_addresses(session, _Last().of(source), **how)
    session.commit()
    return result


def labels(session: Session, typed: str) -> list[str]:
    return [match.label for match in find_addresses(session, typed)]


# ------------------------------------------------------------------------------ communes nouvelles


@pytest.mark.parametrize("column", ["nom_ancienne_commune", "nom_commune"])
def test_streets_of_one_name_and_postcode_are_told_apart_by_their_village(
    session: Session, town: Town, column: str
) -> None:
    rows = [church_street("", lon, **{column: village}) for village, lon in VILLAGES]
    result = import_addresses(session, rows)
    assert (result.streets, result.added, result.unchanged, result.repeated) == (3, 3, 0, 0)
    found = find_addresses(session, "3 rue de l'église")
    assert sorted(match.label for match in found) == [
        "3 Rue de l'Église, 49500 Le Bourg-d'Iré",
        "3 Rue de l'Église, 49500 Nyoiseau",
        "3 Rue de l'Église, 49500 Segré",
    ]
    for typed in (
        "3 rue de l'église, Nyoiseau",
        "3 rue de l'eglise nyoiseau",
        "3 Rue de l'Église, 49500 Nyoiseau",
        "Nyoiseau, rue de l'Église 3",
    ):
        sure = sure_match(find_addresses(session, typed))
        assert sure is not None
        assert sure.lon == -0.914
    again = import_addresses(session, rows)
    assert (again.streets, again.added, again.unchanged, again.retired) == (0, 0, 3, 0)
    listed = [entry.label for entry in streets_under(session, "E")]
    assert listed == [
        "Rue de l'Église (Le Bourg-d'Iré)",
        "Rue de l'Église (Nyoiseau)",
        "Rue de l'Église (Segré)",
    ]
    # What civic wrote itself, it understands.
    written = [find_addresses(session, label) for label in listed]
    assert [[match.lon for match in found] for found in written] == [[-0.981], [-0.914], [-0.871]]


def test_the_insee_code_alone_tells_streets_apart(session: Session, town: Town) -> None:
    rows = [
        church_street("", lon, code_insee=code, nom_commune="")
        for code, lon in (("49331", -0.871), ("49233", -0.914))
    ]
    assert import_addresses(session, rows).added == 2


def test_a_number_that_comes_twice_far_away_is_said_and_not_dropped_in_silence(
    session: Session, town: Town
) -> None:
    rows = [church_street("", lon, code_insee="", nom_commune="") for _, lon in VILLAGES]
    said: list[str] = []
    result = import_addresses(session, rows, reject=lambda reason, _: said.append(reason))
    assert (result.added, result.unchanged, result.rejected) == (1, 0, 2)
    assert len(set(said)) == 1


def test_streets_that_were_stored_before_keep_working(session: Session, town: Town) -> None:
    import_addresses(session, [church_street("", -0.871, code_insee="", nom_commune="")])
    old = session.scalars(select(Street.id)).one()
    result = import_addresses(session, [church_street(village, lon) for village, lon in VILLAGES])
    assert (result.streets, result.added, result.unchanged) == (2, 2, 1)
    assert session.get_one(Street, old).former_city == "Segré"


# ------------------------------------------------------------------------------------ newer files


def test_a_corrected_spelling_is_taken_everywhere_at_once(session: Session, town: Town) -> None:
    row = {
        "id": "35238_1234_00003",
        "numero": "3",
        "nom_voie": "Rue Colber",
        "code_postal": "35000",
        "code_insee": "35238",
        "lat": "48.11",
        "lon": "-1.68",
    }
    import_addresses(session, [row])
    session.commit()
    assert [entry.name for entry in streets_under(session, "C")] == ["Rue Colber"]
    assert labels(session, "3 rue colber") == ["3 Rue Colber, 35000"]
    result = import_addresses(session, [row | {"nom_voie": "Rue Colbert"}])
    session.commit()
    assert (result.renamed, result.streets, result.unchanged, result.retired) == (1, 0, 1, 0)
    assert [entry.name for entry in streets_under(session, "C")] == ["Rue Colbert"]
    assert labels(session, "3 rue colbert") == ["3 Rue Colbert, 35000"]
    assert session.scalars(select(StreetWord.word)).all() == ["colbert", "rue"]
    accent = import_addresses(session, [row | {"nom_voie": "Rue Jean-Baptiste Colbert"}])
    assert accent.renamed == 1
    assert street_letters(session) == ["J"]


def test_an_accent_that_was_missing_is_taken_too(session: Session, town: Town) -> None:
    row = {"numero": "3", "nom_voie": "Rue de l'Eglise", "lat": "48.11", "lon": "-1.68"}
    import_addresses(session, [row])
    session.commit()
    assert [entry.name for entry in streets_under(session, "E")] == ["Rue de l'Eglise"]
    assert import_addresses(session, [row | {"nom_voie": "Rue de l'Église"}]).renamed == 1
    session.commit()
    assert [entry.name for entry in streets_under(session, "E")] == ["Rue de l'Église"]


def rows_of(
    numbers: range, insee: str = "35238", street: str = "Rue Haute"
) -> list[dict[str, str]]:
    return [
        {
            "numero": str(number),
            "nom_voie": street,
            "code_postal": "35000",
            "code_insee": insee,
            "lat": f"{48.1 + number / 1e5:.5f}",
            "lon": "-1.68",
        }
        for number in numbers
    ]


def test_what_a_newer_file_does_not_hold_is_retired(session: Session, town: Town) -> None:
    whole = rows_of(range(1, 5)) + rows_of(range(1, 3), street="Rue Basse")
    import_addresses(session, whole + rows_of(range(11, 13), insee="35051"))
    result = import_addresses(session, whole[1:4])
    session.commit()
    assert (result.unchanged, result.retired) == (3, 3)
    assert session.scalar(select(func.count(Address.id))) == 5
    assert sure_match(find_addresses(session, "1 rue haute, 35000")) is None
    assert labels(session, "rue basse") == []
    assert [entry.name for entry in streets_under(session, "B")] == []


def test_a_file_that_is_not_whole_retires_nothing(session: Session, town: Town) -> None:
    whole = rows_of(range(1, 301))
    import_addresses(session, whole)
    part = import_addresses(session, whole[:100])
    assert (part.retired, part.kept) == (0, 200)
    keep = import_addresses(session, whole[:250], missing=lambda: Missing.KEEP)
    assert (keep.retired, keep.kept) == (0, 0)
    replaced = import_addresses(session, whole[:100], missing=lambda: Missing.RETIRE_ALL)
    assert (replaced.retired, replaced.kept) == (200, 0)


def test_an_address_whose_position_is_broken_is_not_retired(session: Session, town: Town) -> None:
    rows = rows_of(range(1, 4))
    import_addresses(session, rows)
    result = import_addresses(session, [rows[0] | {"lat": "?"}, *rows[1:]])
    assert (result.rejected, result.retired, result.unchanged) == (1, 0, 2)


# ----------------------------------------------------------------------------------------- shapes


def bal_row(number: str, name: str = "Rue de l’Œuvre", **cells: str) -> str:
    values = dict.fromkeys(BAL.split(";"), "") | {
        "cle_interop": f"35238_1234_{number:>05}",
        "commune_insee": "35238",
        "commune_nom": "Village-sur-Test",
        "voie_nom": name,
        "numero": number,
        "long": "-1.68",
        "lat": "48.11",
    }
    return ";".join((values | cells).values())


def test_a_base_adresse_locale_is_taken(session: Session, town: Town, tmp_path: Path) -> None:
    lines = [
        BAL,
        bal_row("12", suffixe="bis"),
        bal_row("14", long="-1,6801", lat="48,1102"),
        bal_row("16", long="", lat="", x="351858.0", y="6789186,0"),
        bal_row("99999", "La Boissière"),
        bal_row("18", long="", lat=""),
        bal_row("20", "Rue Haute", cle_interop="", commune_deleguee_nom="Vieux-Bourg"),
    ]
    result = take(session, tmp_path / "bal.csv", "\r\n".join(lines) + "\r\n")
    assert (result.added, result.without_number, result.rejected) == (4, 1, 1)
    assert labels(session, "12 bis rue de l'oeuvre") == ["12 bis Rue de l’Œuvre"]
    assert find_addresses(session, "14 rue de l'œuvre")[0].lat == 48.1102
    assert find_addresses(session, "16 rue de l'œuvre")[0].lat == pytest.approx(48.11016, abs=1e-5)
    assert labels(session, "lieu-dit La Boissière") == ["La Boissière"]
    assert labels(session, "20 rue haute, vieux bourg") == ["20 Rue Haute, Vieux-Bourg"]
    session.execute(update(Street).values(postcode="35000"))
    session.commit()
    again = take(session, tmp_path / "bal.csv", "\n".join(lines))
    assert (again.streets, again.added, again.unchanged, again.retired) == (0, 0, 4, 0)


def test_an_address_is_also_known_by_its_hamlet(
    session: Session, town: Town, tmp_path: Path
) -> None:
    lines = [
        BAL,
        bal_row("12", "Route des Bois", lieudit_complement_nom="La Boissière"),
        bal_row("14", "Route des Bois", lieudit_complement_nom="La Boissière"),
        bal_row("3", "Le Moulin", lieudit_complement_nom="Le Moulin"),
    ]
    result = take(session, tmp_path / "bal.csv", "\n".join(lines))
    assert (result.added, result.without_number) == (3, 0)
    for typed in ("La Boissière", "lieu-dit la Boissière, Village-sur-Test", "hameau La Boissière"):
        assert labels(session, typed)[0] == "La Boissière"
    for typed in (
        "12 route des Bois, La Boissière",
        "La Boissière, 12 route des Bois, Village-sur-Test",
    ):
        assert labels(session, typed) == ["12 Route des Bois"]
    assert labels(session, "3 le moulin") == ["3 Le Moulin"]
    again = take(session, tmp_path / "bal.csv", "\n".join(lines[:2]))
    assert (again.unchanged, again.streets, again.retired) == (1, 0, 2)
    assert labels(session, "le moulin") == []


def test_a_commune_with_one_postcode_lends_it_to_its_own_file(session: Session, town: Town) -> None:
    row = {"voie_nom": "Rue Haute", "numero": "1", "long": "-1.6", "lat": "48.12"}
    import_addresses(session, [row | {"commune_insee": "35051"}])
    assert labels(session, "1 rue haute") == ["1 Rue Haute, 35510"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_bytes_of_every_kind(
    session: Session, town: Town, tmp_path: Path, encoding: str, end: str
) -> None:
    line = "a;;3;;Rue de l'Église;35000;35238;Village;;;;;-1,68;48,11"
    result = take(session, tmp_path / "ban.csv", (BAN + end + line + end).encode(encoding))
    assert result.added == 1
    assert labels(session, "3 rue de l'eglise") == ["3 Rue de l'Église, 35000"]


def test_commas_between_the_columns_and_capitals_in_their_names(
    session: Session, town: Town, tmp_path: Path
) -> None:
    text = 'NUMERO,NOM_VOIE,CODE_POSTAL,Lon,LAT\n3,"Rue Haute",35000,"-1,68","48,11"\n'
    assert take(session, tmp_path / "a.csv", text).added == 1


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("3 rue Haute Village-sur-Test", "3 rue Haute"),
        ("3 rue Haute, Village sur Test", "3 rue Haute"),
        ("3 rue Haute, Village-sur-Test 35000", "3 rue Haute, 35000"),
        ("3 rue Haute 35 000 VILLAGE-SUR-TEST", "3 rue Haute, 35000"),
        ("3 rue de Village-sur-Test", "3 rue de Village-sur-Test"),
        ("3 rue Haute Village-sur-Test 35", "3 rue Haute"),
        ("3 rue Haute, Village-sur-Test, Ille-et-Vilaine, France", "3 rue Haute"),
        ("3 rue Haute, 35000 Village-sur-Test Bretagne France", "3 rue Haute, 35000"),
        ("3 rue Haute, 35042 VILLAGE-SUR-TEST CEDEX 9", "3 rue Haute, 35042"),
        ("3 rue Haute 35000 Village sur Test (Ille-et-Vilaine)", "3 rue Haute, 35000"),
    ],
)
def test_the_town_in_a_plain_address_is_no_part_of_the_street(
    session: Session, town: Town, typed: str, label: str
) -> None:
    import_addresses(session, [{"adresse": typed, "lat": "48.11", "lon": "-1.68"}])
    assert labels(session, label.partition(",")[0]) == [label]
    assert place_key(session.scalars(select(Street.city)).one()) in {"", place_key(town.name)}


@pytest.mark.parametrize("batch", [1, 2000])
def test_plain_addresses_with_and_without_a_postcode_are_of_one_street(
    session: Session, town: Town, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr("civic.places.addresses.loading.BATCH", batch)
    typed = (
        "3 rue Haute Village-sur-Test",
        "5 rue Haute, 35000 Village-sur-Test",
        "7 rue Haute",
        "9 rue Haute 35000 VILLAGE-SUR-TEST CEDEX 2",
    )
    rows = [{"adresse": text, "lat": f"48.11{n}", "lon": "-1.68"} for n, text in enumerate(typed)]
    result = import_addresses(session, rows)
    assert (result.streets, result.added) == (1, 4)
    street = session.scalars(select(Street)).one()
    assert (street.postcode, street.address_count) == ("35000", 4)
    again = import_addresses(session, rows)
    assert (again.streets, again.added, again.unchanged, again.retired) == (0, 0, 4, 0)


def test_a_name_that_begins_with_a_number_stays_whole(session: Session, town: Town) -> None:
    rows = [
        {"numero": "2", "nom_voie": name, "lat": "48.11", "lon": "-1.68"}
        for name in ("4 Chemins", "11 Novembre")
    ]
    import_addresses(session, rows)
    assert labels(session, "2 4 chemins") == ["2 4 Chemins"]
    assert labels(session, "4 chemins") == ["4 Chemins"]
