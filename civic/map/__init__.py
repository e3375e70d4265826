"""The map: its page, its picture, its tiles and cards, its background."""

from flask import Flask

from civic.map.config import map_config
from civic.map.own_tiles import require_own_tiles
from civic.map.views import blueprint


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    require_own_tiles(app.extensions["civic_settings"])
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(map_config=map_config)
