"""Pages of accounts."""

from flask import Flask

from civic.accounts.views import account, address, intents, sign_in
from civic.accounts.views.shared import blueprint

__all__ = ["account", "address", "init_app", "intents", "sign_in"]


def init_app(app: Flask) -> None:
    """Serve the pages; a session lasts two months from signing in."""
    app.config.update(PERMANENT_SESSION_LIFETIME=60 * 24 * 3600, SESSION_REFRESH_EACH_REQUEST=False)
    app.register_blueprint(blueprint)
