"""Who hears of what, as rows first; mail delivered later by the worker."""

from flask import Flask

from civic.notifications import (
    account_listeners,
    choosing,
    listeners,
    mailbox,
    overview,
    schedule,
    staff,
    views,
)

__all__ = ["choosing", "init_app", "schedule"]


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    app.register_blueprint(views.blueprint)
    mailbox.init_app(app)
    listeners.connect()
    account_listeners.connect()
    staff.connect()
    overview.register()
