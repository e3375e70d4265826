"""Lambert 93 back to degrees: its origin, and the middle of Paris."""

import pytest

from civic.places.lambert import from_lambert_93


@pytest.mark.parametrize(
    ("x", "y", "lat", "lon"),
    [
        (700_000.0, 6_600_000.0, 46.5, 3.0),
        (652_469.02, 6_862_035.26, 48.8566, 2.3522),
    ],
)
def test_points_of_known_position(x: float, y: float, lat: float, lon: float) -> None:
    found = from_lambert_93(x, y)
    assert found.lat == pytest.approx(lat, abs=1e-6)
    assert found.lon == pytest.approx(lon, abs=1e-6)


@pytest.mark.parametrize(
    ("x", "y"), [(338_000.0, 7_650_000.0), (-1.68, 48.11), (float("nan"), 7e6)]
)
def test_points_of_elsewhere_are_refused(x: float, y: float) -> None:
    with pytest.raises(ValueError, match="Lambert 93"):
        from_lambert_93(x, y)
