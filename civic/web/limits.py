"""How often one may write: named after what is protected.

Tight for one person, known by the account; loose for a network, which a school, a library or the
subscribers of a mobile operator share. What has to be tight for a visitor is counted where it
hits: mails by the mailbox, tries by the code or the account (civic.accounts.operations).
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar, cast

from flask import Flask, current_app, request
from limits import parse_many

from civic.extensions import limiter
from civic.settings import Settings
from civic.web.networks import caller_network

View = TypeVar("View", bound=Callable[..., Any])


class Limit(NamedTuple):
    """How much is taken from one account, and from one network."""

    person: str
    network: str


WRITE = Limit("60 per minute; 600 per hour", "600 per minute; 6000 per hour")
SUBMIT = Limit("10 per minute; 60 per hour", "60 per minute; 600 per hour")
MAIL = Limit("5 per 10 minutes; 20 per day", "100 per 10 minutes; 1000 per day")
SIGN_IN = Limit("15 per 10 minutes; 60 per day", "200 per 10 minutes; 2000 per day")
VOTE = Limit("120 per minute", "1200 per minute")
TYPING = Limit("240 per minute", "2400 per minute")
PHOTOS = Limit("60 per 10 minutes; 600 per day", "300 per 10 minutes; 3000 per day")
REDIS_S = 1
"""A Redis that does not answer within so many seconds is away."""

log = logging.getLogger(__name__)


def _limited(limit: Limit, scope: str, methods: list[str] | None) -> Callable[[View], View]:
    by_person = limiter.shared_limit(
        limit.person,
        scope=f"{scope}-person",
        key_func=_person,
        exempt_when=lambda: not _person(),
        methods=methods,
    )
    by_network = limiter.shared_limit(
        limit.network, scope=scope, key_func=caller_network, methods=methods
    )

    def mark(view: View) -> View:
        return cast("View", by_person(by_network(view)))

    return mark


def _person() -> str:
    """Return whose limits count beside those of the network; empty for a visitor."""
    key: str = current_app.extensions["civic_caller"]().key
    return key


write_limit = _limited(WRITE, "write", ["POST"])
"""For every write that has no narrower limit."""

submit_limit = _limited(SUBMIT, "submit", ["POST"])
"""For reports, ideas, comments and flags."""

mail_limit = _limited(MAIL, "mail", ["POST"])
"""For everything that sends a mail to an address somebody typed."""

sign_in_limit = _limited(SIGN_IN, "sign-in", ["POST"])
"""For everything where somebody could guess: codes, links, passwords."""

vote_limit = _limited(VOTE, "vote", ["POST"])
"""For votes and follows."""

typing_limit = _limited(TYPING, "typing", None)
"""For answers given while somebody types: addresses, near duplicates."""


def refused_until(limit: Limit, scope: str, cost: int) -> datetime | None:
    """Count ``cost`` things sent by whoever asks; return until when that is too much, or None."""
    if not limiter.enabled or not cost:
        return None
    person = _person()
    asked = [(one, scope, caller_network()) for one in parse_many(limit.network)]
    if person:
        asked += [(one, f"{scope}-person", person) for one in parse_many(limit.person)]
    try:
        passed = [one for one in asked if not limiter.limiter.hit(*one, cost=cost)]
        ends = [limiter.limiter.get_window_stats(*one).reset_time for one in passed]
    except Exception:  # each store has errors of its own
        log.exception("what was sent could not be counted")
        return None
    return datetime.fromtimestamp(max(ends), UTC) if ends else None


def again_at() -> datetime | None:
    """Return when whoever was just refused may try again, None where no limit was in the way."""
    ends = [one.window.reset_time for one in limiter.current_limits if one.breached]
    return datetime.fromtimestamp(max(ends), UTC) if ends else None


def init_app(app: Flask, settings: Settings) -> None:
    """Count in memory in one process, in Redis where there are several.

    While Redis is away each process counts for itself: nobody is kept from writing.
    """
    timeouts = {"socket_connect_timeout": REDIS_S, "socket_timeout": REDIS_S}
    app.config.update(
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_STORAGE_OPTIONS=timeouts if settings.redis_url else {},
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(settings.redis_url),
        RATELIMIT_STRATEGY="moving-window" if settings.redis_url else "fixed-window",
        RATELIMIT_KEY_PREFIX="civic",
    )
    limiter.init_app(app)

    @limiter.request_filter
    def reading_costs_nothing() -> bool:
        return request.method == "OPTIONS"
