"""Finding what there is: the home page, the map, the lists, the search."""

from flask import Flask

from civic.contributions import indexing
from civic.contributions.map_layers import map_layers
from civic.contributions.similar_registry import register_finder
from civic.discovery import counts, schedule, views
from civic.discovery.list_cards import icon_markup
from civic.discovery.map_config import map_config
from civic.discovery.own_tiles import require_own_tiles
from civic.discovery.similar import find_near_duplicates

__all__ = ["init_app", "schedule"]


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``; every layer of the map has been registered by then."""
    require_own_tiles(app.extensions["civic_settings"])
    for layer in map_layers:
        counts.listen(layer)
    indexing.listen()
    views.before.init_app(app)
    app.register_blueprint(views.blueprint)
    register_finder(find_near_duplicates)
    app.jinja_env.globals.update(map_config=map_config, icon_markup=icon_markup)
