"""Photos: kept from the first try, cleaned of metadata, shown in the size that the screen asks."""

from flask import Flask, url_for

from civic.attachments import listeners, schedule
from civic.attachments.captions import photo_alt, photo_subject
from civic.attachments.views import blueprint
from civic.storage.photos import SIZES

_ANY = "SIZE"
__all__ = ["init_app", "photo_srcset", "photo_url", "schedule"]


def photo_url(key: str, size: str = "medium", *, external: bool = False) -> str:
    """Return the address of one size of a photo; their names are those of SIZES."""
    return url_for("attachments.show", key=key, size=size, _external=external)


def photo_srcset(key: str, width: int = 0, height: int = 0) -> str:
    """Return every size of a photo with its width, for a browser to choose from.

    ``width`` and ``height`` are those of the largest; without them it is taken for a wide one.
    """
    address = url_for("attachments.show", key=key, size=_ANY)
    longest = max(width, height) or max(SIZES.values())
    widths = {
        round((width or longest) * min(1.0, side / longest)): name
        # Where two are as wide, the smaller name stays.
        for name, side in SIZES.items()
    }
    return ", ".join(
        f"{address.replace(_ANY, name)} {pixels}w" for pixels, name in sorted(widths.items())
    )


def init_app(app: Flask) -> None:
    """Serve photos, offer their addresses to templates, and listen."""
    listeners.connect()
    app.register_blueprint(blueprint)
    app.jinja_env.globals |= {
        "photo_url": photo_url,
        "photo_srcset": photo_srcset,
        "photo_alt": photo_alt,
        "photo_subject": photo_subject,
    }
