"""The areas of the town: a page for each, and how they compare."""

from flask import Flask

from civic.areas.views import blueprint


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    app.register_blueprint(blueprint)
