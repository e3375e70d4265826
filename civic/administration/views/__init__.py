"""The pages of the settings."""

from civic.administration.views import areas, home, people, taxonomy, town
from civic.administration.views.blueprint import blueprint

__all__ = ["areas", "blueprint", "home", "people", "taxonomy", "town"]
