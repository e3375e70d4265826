"""What is not kept for ever, and what takes too long for a request."""

from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from civic.database import utcnow
from civic.places.geocoding import KEPT_FOR
from civic.places.models import GeocoderAnswer
from civic.places.reassigning import reassign
from civic.tasks.queue import report
from civic.tasks.schedule import daily, name_of, on_demand


@daily(at="03:30")
def forget_geocoder_answers(session: Session) -> None:
    """Delete what an outside geocoder answered more than a month ago."""
    session.execute(delete(GeocoderAnswer).where(GeocoderAnswer.asked_at < utcnow() - KEPT_FOR))


@on_demand
def reassign_all(session: Session) -> None:
    """Find the area of every placed row anew, and say how far it is."""

    def tell(done: int, of: int) -> None:
        report(session, REASSIGN, 100 * done // max(of, 1))

    reassign(session, tell, session.commit)


REASSIGN: Final = name_of(reassign_all)
