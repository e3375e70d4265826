"""The town's logo: decoded, made small and written anew, so that only pixels are kept."""

import hashlib
import os
import re
from typing import IO

from civic.errors import Invalid
from civic.i18n import N_
from civic.storage.child import BusyError, DecodingError, decode
from civic.storage.files import FileStore
from civic.storage.headers import DamagedError, read_header
from civic.storage.photos import PhotoLimits

SIDE = 192
MOST_BYTES = 2_000_000
MOST_PIXELS = 25_000_000
FORMATS = frozenset({"PNG", "WEBP", "JPEG"})
UNREADABLE = N_("Ce fichier n’est pas une image lisible. Envoyez un logo PNG, WebP ou JPEG.")
TOO_LARGE = N_("Cette image est trop grande. Réduisez-la, puis envoyez-la de nouveau.")
BUSY = N_("Beaucoup de photos arrivent en ce moment. Envoyez le logo de nouveau dans une minute.")
NAME = re.compile(r"[0-9a-f]{16}")


def keep(store: FileStore, source: IO[bytes], limits: PhotoLimits) -> str:
    """Keep a PNG, WebP or JPEG as a PNG of at most 192 pixels; return its name.

    Raises Invalid for a file that is too heavy, too large or none of these. ``limits`` say what
    decoding it may take.
    """
    if source.seek(0, os.SEEK_END) > MOST_BYTES:
        raise Invalid(N_("Ce fichier dépasse 2 Mo. Choisissez un logo plus léger."))
    try:
        header = read_header(source)
    except DamagedError:
        header = None
    if header is None or header.format not in FORMATS:
        raise Invalid(UNREADABLE)
    if header.width * header.height > MOST_PIXELS:
        raise Invalid(TOO_LARGE)
    order = {"make": "logo", "format": header.format, "sides": [SIDE], "pixels": MOST_PIXELS}
    try:
        ((_, _, png),) = decode(source, order, limits.bounds(header.format)).images
    except BusyError as error:
        raise Invalid(BUSY) from error
    except DecodingError as error:
        raise Invalid(UNREADABLE if error.is_damaged else TOO_LARGE) from error
    name = hashlib.sha256(png).hexdigest()[:16]
    store.put(file_key(name), png, "image/png")
    return name


def file_key(name: str) -> str:
    """Return where the store keeps the logo ``name``; raises ValueError for what is no name."""
    if not NAME.fullmatch(name):
        raise ValueError(f"not the name of a logo: {name!r}")
    return f"town/logo-{name}.png"
