"""The town's logo: decoded, made small and written anew, so that only pixels are kept."""

import hashlib
import io
import re
from typing import IO

from PIL import Image, ImageOps

from civic.errors import Invalid
from civic.i18n import N_
from civic.storage.files import FileStore

SIDE = 192
MOST_BYTES = 2_000_000
MOST_PIXELS = 25_000_000
NAME = re.compile(r"[0-9a-f]{16}")


def keep(store: FileStore, source: IO[bytes]) -> str:
    """Keep a PNG, WebP or JPEG as a PNG of at most 192 pixels; return its name.

    Raises Invalid for a file that is too heavy, too large or none of these.
    """
    data = source.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Invalid(N_("Ce fichier dépasse 2 Mo. Choisissez un logo plus léger."))
    try:
        picture = Image.open(io.BytesIO(data), formats=("PNG", "WEBP", "JPEG"))
        fits = picture.width * picture.height <= MOST_PIXELS
        small = ImageOps.exif_transpose(picture).convert("RGBA") if fits else None
    except Exception as error:  # decoders of broken files raise anything
        raise Invalid(
            N_("Ce fichier n’est pas une image lisible. Envoyez un logo PNG, WebP ou JPEG.")
        ) from error
    if small is None:
        raise Invalid(N_("Cette image est trop grande. Réduisez-la, puis envoyez-la de nouveau."))
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    clean = Image.new("RGBA", small.size)
    clean.paste(small)
    out = io.BytesIO()
    clean.save(out, "PNG", optimize=True)
    png = out.getvalue()
    name = hashlib.sha256(png).hexdigest()[:16]
    store.put(file_key(name), png, "image/png")
    return name


def file_key(name: str) -> str:
    """Return where the store keeps the logo ``name``; raises ValueError for what is no name."""
    if not NAME.fullmatch(name):
        raise ValueError(f"not the name of a logo: {name!r}")
    return f"town/logo-{name}.png"
