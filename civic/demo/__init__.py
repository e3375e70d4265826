"""The demo town, made of real reports."""

from flask import Flask

from civic.demo import gallery
from civic.demo.views import blueprint
from civic.settings import Settings


def init_app(app: Flask) -> None:
    """Serve the page of the demo, in the demo only."""
    settings: Settings = app.extensions["civic_settings"]
    if settings.demo:
        app.register_blueprint(blueprint)
        app.register_blueprint(gallery.blueprint)
