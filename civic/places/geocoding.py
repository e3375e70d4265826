"""Outside geocoders: off by default, asked only while somebody types, never when they send.

Answers are kept for a month, so that a question is asked once; a geocoder that is slow or away is
an empty answer after two seconds.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from geopy.exc import GeopyError
from geopy.geocoders import BANFrance, Nominatim, Photon
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from civic import __version__
from civic.database import utcnow, writing
from civic.places.addresses import AddressMatch
from civic.places.geometry import Bounds
from civic.places.models import GeocoderAnswer
from civic.text.folding import fold

TIMEOUT_S = 2.0
KEPT_FOR = timedelta(days=30)
MOST_ANSWERS = 5
AGENT = f"civic/{__version__}"

log = logging.getLogger(__name__)


def geocode(
    engine: Engine, name: str, url: str, text: str, *, within: Bounds, limit: int = MOST_ANSWERS
) -> list[AddressMatch]:
    """Return what the geocoder ``name`` (ban, nominatim, photon) knows of ``text`` in the town.

    ``url`` replaces its usual address. Never raises for what happens outside; keeps its answer in
    a transaction of its own, because the page that asks only reads.
    """
    question = f"{name}:{' '.join(fold(text).split())}"[:300]
    with writing(), Session(engine) as session, session.begin():
        kept = session.get(GeocoderAnswer, question)
        if kept is not None and utcnow() - kept.asked_at < KEPT_FOR:
            return [AddressMatch(**values) for values in kept.answer]
    answers = _ask(name, url, text)
    if answers is None:
        return []
    found = [match for match in answers if within.holds(match.lat, match.lon)][:limit]
    with writing(), Session(engine) as session, session.begin():
        session.merge(
            GeocoderAnswer(
                question=question,
                answer=[{"label": m.label, "lat": m.lat, "lon": m.lon} for m in found],
                asked_at=utcnow(),
            )
        )
    return found


def _ask(name: str, url: str, text: str) -> list[AddressMatch] | None:
    """Return the answers, None when there was none to be had."""
    try:
        places: Sequence[Any] | None = _geocoder(name, url).geocode(
            text[:200], exactly_one=False, timeout=TIMEOUT_S
        )
    except (GeopyError, ValueError, KeyError) as error:
        log.warning("the geocoder %s did not answer: %s", name, type(error).__name__)
        return None
    return [
        AddressMatch(label=str(place.address)[:250], lat=place.latitude, lon=place.longitude)
        for place in places or ()
    ]


def _geocoder(name: str, url: str) -> Any:
    scheme, _, domain = url.partition("://") if url else ("https", "", "")
    where = {"domain": domain, "scheme": scheme} if domain else {}
    return {"ban": BANFrance, "nominatim": Nominatim, "photon": Photon}[name](
        user_agent=AGENT, **where
    )
