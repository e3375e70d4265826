"""The town, its areas, its streets and addresses; points and outlines in WGS84 degrees."""

from flask import Flask

from civic.places import schedule, spoken
from civic.places.views import blueprint

__all__ = ["init_app", "schedule"]


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    app.register_blueprint(blueprint)
    spoken.listen(app)
