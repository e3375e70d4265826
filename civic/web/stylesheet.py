"""One style sheet for the browser out of many small files.

``civic/static/css/civic.css`` is a working style sheet that imports one file per component into
its cascade layer. Forty imports are forty round trips, so pages link to the same rules as one
answer, put together once per process, with a hash of its content in the address.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, request, url_for

from civic.web.access import public

CSS = Path(__file__).resolve().parent.parent / "static" / "css"
FONTS = "fonts/atkinson-hyperlegible-next-"
#: Which characters each font file covers: a page in French loads the first only.
LATIN = (
    "U+0-FF,U+131,U+152-153,U+2BB-2BC,U+2C6,U+2DA,U+2DC,U+304,U+308,U+329,U+2000-206F,U+20AC,"
    "U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"
)
LATIN_EXT = (
    "U+100-130,U+132-151,U+154-2BA,U+2BD-2C5,U+2C7-2CC,U+2CE-2D7,U+2DD-2FF,U+1D00-1DBF,"
    "U+1E00-1E9F,U+1EF2-1EFF,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF"
)

blueprint = Blueprint("stylesheet", __name__)

_IMPORT = re.compile(r'@import url\("(?P<file>[\w./-]+)"\)(?: layer\((?P<layer>\w+)\))?;\n?')
_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
_SPACE = re.compile(r"\s*\n\s*")


def bundle(folder: Path = CSS) -> str:
    """The rules of ``civic.css`` with each import put in its place, and without remarks.

    Raises FileNotFoundError for an import that names no file.
    """

    def inline(match: re.Match[str]) -> str:
        rules = (folder / match["file"]).read_text("utf-8")
        return f"@layer {match['layer']}{{{rules}}}\n" if match["layer"] else f"{rules}\n"

    text = _IMPORT.sub(inline, (folder / "civic.css").read_text("utf-8"))
    return _SPACE.sub("\n", _COMMENT.sub("", text)).strip() + "\n"


def font_faces() -> str:
    """The ``@font-face`` rules: here, because only Python knows the fonts' versioned addresses."""
    vendor_url: Callable[[str], str] = current_app.jinja_env.globals["vendor_url"]  # type: ignore[assignment]
    faces = (
        ("normal", "latin", LATIN),
        ("normal", "latin-ext", LATIN_EXT),
        ("italic", "latin-italic", LATIN),
    )
    return "".join(
        '@font-face{font-family:"Atkinson Hyperlegible Next";font-weight:200 800;'
        f"font-style:{style};font-display:swap;"
        f'src:url("{vendor_url(f"{FONTS}{name}.woff2")}") format("woff2");'
        f"unicode-range:{characters}}}\n"
        for style, name, characters in faces
    )


@cache
def _stylesheet(faces: str) -> tuple[str, str]:
    text = faces + bundle()
    return text, hashlib.sha256(text.encode()).hexdigest()[:12]


def _current() -> tuple[str, str]:
    """The rules and their hash; read anew at each request while developing."""
    if current_app.debug:
        _stylesheet.cache_clear()
    return _stylesheet(font_faces())


@blueprint.get("/civic.css")
@public
def show() -> Response:
    """The style sheet; for ever when asked for by its hash, else to be asked for again."""
    text, digest = _current()
    response = Response(text, mimetype="text/css")
    response.set_etag(digest)
    if request.args.get("v") == digest:
        response.cache_control.public = True
        response.cache_control.max_age = 31_536_000
        response.cache_control.immutable = True
    else:
        response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


def stylesheet_url() -> str:
    """The address of the style sheet as it is now."""
    return url_for("stylesheet.show", v=_current()[1])


def init_app(app: Flask) -> None:
    """Serve the style sheet and let templates ask for its address."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["stylesheet_url"] = stylesheet_url
