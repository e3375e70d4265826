"""What the map shows of one tile: clusters with exact counts, and single things where few.

A data tile is 512 pixels wide: tile z/x/y of the ordinary numbering is what a screen at zoom z + 1
shows on 512 pixels. It is cut in 8 by 8 cells; a cell with several things in it is a cluster.

What only kind, category and status type narrow is read from the counts; everything else is counted
from the indexes of the table, over the tile alone.
"""

from civic.discovery.map_data.clusters import pyramid
from civic.discovery.map_data.reading import is_counted
from civic.discovery.map_data.shapes import Cluster, Single, TileData, Totals
from civic.discovery.map_data.tiles import tile_body, tile_data
from civic.discovery.map_data.totals import totals

__all__ = [
    "Cluster",
    "Single",
    "TileData",
    "Totals",
    "is_counted",
    "pyramid",
    "tile_body",
    "tile_data",
    "totals",
]
