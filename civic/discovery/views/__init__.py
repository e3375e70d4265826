"""The pages that find things, one module a page or two."""

from civic.discovery.views import (
    area_pages,
    areas,
    before,
    data,
    home,
    lists,
    lookups,
    map_page,
    open_data,
    robots,
)
from civic.discovery.views.blueprint import blueprint

__all__ = [
    "area_pages",
    "areas",
    "before",
    "blueprint",
    "data",
    "home",
    "lists",
    "lookups",
    "map_page",
    "open_data",
    "robots",
]
