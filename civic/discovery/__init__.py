"""Finding what there is: the home page, the map, the lists, the search."""

from flask import Flask

from civic.contributions import indexing
from civic.contributions.map_layers import map_layers
from civic.discovery import counts


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``; every layer of the map has been registered by then."""
    for layer in map_layers:
        counts.listen(layer)
    indexing.listen()
