"""Published actions on the town's map."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, literal_column, select, true
from sqlalchemy.orm import Session

from civic.actions.models import Action
from civic.actions.workflow import WORKFLOW
from civic.contributions.map_layers import NO_CATEGORY, MapLayer, map_layers
from civic.contributions.workflow import Workflow
from civic.i18n import N_
from civic.text.folding import fold


@dataclass(frozen=True, slots=True)
class ActionKind:
    """How the map names actions."""

    code: str = "action"
    label: str = N_("Action de la ville")
    label_plural: str = N_("Actions de la ville")
    icon: str = "cone-striped"
    blueprint: str = "actions"
    workflow: Workflow = WORKFLOW


def register() -> None:
    """Put the published actions on the map."""
    map_layers.register(LAYER)


def _holds_words(session: Session, text: str) -> ColumnElement[bool]:
    """Find the words in what is said of an action; a town has hundreds of them, not millions."""
    words = fold(text).split()
    rows = session.execute(select(Action.id, Action.title, Action.body, Action.address))
    found = []
    for key, *texts in rows:
        told = fold(" ".join(texts))
        if all(word in told for word in words):
            found.append(key)
    condition: ColumnElement[bool] = _id().in_(found)
    return condition


def _id() -> Any:
    return Action.__table__.c.id


LAYER = MapLayer(
    model=Action,
    kinds=lambda: (ActionKind(),),
    kind=literal_column("'action'"),
    category_id=NO_CATEGORY,
    status=Action.status,
    status_type=Action.status_type,
    title=Action.title,
    address=Action.address,
    area_id=Action.area_id,
    department_id=Action.department_id,
    cell=Action.cell,
    lat=Action.lat,
    lon=Action.lon,
    at=Action.created_at,
    moved_at=Action.status_since,
    key=Action.slug,
    parameter="slug",
    is_visible=Action.is_published == true(),
    tracked=frozenset(
        {
            "is_published",
            "department_id",
            "area_id",
            "status",
            "status_type",
            "created_at",
            "cell",
            "lat",
            "lon",
        }
    ),
    text_condition=_holds_words,
)
