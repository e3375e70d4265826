"""A town with many things on its map."""

from datetime import timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from civic.actions.models import Action
from civic.contributions.indexing import rebuild_index
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.workflow import StatusType
from civic.counting.listeners import note_everything
from civic.database import utcnow
from civic.places.geometry import Position, morton_cell
from civic.places.models import Area
from civic.taxonomy.models import Category, Department
from tests.factories import CENTRE

HOT = [CENTRE, Position(48.1101, -1.6801), Position(48.1150, -1.6700)]


def make_action(session: Session, position: Position | None = CENTRE, slug: str = "rue") -> Action:
    department = session.scalars(select(Department)).first()
    assert department is not None
    action = Action(
        slug=slug,
        title="Éclairer la rue",
        status="planned",
        status_type=StatusType.OPEN,
        department=department,
        lat=position.lat if position else None,
        lon=position.lon if position else None,
        cell=morton_cell(position.lat, position.lon) if position else None,
    )
    session.add(action)
    session.commit()
    return action


def town_of_many(session: Session) -> None:
    """Contributions as towns have them: hot spots, a spread, some without a place."""
    categories = session.scalars(select(Category).order_by(Category.id)).all()
    areas = session.scalars(select(Area).order_by(Area.id)).all()
    departments = session.scalars(select(Department).order_by(Department.id)).all()
    now = utcnow()
    rows = []
    for n in range(400):
        kind = "idea" if n % 4 == 0 else "incident"
        category = categories[n % len(categories)]
        kind_type = list(StatusType)[n % 3]
        if n % 9 == 0:
            place = None
        elif n % 2:
            place = HOT[n % 3]
        else:
            place = Position(48.1 + (n * 37 % 200) / 1e4, -1.7 + (n * 91 % 400) / 1e4)
        state = ModerationState.PUBLISHED if n % 7 else ModerationState.HELD
        rows.append(
            {
                "kind": kind,
                "reference": f"T-{n}",
                "title": f"Lampadaire {n}" if n % 5 else f"Banc {n}",
                "status": "received" if kind == "incident" else "gathering",
                "status_type": kind_type.value,
                "moderation_state": state.value,
                "category_id": category.id,
                "department_id": departments[n % 3].id,
                "area_id": areas[n % 3].id if n % 8 else None,
                "submitted_at": now - timedelta(days=n),
                "lat": place.lat if place else None,
                "lon": place.lon if place else None,
                "cell": morton_cell(place.lat, place.lon) if place else None,
            }
        )
    session.execute(insert(Contribution.__table__), rows)  # type: ignore[arg-type]
    note_everything(session)
    rebuild_index(session)
    session.commit()
    for n, position in enumerate([*HOT, None]):
        make_action(session, position, slug=f"action-{n}")
