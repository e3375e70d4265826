"""Draw the sample of open data that the demo town is made of (civic/demo/data).

Run once, by hand, over the full files of the City of Paris; what came out is committed. The draw is
seeded: the same files give the same sample. civic/demo/data/README.md says what was done and why.

    python tools/sample_demo_data.py FOLDER

FOLDER holds incidents/paris_dansmarue.csv.gz, ideas/paris_budget_participatif_laureats.csv,
geo/paris_quartiers_80.geojson and geo/paris_adresses_dmr.csv.gz.
"""

import csv
import gzip
import io
import json
import random
import re
import sys
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import Polygon, mapping, shape
from shapely.ops import unary_union

from civic.text.folding import fold

OUT = Path(__file__).parent.parent / "civic" / "demo" / "data"
FIRST, LAST = date(2023, 10, 2), date(2024, 3, 31)
INCIDENTS, IDEAS = 4_000, 150
SHARES = {
    "Objets abandonnés": 0.22,
    "Graffitis, tags, affiches et autocollants": 0.16,
    "Propreté": 0.16,
    "Voirie et espace public": 0.13,
    "Mobiliers urbains": 0.09,
    "Autos, motos, vélos, trottinettes...": 0.07,
    "Éclairage / Électricité": 0.06,
    "Arbres, végétaux et animaux": 0.05,
    "Activités commerciales et professionnelles": 0.04,
    "Eau": 0.02,
}
MOST_OF_ONE_TITLE = 260
METRES_A_DEGREE = 111_320
COSINE = 0.6583  # of 48.86°
TOLERANCE_M = 7
RIVER_M = 62
GAP_M = 12
BUSY = 10
LEFT_BANK, RIGHT_BANK = {5, 6, 7, 13, 15}, {1, 4, 8, 12, 16}
_ADDRESS = re.compile(
    r"^(\d+)\s*(bis|ter|quater|[a-d])?\s+(.+?),\s*(75\d{3})\s+PARIS$", re.IGNORECASE
)
_IDEA_ADDRESS = re.compile(r"^(\d+)\s*(bis|ter|quater)?[ ,]+(\D.+)$", re.IGNORECASE)

_random = random.Random(75056)  # noqa: S311 (a sample, not a secret)


def main() -> None:
    """Write all files."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    source = Path(sys.argv[1])
    OUT.mkdir(parents=True, exist_ok=True)
    outlines(source / "geo" / "paris_quartiers_80.geojson")
    streets = read_addresses(source / "geo" / "paris_adresses_dmr.csv.gz")
    wanted = incidents(source / "incidents" / "paris_dansmarue.csv.gz")
    wanted |= ideas(source / "ideas" / "paris_budget_participatif_laureats.csv", streets)
    addresses(streets, wanted)
    for path in sorted(OUT.glob("*.*")):
        print(f"{path.stat().st_size:>8}  {path.name}")


def incidents(path: Path) -> set[str]:
    """Draw the incidents; return the streets they name."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if _is_usable(row)]
    by_type = defaultdict(list)
    for row in rows:
        by_type[row["type"]].append(row)
    drawn: list[dict[str, str]] = []
    for type_, share in SHARES.items():
        pool = by_type[type_]
        # The later the likelier: a town that was found by its residents.
        pool.sort(key=lambda row: _random.random() ** (1 / _weight(row)), reverse=True)
        titles: Counter[str] = Counter()
        taken = []
        for row in pool:
            if titles[row["soustype"]] < MOST_OF_ONE_TITLE:
                titles[row["soustype"]] += 1
                taken.append(row)
            if len(taken) >= INCIDENTS * share:
                break
        drawn += taken
    drawn.sort(key=lambda row: (row["datedecl"], row["id_dmr"]))
    for row in drawn:
        row["lat"], row["lon"] = f"{float(row['lat']):.6f}", f"{float(row['lon']):.6f}"
    _write_csv(OUT / "incidents.csv.gz", drawn)
    return {street for row in drawn if (street := _street_of(row["adresse"]))}


def _is_usable(row: dict[str, str]) -> bool:
    """Leave out what agents file among themselves, and addresses that name no street."""
    day = date.fromisoformat(row["datedecl"][:10])
    return (
        FIRST <= day <= LAST
        and "[" not in row["soustype"]
        and row["prefixe"] != "Back Office"
        and bool(_ADDRESS.match(row["adresse"]))
        and row["type"] in SHARES
    )


def _weight(row: dict[str, str]) -> float:
    age = (LAST - date.fromisoformat(row["datedecl"][:10])).days
    return 0.35 + float(0.5 ** (age / 45))


def ideas(path: Path, streets: dict[str, list[dict[str, str]]]) -> set[str]:
    """Draw the ideas, the latest editions first, those whose street is known; return streets."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    pool = []
    for row in rows:
        found = _IDEA_ADDRESS.match(row["adresse_projet_gagnant"].strip())
        street = fold(found[3].strip()) if found else ""
        known = [key for key in streets if key.partition("|")[0] == street]
        if known and int(row["edition"]) >= 2016 and _has_title(row):
            pool.append((row, known))
    pool.sort(key=lambda item: _random.random() + (int(item[0]["edition"]) >= 2019) * 0.4)
    per_theme: Counter[str] = Counter()
    per_place: Counter[str] = Counter()
    drawn, wanted = [], set[str]()
    for row, known in reversed(pool):
        theme = row["thematique"]
        if per_theme[theme] >= IDEAS * 0.2 or per_place[row["adresse_projet_gagnant"]] >= 1:
            continue
        per_theme[theme] += 1
        per_place[row["adresse_projet_gagnant"]] += 1
        drawn.append(row)
        wanted.update(known)
        if len(drawn) == IDEAS:
            break
    drawn.sort(key=lambda row: (row["edition"], int(row["identifiant_projet_gagnant"])))
    _write_csv(OUT / "ideas.csv.gz", drawn)
    return wanted


def _has_title(row: dict[str, str]) -> bool:
    title = row["titre_projet_gagnant"]
    return len(title) <= 90 and not title.startswith("NON REGISTR")


def read_addresses(path: Path) -> dict[str, list[dict[str, str]]]:
    """Return the addresses by street and postcode, in the columns of the national file."""
    streets: dict[str, list[dict[str, str]]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found = _ADDRESS.match(row["adresse"])
            if found is None or not int(found[1]):
                continue
            streets[f"{fold(found[3])}|{found[4]}"].append(
                {
                    "numero": str(int(found[1])),
                    "rep": (found[2] or "").lower(),
                    "nom_voie": found[3],
                    "code_postal": found[4],
                    "code_insee": f"751{found[4][3:]}",
                    "nom_commune": "Paris",
                    "lon": f"{float(row['lon']):.6f}",
                    "lat": f"{float(row['lat']):.6f}",
                }
            )
    return streets


def addresses(streets: dict[str, list[dict[str, str]]], wanted: set[str]) -> None:
    """Write some numbers of the streets that the sample names or that many reports come from."""
    rows = []
    for key in sorted(streets):
        kept = streets[key]
        if key not in wanted and len(kept) < BUSY:
            continue
        most = 2 if len(kept) > 1 else 1
        names = Counter(row["nom_voie"] for row in kept)
        name = max(names, key=lambda name: (names[name], name[0].isupper(), name))
        name = name[0].upper() + name[1:]
        once = list({(row["numero"], row["rep"]): row for row in kept}.values())
        once.sort(key=lambda row: (int(row["numero"]), row["rep"]))
        step = max(1, len(once) // most)
        rows += [row | {"nom_voie": name} for row in once[::step][:most]]
    _write_csv(OUT / "addresses.csv.gz", rows)


def _street_of(address: str) -> str:
    found = _ADDRESS.match(address)
    return f"{fold(found[3])}|{found[4]}" if found else ""


def outlines(path: Path) -> None:
    """Write the town, its 20 districts, its 80 neighbourhoods and the river, all sharing lines."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    features.sort(key=lambda feature: feature["properties"]["c_qu"])
    flat = [_metres(shape(feature["geometry"])) for feature in features]
    flat = list(shapely.coverage_simplify(flat, TOLERANCE_M))
    by_district: dict[int, list[Any]] = defaultdict(list)
    neighbourhoods = []
    for feature, geometry in zip(features, flat, strict=True):
        properties = feature["properties"]
        by_district[int(properties["c_ar"])].append(geometry)
        neighbourhoods.append(
            _feature(properties["l_qu"].strip(), str(properties["c_quinsee"]), geometry)
        )
    merged = {number: unary_union(parts) for number, parts in by_district.items()}
    districts = [
        _feature(f"{number}{'er' if number == 1 else 'e'} arrondissement", f"751{number:02}", whole)
        for number, whole in sorted(merged.items())
    ]
    town = unary_union(list(merged.values()))
    town = unary_union([Polygon(part.exterior) for part in shapely.get_parts(town.buffer(GAP_M))])
    river = _river(merged).intersection(town)
    _write_geojson("neighbourhoods", neighbourhoods)
    _write_geojson("districts", districts)
    _write_geojson("town", [_feature("Paris", "75056", town.simplify(5))])
    _write_geojson("water", [_feature("La Seine", "", river.simplify(6))])


def _river(merged: dict[int, Any]) -> Any:
    """The districts of the two banks meet, but for some metres, in the middle of the river."""
    left = unary_union([merged[number] for number in LEFT_BANK])
    right = unary_union([merged[number] for number in RIGHT_BANK])
    return left.boundary.intersection(right.buffer(GAP_M)).buffer(RIVER_M)


def _metres(geometry: Any) -> Any:
    scale = METRES_A_DEGREE
    return shapely.transform(geometry, lambda xy: xy * [scale * COSINE, scale])


def _feature(name: str, code: str, geometry: Any) -> dict[str, Any]:
    scale = METRES_A_DEGREE
    degrees = shapely.transform(geometry, lambda xy: (xy / [scale * COSINE, scale]).round(5))
    parts = shapely.get_parts(shapely.make_valid(degrees))
    polygons = [polygon for part in parts for polygon in shapely.get_parts(part)]
    whole = unary_union([polygon for polygon in polygons if polygon.geom_type == "Polygon"])
    return {
        "type": "Feature",
        "properties": {"name": name, "code": code},
        "geometry": mapping(whole),
    }


def _write_geojson(name: str, features: list[dict[str, Any]]) -> None:
    document = {"type": "FeatureCollection", "features": features}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    (OUT / f"{name}.geojson").write_text(text + "\n", encoding="utf-8")


def _write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    # Without a date inside, so that the same sample is the same file.
    path.write_bytes(gzip.compress(buffer.getvalue().encode(), compresslevel=9, mtime=0))
    print(f"{len(rows):>8}  rows of {path.name}")


if __name__ == "__main__":
    main()
