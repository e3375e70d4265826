"""What is not kept for ever."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from civic.database import utcnow
from civic.places.geocoding import KEPT_FOR
from civic.places.models import GeocoderAnswer
from civic.tasks.schedule import daily


@daily(at="03:30")
def forget_geocoder_answers(session: Session) -> None:
    """Delete what an outside geocoder answered more than a month ago."""
    session.execute(delete(GeocoderAnswer).where(GeocoderAnswer.asked_at < utcnow() - KEPT_FOR))
