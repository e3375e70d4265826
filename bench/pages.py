"""How long pages take: asked one after the other of a server that serves as in production."""

import re
from dataclasses import dataclass
from random import Random
from urllib.parse import quote, urlencode

from bench.client import UNKEPT, Connection, Times, throughput, times
from bench.datasets import DataSet
from bench.rows import hot_places
from bench.serving import civic_server
from civic.places.geometry import cell_to_tile, morton_cell, parent_cell

SCREENS = (0.005, 0.05)
"""Half the width of what a map shows, in degrees: a few streets, half a city."""
ZOOMS = range(9, 19)
PLACES = 9
FILTERS: dict[str, dict[str, str]] = {
    "kind": {"kind": "incident"},
    "category": {"category": "objets-abandonnes"},
    "status type": {"type": "open"},
    "status": {"status": "resolved"},
    "department": {"department": "dpe-stpp-dt"},
    "area": {"area": ""},
    "period of 30 days": {"period": "30"},
    "period of a year": {"period": "365"},
    "a rare word": {"q": "lampadaire"},
    "a common word": {"q": "trottoir"},
}
ALL_AT_ONCE = {
    "kind": "incident",
    "category": "objets-abandonnes",
    "type": "fixed",
    "department": "dpe-stpp-dt",
    "area": "",
    "period": "365",
    "q": "trottoir",
}
SORTS = ("hot", "newest", "supported", "discussed", "waiting")
SEARCHES = (
    "trottoir",
    "matelas",
    "rue de rivoli",
    "arbre dangereux",
    "lampadaire eteint",
    "trotoir abime",
    "enc",
    "42 rue ramey",
)
CATEGORIES = ("objets-abandonnes", "", "eclairage", "graffitis", "")
TITLES = (
    "Matelas abandonné sur le trottoir",
    "Encombrants devant la porte",
    "Lampadaire éteint",
    "Tag sur le mur de l'école",
    "Nid-de-poule dangereux",
)


@dataclass(frozen=True, slots=True)
class PageTimes:
    """What one data set's pages took; ``filtered`` by the name of the filter."""

    map: Times
    filtered: dict[str, Times]
    all_filters: Times
    lists: Times
    search: Times
    similar: Times
    rates: dict[str, float]


def measure(data: DataSet, constant_port: int, *, quick: bool) -> PageTimes:
    """Serve ``data`` and ask for every kind of page."""
    with civic_server(data.folder, data.url) as port:
        area = first_area(_page(port, "/areas"))
        _warm_up(port)
        repeats = 1 if quick else 3
        tiles = tile_paths()
        plain = times(port, shuffled(tiles * repeats * 2))
        some = [path for at, path in enumerate(tiles) if at % 2 == 0]
        filtered = {
            name: times(port, shuffled(with_filter(some, values, area) * repeats))
            for name, values in FILTERS.items()
        }
        all_filters = times(port, shuffled(with_filter(tiles, ALL_AT_ONCE, area) * repeats))
        lists = times(port, shuffled(_lists(port, area) * repeats * 4))
        search = times(port, shuffled([search_path(text) for text in SEARCHES] * repeats * 12))
        similar = times(port, shuffled(_similar() * repeats * 2))
        rates = _rates(port, constant_port, data.built["discussed"], 1.5 if quick else 3.0)
    return PageTimes(plain, filtered, all_filters, lists, search, similar, rates)


def _warm_up(port: int) -> None:
    for _ in range(8):
        for path in ("/", "/incidents", "/ideas", "/search?q=arbre", "/map/data/12/2074/1408.json"):
            connection = Connection(port)
            connection.get(path)
            connection.close()


def shuffled(paths: list[str]) -> list[str]:
    paths = list(paths)
    Random(11).shuffle(paths)
    return paths


def tile_paths() -> list[str]:
    paths = []
    for zoom in ZOOMS:
        for lat, lon in hot_places(PLACES):
            tile = cell_to_tile(parent_cell(morton_cell(lat, lon), zoom), zoom)
            paths.append(f"/map/data/{tile.z}/{tile.x}/{tile.y}.json")
    return paths


def with_filter(paths: list[str], values: dict[str, str], area: str) -> list[str]:
    query = urlencode(values | ({"area": area} if "area" in values else {}))
    return [f"{path}?{query}" for path in paths]


def first_area(page: bytes) -> str:
    """Return the address of the first district on the page of all."""
    return _first(page, rb'href="/areas/([a-z0-9-]+)"')


def _page(port: int, path: str) -> bytes:
    connection = Connection(port)
    body = connection.get(path).body
    connection.close()
    return body


def _first(page: bytes, pattern: bytes) -> str:
    found = re.search(pattern, page)
    if found is None:
        raise RuntimeError(f"no page links to {pattern!r}")
    return found[1].decode()


def _lists(port: int, area: str) -> list[str]:
    """Return lists in every order, narrowed in every way, and pages far down."""
    paths = [f"/{kind}?sort={sort}" for kind in ("incidents", "ideas") for sort in SORTS]
    lat, lon = hot_places(1)[0]
    paths.append(f"/incidents?sort=near&near={lat:.5f},{lon:.5f}")
    paths += [f"/incidents?{urlencode({'area': area})}", "/incidents?department=voirie"]
    paths += ["/incidents?category=proprete&type=fixed", "/incidents?status=received&period=30"]
    paths += [f"/incidents?bbox={lon - w},{lat - w / 2},{lon + w},{lat + w / 2}" for w in SCREENS]
    path = "/incidents"
    for _ in range(5):
        path = "/incidents?" + _first(_page(port, path), rb'href="/incidents\?(after=[^"]+)"')
        path = path.replace("&amp;", "&")
        paths.append(path)
    return paths


def search_path(text: str) -> str:
    return f"/search?q={quote(text)}"


def _similar() -> list[str]:
    return [
        "/similar?"
        + urlencode({"kind": "incident", "title": title, "lat": lat, "lon": lon, "category": code})
        for lat, lon in hot_places(12)
        for title, code in zip(TITLES, CATEGORIES, strict=True)
    ]


def _rates(port: int, constant_port: int, discussed: str, seconds: float) -> dict[str, float]:
    """Return answers a second, in turns, three times: the middle one of each.

    Of the list and a page with 50 comments, kept for visitors and made anew, and of the constant.
    """
    asked = {
        "list": (port, "/incidents", ""),
        "detail": (port, f"/incidents/{discussed}", ""),
        "list anew": (port, "/incidents", UNKEPT),
        "detail anew": (port, f"/incidents/{discussed}", UNKEPT),
        "constant": (constant_port, "/", ""),
    }
    rounds: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(3):
        for name, (at, path, headers) in asked.items():
            rate = throughput(at, path, seconds=seconds, connections=8, headers=headers)
            rounds[name].append(rate)
    return {name: sorted(rates)[1] for name, rates in rounds.items()}
