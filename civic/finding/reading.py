"""Reading a filter from an address: what is unknown is left out, and said."""

from dataclasses import replace

from sqlalchemy.orm import Session

from civic.contributions.map_layers import map_layers
from civic.finding.filters import Args, ContributionFilter
from civic.finding.names import names_of
from civic.web.left_out import say_left_out

PARAMETERS = (
    "kind",
    "category",
    "department",
    "area",
    "type",
    "status",
    "period",
    "since",
    "until",
    "bbox",
    "near",
    "sort",
)
"""The parameters of an address that a filter is read from."""


def read_filter(session: Session, args: Args) -> tuple[ContributionFilter, list[str]]:
    """Return the filter of ``args`` without what this town does not know, and what was left out.

    What was left out is told in the language of the page.
    """
    asked = _known(session, ContributionFilter.from_args(args))
    ignored: list[tuple[str, str]] = []
    kept = asked.to_args()
    for name in PARAMETERS:
        accepted = kept.get(name)
        for value in _given(args, name):
            taken = value in accepted if isinstance(accepted, list) else accepted is not None
            if not taken:
                ignored.append((name, value))
    return asked, say_left_out(ignored)


def _known(session: Session, asked: ContributionFilter) -> ContributionFilter:
    """Leave out the codes and slugs that nothing in this town has."""
    names = names_of(session)
    statuses = {
        status.code for kind in map_layers.kinds().values() for status in kind.workflow.statuses
    }
    return replace(
        asked,
        categories=tuple(code for code in asked.categories if names.category(code)),
        department=asked.department if names.department(asked.department) else "",
        area=asked.area if names.area_ids(asked.area) else "",
        statuses=tuple(code for code in asked.statuses if code in statuses),
    )


def _given(args: Args, name: str) -> list[str]:
    """Return the values that the address gives for ``name``, empty ones left out."""
    values = [str(value) for value in args.getlist(name)]
    if name not in {"bbox", "near"}:
        values = [part for value in values for part in value.split(",")]
    return [value.strip() for value in values if value.strip()]
