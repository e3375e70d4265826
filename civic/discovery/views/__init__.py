"""The pages that find things, one module a page or two."""

from civic.discovery.views import areas, data, home, lists, map_page
from civic.discovery.views.blueprint import blueprint

__all__ = ["areas", "blueprint", "data", "home", "lists", "map_page"]
