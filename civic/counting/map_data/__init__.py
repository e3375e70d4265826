"""What the map shows of one tile: clusters with exact counts, and single things where few.

A data tile is 512 pixels wide: tile z/x/y of the ordinary numbering is what a screen at zoom z + 1
shows on 512 pixels. It is cut in 8 by 8 cells; a cell with several things in it is a cluster.

What the counts know is read from them (see :mod:`civic.counting.map_data.reading`); everything
else is counted from the indexes of the table, over the tile alone.
"""

from civic.counting.map_data.clusters import pyramid
from civic.counting.map_data.found import Found, FoundBefore
from civic.counting.map_data.reading import Kept, is_in_counts, known_to_counts
from civic.counting.map_data.shapes import Cluster, Single, TileData, Totals
from civic.counting.map_data.tiles import tile_body, tile_data
from civic.counting.map_data.totals import totals
from civic.counting.map_data.within import count_within

__all__ = [
    "Cluster",
    "Found",
    "FoundBefore",
    "Kept",
    "Single",
    "TileData",
    "Totals",
    "count_within",
    "is_in_counts",
    "known_to_counts",
    "pyramid",
    "tile_body",
    "tile_data",
    "totals",
]
