"""What is counted on the map: clusters, tiles and totals, whatever is asked."""

from flask import Flask

from civic.contributions.map_layers import map_layers
from civic.counting import before, counts


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``; every layer of the map has been registered by then."""
    for layer in map_layers:
        counts.listen(layer)
    before.init_app(app)
