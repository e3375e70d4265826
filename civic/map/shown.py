"""What the page of the map is about."""

from dataclasses import dataclass
from typing import Any

from flask import url_for

from civic.finding.filters import ContributionFilter
from civic.places.projection import View


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page is about: the filter, the view, and whether the view narrows the list."""

    asked: ContributionFilter
    view: View
    inside: bool
    heat: str
    """A measure of :mod:`civic.areas.heat` that colours the areas; empty where none does."""

    def url(self, asked: ContributionFilter | None = None, view: View | None = None) -> str:
        """Return the address of the page with another filter or view."""
        values = (asked or self.asked).to_args() | self.place(view)
        return url_for("map.index", **values)

    def place(self, view: View | None = None) -> dict[str, Any]:
        """Return the query of the view: where, whether the list keeps to it, which colours."""
        values = (view or self.view).to_args()
        values |= {"inside": 1} if self.inside else {}
        return values | ({"heat": self.heat} if self.heat else {})
