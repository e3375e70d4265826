"""Projected metres back to degrees, against positions that PROJ gives for them."""

import sys

import pytest

from civic.places.reference_systems import UnknownSystem, system_of

BY_PROJ = [
    ("EPSG:2154", 352_000, 6_789_000, 48.10856067, -1.67847135),
    ("2154", 700_000, 6_600_000, 46.5, 3.0),
    ("epsg:3948", 1_352_000, 7_250_000, 48.35429329, -1.69875532),
    ("EPSG:3942", 2_198_000, 1_195_000, 41.79788421, 8.99726026),
    ("EPSG:32740", 340_000, 7_690_000, -20.88331869, 55.4618158),
    ("EPSG:2975", 340_000, 7_690_000, -20.88331869, 55.4618158),
    ("EPSG:5490", 655_000, 1_790_000, 16.18548827, -61.55007404),
    ("EPSG:2972", 350_000, 540_000, 4.88406658, -52.35276705),
    ("EPSG:4471", 520_000, 8_590_000, -12.75455285, 45.1842518),
    ("EPSG:4467", 560_000, 5_180_000, 46.77085152, -56.21414394),
    ("EPSG:3163", 447_000, 215_000, -22.2670807, 166.45601905),
    ("EPSG:3857", -187_000, 6_124_000, 48.10295499, -1.67984958),
    ("EPSG:32618", 585_000, 4_511_000, 40.74556081, -73.99318645),
    ("EPSG:32633", 700_000, 100_000, 0.90428261, 16.79727523),
    ("EPSG:25832", 500_000, 5_300_000, 47.85334195, 9.0),
    ("EPSG:4326", -1.68, 48.11, 48.11, -1.68),
]


@pytest.mark.parametrize(("name", "x", "y", "lat", "lon"), BY_PROJ)
def test_points_of_known_position(name: str, x: float, y: float, lat: float, lon: float) -> None:
    found = system_of(name)(x, y)
    assert found.lat == pytest.approx(lat, abs=2e-8)
    assert found.lon == pytest.approx(lon, abs=2e-8)


def test_polynesia_stands_half_a_metre_beside() -> None:
    found = system_of("EPSG:3297")(230_000, 8_055_000)
    assert found.lat == pytest.approx(-17.57521324, abs=1e-5)
    assert found.lon == pytest.approx(-149.54375947, abs=1e-5)


@pytest.mark.parametrize(
    ("x", "y"), [(338_000.0, 7_650_000.0), (-1.68, 48.11), (float("nan"), 7e6)]
)
def test_points_of_elsewhere_are_refused(x: float, y: float) -> None:
    with pytest.raises(ValueError, match="Lambert 93"):
        system_of("EPSG:2154")(x, y)


@pytest.mark.parametrize("name", ["EPSG:31370", "EPSG:99999999", "Lambert", ""])
def test_what_nobody_here_computes_is_said(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyproj", None)
    with pytest.raises(UnknownSystem, match="pyproj"):
        system_of.__wrapped__(name)
