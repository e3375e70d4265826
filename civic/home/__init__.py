"""The first page."""

from flask import Flask

from civic.home.views import blueprint


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    app.register_blueprint(blueprint)
