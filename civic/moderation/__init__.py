"""Moderation: what is held, what is decided and why, what is contested, what the public reads."""

from urllib.parse import urlsplit

from flask import Flask

from civic.accounts.signals import account_erased
from civic.contributions.signals import comment_hidden, contribution_redacted, photo_removed
from civic.moderation import listeners, schedule, sections, views
from civic.settings import Settings

__all__ = ["init_app", "schedule"]


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    settings: Settings = app.extensions["civic_settings"]
    app.register_blueprint(views.blueprint)
    listeners.register([urlsplit(settings.public_url).hostname or "localhost"])
    sections.register()
    account_erased.connect(schedule.ask_to_remember)
    contribution_redacted.connect(schedule.ask_to_remember)
    comment_hidden.connect(schedule.ask_to_remember)
    photo_removed.connect(schedule.ask_to_remember)
