"""Photos: kept from the first try, cleaned of metadata, shown in three sizes."""

from flask import Flask, url_for

from civic.attachments import listeners, schedule
from civic.attachments.captions import photo_alt, photo_subject
from civic.attachments.views import blueprint

__all__ = ["init_app", "photo_url", "schedule"]


def photo_url(key: str, size: str = "medium", *, external: bool = False) -> str:
    """Return the address of one size (small 320, medium 800, large 1600 pixels) of a photo."""
    return url_for("attachments.show", key=key, size=size, _external=external)


def init_app(app: Flask) -> None:
    """Serve photos, offer their addresses to templates, and listen."""
    listeners.connect()
    app.register_blueprint(blueprint)
    app.jinja_env.globals |= {
        "photo_url": photo_url,
        "photo_alt": photo_alt,
        "photo_subject": photo_subject,
    }
