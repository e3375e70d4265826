"""The pages of areas."""

from civic.areas.views import comparison, pages
from civic.areas.views.blueprint import blueprint

__all__ = ["blueprint", "comparison", "pages"]
