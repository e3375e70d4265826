"""A town's own colour, made readable.

A town gives one colour (its logo's, often chosen for paper). From it come the few tones that pages
use, for light and for dark, each kept at a contrast of 4.5 or more (WCAG 2.2, AA) with what it is
read against. The hue is the town's; only lightness and strength are moved, in OKLCH, where equal
steps look equal. Pure functions: nothing here knows a request.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields

#: The surfaces that civic/static/css/tokens.css paints; a test keeps the two the same.
LIGHT_SURFACES = ("#f5f2ec", "#ffffff")
DARK_SURFACES = ("#14181c", "#1d2329", "#262d34")
WHITE = "#ffffff"
#: Used while a town has chosen none: the blue of enamelled street plates.
DEFAULT = "#1b4f7a"
#: A little above 4.5, so that rounding to eight bits never falls under it.
TEXT_CONTRAST = 4.6

_HEX = re.compile(r"#?(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)


@dataclass(frozen=True)
class Tones:
    """The town's colour in one theme, as ``#rrggbb``."""

    brand: str
    """Fills: plates, main buttons. `on_brand` is read on it."""
    brand_strong: str
    """The same fill under the pointer."""
    on_brand: str
    """Text and icons on a fill."""
    brand_ink: str
    """Links and coloured text on any surface, and on `brand_soft`."""
    brand_soft: str
    """A quiet background for what is chosen or new."""
    brand_line: str
    """Borders of what is chosen. Never the only sign of it."""


def parse(colour: str) -> str:
    """``#rrggbb`` in lower case from ``abc``, ``#abc`` or ``#AABBCC``. Raises ValueError."""
    if not _HEX.fullmatch(colour.strip()):
        message = f"not a colour such as #1b4f7a: {colour!r}"
        raise ValueError(message)
    digits = colour.strip().lstrip("#").lower()
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return f"#{digits}"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2 between two colours, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def light_tones(colour: str) -> Tones:
    """The tones for light pages. Raises ValueError when `colour` is not one."""
    lightness, chroma, hue = _to_oklch(parse(colour))
    lightness = min(lightness, 0.62)
    brand = _darkened(lightness, chroma, hue, against=(WHITE,))
    soft = _from_oklch(0.945, min(chroma * 0.3, 0.035), hue)
    return Tones(
        brand=brand,
        brand_strong=_from_oklch(max(_to_oklch(brand)[0] - 0.07, 0.15), chroma, hue),
        on_brand=WHITE,
        brand_ink=_darkened(lightness, chroma, hue, against=(*LIGHT_SURFACES, soft)),
        brand_soft=soft,
        brand_line=_from_oklch(0.78, min(chroma * 0.6, 0.08), hue),
    )


def dark_tones(colour: str) -> Tones:
    """The tones for dark pages. Raises ValueError when `colour` is not one."""
    lightness, chroma, hue = _to_oklch(parse(colour))
    brand = _darkened(0.53, min(chroma, 0.15), hue, against=(WHITE,))
    soft = _from_oklch(0.3, min(chroma * 0.5, 0.05), hue)
    return Tones(
        brand=brand,
        brand_strong=_from_oklch(max(_to_oklch(brand)[0] - 0.06, 0.15), min(chroma, 0.15), hue),
        on_brand=WHITE,
        brand_ink=_lightened(
            max(lightness, 0.76), min(chroma, 0.12), hue, against=(*DARK_SURFACES, soft)
        ),
        brand_soft=soft,
        brand_line=_from_oklch(0.5, min(chroma * 0.7, 0.09), hue),
    )


def town_stylesheet(colour: str = DEFAULT) -> str:
    """The content of ``/town.css``. Raises ValueError when `colour` is not a colour.

    Unlayered, so that it wins over the defaults of civic.css whichever comes first.
    """
    light, dark = _declarations(light_tones(colour)), _declarations(dark_tones(colour))
    return (
        f":root{{{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
        f':root[data-theme="light"]{{{light}}}\n'
        f'@media screen{{:root[data-theme="dark"]{{{dark}}}}}\n'
    )


def _declarations(tones: Tones) -> str:
    return "".join(
        f"--{field.name.replace('_', '-')}:{getattr(tones, field.name)};" for field in fields(tones)
    )


def _darkened(lightness: float, chroma: float, hue: float, *, against: tuple[str, ...]) -> str:
    return _moved(lightness, chroma, hue, against, step=-0.005)


def _lightened(lightness: float, chroma: float, hue: float, *, against: tuple[str, ...]) -> str:
    return _moved(lightness, chroma, hue, against, step=0.005)


def _moved(
    lightness: float, chroma: float, hue: float, against: tuple[str, ...], *, step: float
) -> str:
    """The first colour in that direction that is readable against all; at worst black or white."""
    while True:
        colour = _from_oklch(lightness, chroma, hue)
        if all(contrast(colour, other) >= TEXT_CONTRAST for other in against):
            return colour
        if not 0 < lightness < 1:
            return colour
        lightness = min(max(lightness + step, 0.0), 1.0)


def _channels(colour: str) -> tuple[float, float, float]:
    """Linear light, 0 to 1, from sRGB."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return _linear(red), _linear(green), _linear(blue)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _gamma(value: float) -> float:
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _luminance(colour: str) -> float:
    red, green, blue = _channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_oklch(colour: str) -> tuple[float, float, float]:
    """Lightness (0 to 1), chroma and hue (radians): Björn Ottosson's OKLab, 2020."""
    red, green, blue = _channels(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """``#rrggbb``; where a screen cannot show that much colour, less of it."""
    while True:
        channels = _to_linear(lightness, chroma, hue)
        inside = all(-0.0005 <= channel <= 1.0005 for channel in channels)
        if inside or chroma <= 0:
            break
        chroma = max(chroma - 0.004, 0.0)
    return "#" + "".join(
        f"{round(_gamma(min(max(channel, 0.0), 1.0)) * 255):02x}" for channel in channels
    )


def _to_linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
