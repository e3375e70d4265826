"""The blueprint, and who is let in."""

from flask import Blueprint

from civic.desk.filters import PAST, VIEWS
from civic.desk.queries import SORTS
from civic.web.access import Entry, entry_for

blueprint = Blueprint("desk", __name__)
desk_people = entry_for(Entry.AGENT, Entry.MEDIATOR)


@blueprint.context_processor
def words() -> dict[str, object]:
    """Offer the names of the views and orders."""
    return {"VIEWS": VIEWS, "PAST": PAST, "SORTS": SORTS}
