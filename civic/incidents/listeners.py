"""What incidents do by themselves when something happens around them."""

from typing import Any

from sqlalchemy.orm import Session

from civic.contributions.models import Contribution
from civic.contributions.signals import vote_cast
from civic.incidents.models import Incident
from civic.incidents.operations import confirm_by_neighbours


def connect() -> None:
    """Listen; listening twice changes nothing."""
    vote_cast.connect(_count_neighbours)


def _count_neighbours(session: Session, contribution: Contribution, **_: Any) -> None:
    if isinstance(contribution, Incident):
        confirm_by_neighbours(session, contribution)
