"""What ideas do by themselves when something happens around them."""

from typing import Any

from sqlalchemy.orm import Session

from civic.contributions.models import Contribution
from civic.contributions.signals import vote_cast
from civic.ideas.models import Idea
from civic.ideas.operations import review_if_supported


class _Threshold:
    """How many supports put an idea under review, from the settings of this process."""

    value = 50


def connect(*, threshold: int) -> None:
    """Listen; listening twice changes nothing."""
    _Threshold.value = threshold
    vote_cast.connect(_review)


def _review(session: Session, contribution: Contribution, **_: Any) -> None:
    if isinstance(contribution, Idea):
        review_if_supported(session, contribution, threshold=_Threshold.value)
