"""What forms ask while somebody types: contributions that may be the same."""

from typing import Any

from flask import Blueprint, render_template, request

from civic.contributions.kinds import kinds
from civic.database import utcnow
from civic.extensions import db
from civic.places.geometry import Position
from civic.similar.queries import Sketch, find_similar
from civic.taxonomy.models import Category
from civic.taxonomy.queries import find_category
from civic.text.ids import read_id
from civic.web.access import public
from civic.web.limits import typing_limit

SHORTEST_TITLE = 6

blueprint = Blueprint("similar", __name__)


@blueprint.get("/similar")
@public
@typing_limit
def index() -> str:
    """Show, inside the form, what may be the same as what is being written."""
    kind = request.args.get("kind", "")
    title = request.args.get("title", "").replace("\x00", "")[:200].strip()
    position = _position(request.args)
    if kind not in kinds or (position is None and len(title) < SHORTEST_TITLE):
        return ""
    sketch = Sketch(
        kind=kinds[kind],
        title=title,
        body="",
        category=_category(request.args.get("category", "")),
        position=position,
    )
    found = find_similar(db.session(), sketch)
    return render_template("similar/_similar.html", kind=sketch.kind, found=found, now=utcnow())


def _position(args: Any) -> Position | None:
    try:
        return Position(float(args.get("lat", "")), float(args.get("lon", "")))
    except ValueError:
        return None


def _category(value: str) -> Category | None:
    session = db.session()
    number = read_id(value)
    if number is not None:
        return session.get(Category, number)
    return find_category(session, value) if value else None
