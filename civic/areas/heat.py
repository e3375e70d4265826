"""How the areas of the town compare: density, days to resolve, support; what each one's step is."""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from civic.areas.queries import AreaFigures, list_area_figures
from civic.finding.names import AreaName, names_of
from civic.i18n import N_
from civic.places.drawn import list_drawn_areas
from civic.places.models import AreaLevel
from civic.text.order import as_counted

STEPS = 5
MEASURES = {
    "density": N_("Signalements au km²"),
    "days": N_("Jours pour régler"),
    "support": N_("Soutiens pour 1 000 habitants"),
}
EXPLANATIONS = {
    "density": N_("Combien de signalements les 12 derniers mois, pour une même surface."),
    "days": N_(
        "Le délai médian des signalements des 12 derniers mois qui sont réglés : la moitié l’ont "
        "été plus vite."
    ),
    "support": N_(
        "Combien de soutiens ont reçu les contributions des 12 derniers mois, pour un même nombre "
        "d’habitants."
    ),
}


@dataclass(frozen=True, slots=True)
class Scale:
    """One measure over all areas, in steps that each hold about as many of them."""

    values: dict[str, float | None]
    """By the slug of the area, rounded as it is shown; None where nothing is known."""
    limits: list[float] = field(default_factory=list)
    """The upper ends of the steps, rising."""

    @classmethod
    def of(cls, values: dict[str, float | None]) -> "Scale":
        """Return the scale that fits ``values``."""
        shown = {slug: _rounded(value) for slug, value in values.items()}
        return cls(shown, _limits([value for value in shown.values() if value is not None]))

    def step(self, slug: str) -> int:
        """Return 0 for what is not known, else 1 to STEPS."""
        value = self.values[slug]
        return 0 if value is None else self.step_of(value)

    def step_of(self, value: float) -> int:
        """Return the step of a value, from 1 to STEPS; the highest is always STEPS."""
        at = next((n for n, limit in enumerate(self.limits) if value <= limit), -1)
        return STEPS if at < 0 else at + 1 + STEPS - len(self.limits)

    def legend(self) -> list[tuple[int, float]]:
        """Return each step with its upper end."""
        return [(self.step_of(limit), limit) for limit in self.limits]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The areas that are compared, with the scale of each measure there are figures for."""

    figures: list[AreaFigures]
    scales: dict[str, Scale]


def compare(session: Session) -> Comparison:
    """Return the figures of the last twelve months of the areas that are compared."""
    chosen = {area.id for area in compared(session)}
    areas = [area for area in list_drawn_areas(session) if area.id in chosen]
    areas.sort(key=lambda area: as_counted(area.name))
    figures = list_area_figures(session, areas)
    return Comparison(
        figures,
        {
            measure: Scale.of({each.area.slug: value_of(each, measure) for each in figures})
            for measure in measures(session)
        },
    )


def compared(session: Session) -> list[AreaName]:
    """Return the finest division of the town that has at least two parts; else the town."""
    found: list[AreaName] = []
    for level in (AreaLevel.NEIGHBOURHOOD, AreaLevel.DISTRICT, AreaLevel.TOWN):
        found = [area for area in names_of(session).areas.values() if area.level is level]
        if len(found) > 1:
            break
    return found


def measures(session: Session) -> list[str]:
    """Return what areas are compared by: support only where it is known how many live there."""
    has_people = any(area.population for area in compared(session))
    return [code for code in MEASURES if code != "support" or has_people]


def value_of(figures: AreaFigures, measure: str) -> float | None:
    """Return one figure of an area, by its name in MEASURES."""
    if measure == "days":
        return figures.median_days
    return figures.support if measure == "support" else figures.density


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1 if value < 100 else 0)


def _limits(values: list[float]) -> list[float]:
    ordered = sorted(values)
    if not ordered:
        return []
    ends = [ordered[min(len(ordered) * n // STEPS, len(ordered) - 1)] for n in range(1, STEPS)]
    return sorted({*ends, ordered[-1]})
