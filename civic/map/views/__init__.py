"""The map: its page, and what its script asks for."""

from civic.map.views import data, page
from civic.map.views.blueprint import blueprint

__all__ = ["blueprint", "data", "page"]
