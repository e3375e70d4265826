"""People and their roles: who somebody is, what they may be asked for, how they sign in."""

from flask import Flask

from civic.accounts import schedule, tokens, views

__all__ = ["init_app", "schedule"]


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    tokens.set_key(app.config["SECRET_KEY"])
    views.init_app(app)
