"""Outside geocoders: off by default, asked only while somebody types, never when they send.

Answers are kept for a month, so that a question is asked once. A geocoder that is slow or away is
an empty answer after two seconds, and is then left alone for a while: a web process answers one
request at a time.
"""

import importlib
import logging
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from queue import Empty, SimpleQueue
from typing import Any
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, build_opener

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic import __version__
from civic.database import read_only, utcnow, writing
from civic.places.addresses import AddressMatch, Fit
from civic.places.geometry import Bounds
from civic.places.models import GeocoderAnswer
from civic.text.address_reading import read_address
from civic.text.addresses import split_number
from civic.text.folding import fold

TIMEOUT_S = 2.0
RESTS_S = 30.0
"""How long a geocoder that did not answer is not asked again."""
MOST_BYTES = 1_000_000
KEPT_FOR = timedelta(days=30)
MOST_ANSWERS = 5
AGENT = f"civic/{__version__}"

log = logging.getLogger(__name__)
_rests_until: dict[str, float] = {}


def geocode(
    engine: Engine, name: str, url: str, text: str, *, within: Bounds, limit: int = MOST_ANSWERS
) -> list[AddressMatch]:
    """Return what the geocoder ``name`` (ban, nominatim, photon) knows of ``text`` in the town.

    ``url`` replaces its usual address. Never raises for what happens outside; keeps its answer in
    a transaction of its own, because the page that asks only reads.
    """
    question = f"{name}:{' '.join(fold(text).split())}"[:300]
    with read_only(), Session(engine) as session:
        kept = session.get(GeocoderAnswer, question)
        if kept is not None and utcnow() - kept.asked_at < KEPT_FOR:
            return [
                AddressMatch(**(v | {"fit": Fit(v.get("fit", Fit.ALIKE))})) for v in kept.answer
            ]
    answers = _ask(name, url, text)
    if answers is None:
        return []
    inside = [match for match in answers if within.holds(match.lat, match.lon)][:limit]
    found = [_with_number(match, text) for match in inside]
    _keep(engine, question, found)
    return found


def _keep(engine: Engine, question: str, found: Sequence[AddressMatch]) -> None:
    answer = [{"label": m.label, "lat": m.lat, "lon": m.lon, "fit": m.fit} for m in found]
    try:
        with writing(), Session(engine) as session, session.begin():
            session.merge(GeocoderAnswer(question=question, answer=answer, asked_at=utcnow()))
    except DBAPIError:
        # Somebody else asked the same, or an import is writing: the answer is as good.
        log.warning("an answer of the geocoder could not be kept")


def _ask(name: str, url: str, text: str) -> list[AddressMatch] | None:
    """Return the answers, None when there was none to be had."""
    if time.monotonic() < _rests_until.get(name + url, 0):
        return None
    try:
        # Before its time begins: the library is loaded now when it was not.
        geocoder = _geocoder(name, url)
        return _in_time(lambda: _answers(geocoder, text[:200]))
    except Exception as error:  # noqa: BLE001 (what strangers answer makes geopy raise anything)
        _rests_until[name + url] = time.monotonic() + RESTS_S
        log.warning("the geocoder %s did not answer: %s", name, type(error).__name__)
        return None


def _in_time(work: Callable[[], list[AddressMatch]]) -> list[AddressMatch]:
    """Return what ``work`` returns; raises what it raises, or TimeoutError.

    In a thread: the time-out of a socket starts anew with each byte, and a name is looked up
    without any.
    """
    done = SimpleQueue[list[AddressMatch] | Exception]()

    def run() -> None:
        try:
            done.put(work())
        except Exception as error:  # noqa: BLE001 (raised again, below)
            done.put(error)

    threading.Thread(target=run, name="geocoder", daemon=True).start()
    try:
        answer = done.get(timeout=TIMEOUT_S)
    except Empty:
        raise TimeoutError(f"no answer within {TIMEOUT_S} s") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _answers(geocoder: Any, text: str) -> list[AddressMatch]:
    places = geocoder.geocode(text, exactly_one=False, timeout=TIMEOUT_S)
    return [
        AddressMatch(label=_plain(place.address), lat=place.latitude, lon=place.longitude)
        for place in places or ()
    ]


def _with_number(match: AddressMatch, asked: str) -> AddressMatch:
    """Return an answer under the number that was typed, when it is about another or none.

    Geocoders answer the street, or the number next door, and do not say so.
    """
    wanted = next((r.house for r in read_address(asked, ()) if r.house.number is not None), None)
    if wanted is None:
        return match
    parts = match.label.split(", ")
    numbers = [split_number(part) for part in parts]
    if any(house[:2] == wanted[:2] for house in numbers):
        return match
    is_in_name = str(wanted.number) in re.findall(r"\d+", match.label)
    if is_in_name and all(house.number != wanted.number for house in numbers):
        return match
    at = next((at for at, house in enumerate(numbers) if house.number is not None), 0)
    other = numbers[at]
    street = other.street or ", ".join(parts[at + 1 : at + 2])
    rest = parts[at + 1 :] if other.street else parts[at + 2 :]
    label = ", ".join([*parts[:at], f"{wanted.label} {street}", *rest])
    tail = f" (près du {other.label})" if other.number is not None else ""
    fit = Fit.NEAR if tail else Fit.STREET
    return replace(match, label=label[: 250 - len(tail)] + tail, fit=fit)


def _plain(label: Any) -> str:
    """A label as it can be stored: each part once, no NUL, no half characters, not too long."""
    text = ", ".join(dict.fromkeys(str(label).split(", ")))
    text = text.replace("\x00", "").encode(errors="replace").decode()
    return text[:250]


class _NoRedirect(HTTPRedirectHandler):
    """A geocoder does not send us elsewhere, least of all into our own network."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        """Take the redirection for the answer, which then is an error."""


# A town that asks no geocoder does not hold their library, which takes 6 MB of each process.
def _geocoder(name: str, url: str) -> Any:
    scheme, _, domain = url.partition("://") if url else ("https", "", "")
    where = {"domain": domain, "scheme": scheme} if domain else {}
    known = {"ban": "BANFrance", "nominatim": "Nominatim", "photon": "Photon"}
    kind = getattr(importlib.import_module("geopy.geocoders"), known[name])
    return kind(user_agent=AGENT, adapter_factory=_adapter(), **where)


@cache
def _adapter() -> Any:
    """Return what takes one answer, of a size that it can have, from the address that was set."""
    base: Any = importlib.import_module("geopy.adapters").URLLibAdapter

    class OneAnswer(base):  # type: ignore[misc]
        def __init__(self, *, proxies: Any, ssl_context: Any) -> None:
            super().__init__(proxies=proxies, ssl_context=ssl_context)
            self.urlopen = build_opener(
                HTTPSHandler(context=ssl_context), ProxyHandler(proxies), _NoRedirect()
            ).open

        def _decode_page(self, page: Any) -> str:
            with page:
                body = page.read(MOST_BYTES + 1)
            if len(body) > MOST_BYTES:
                raise ValueError("the answer is too large")
            return str(body, encoding="utf-8", errors="replace")

    return OneAnswer
