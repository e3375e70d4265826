"""Positions as people and devices write them: 48°01'12"N 1°45'W, 48,02 N ; 1,75 O."""

import re

from civic.text.quantities import read_decimal

_MARKED = re.compile(r"[°º]|\d\s*[NSEWO]\b|\b[NSEWO]\s*\d", re.IGNORECASE)
_NUMBER = r"\d+(?:[.,]\d+)?"
_ANGLE = re.compile(
    rf"""
    (?P<before>\b[NSEWO]\s*)?
    (?P<sign>[-−+]?)\s*(?P<degrees>{_NUMBER})\s*[°º]?\s*
    (?:(?P<minutes>{_NUMBER})\s*['′’]\s*)?
    (?:(?P<seconds>{_NUMBER})\s*(?:["″”]|''|′′|’’)\s*)?
    (?(before)|(?P<after>(?:nord|sud|ouest|est|north|south|east|west|[NSEWO])\b)?)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BETWEEN = re.compile(r"[\s,;/|()]*")
_AXES = {"n": "lat", "s": "lat", "e": "lon", "w": "lon", "o": "lon"}


def is_marked(text: str) -> bool:
    """Whether ``text`` says its degrees with a sign or a point of the compass."""
    return _MARKED.search(text) is not None


def read_degrees(text: str, axis: str) -> float:
    """Return one latitude or longitude (``axis``: lat or lon). Raises ValueError.

    The O is that of « ouest ».
    """
    ((found, value),) = _angles(text)
    if found not in {"", axis}:
        raise ValueError(text)
    return value


def read_position(text: str) -> tuple[float, float]:
    """Return (latitude, longitude), in whatever order they are named. Raises ValueError."""
    (first, one), (second, other) = _angles(text)
    if first == second != "":
        raise ValueError(text)
    return (other, one) if first == "lon" or second == "lat" else (one, other)


def _angles(text: str) -> list[tuple[str, float]]:
    """Return (axis or "", degrees) of each angle; raises ValueError where anything else is said."""
    if not _BETWEEN.fullmatch(_ANGLE.sub("", text)):
        raise ValueError(text)
    return [_angle(match) for match in _ANGLE.finditer(text)]


def _angle(match: re.Match[str]) -> tuple[str, float]:
    minutes, seconds = (read_decimal(match[name] or "0") for name in ("minutes", "seconds"))
    if minutes >= 60 or seconds >= 60:
        raise ValueError(match[0])
    degrees = read_decimal(match["degrees"]) + minutes / 60 + seconds / 3600
    point = (match["before"] or match["after"] or "").strip().lower()[:1]
    is_negative = match["sign"] in {"-", "−"} or point in {"s", "w", "o"}
    return _AXES.get(point, ""), -degrees if is_negative else degrees
