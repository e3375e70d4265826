"""Moderation: what is held, what is decided and why, what is contested, what the public reads."""

from urllib.parse import urlsplit

from flask import Flask

from civic.moderation import listeners, sections, views
from civic.settings import Settings


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    settings: Settings = app.extensions["civic_settings"]
    app.register_blueprint(views.blueprint)
    listeners.register([urlsplit(settings.public_url).hostname or "localhost"])
    sections.register()
