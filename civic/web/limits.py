"""How often one person may write: shared limits, named after what they protect."""

import logging

from flask import Flask, request
from flask_limiter.util import get_remote_address
from limits import parse_many

from civic.extensions import limiter
from civic.settings import Settings

WRITE = "60 per minute; 600 per hour"
SUBMIT = "10 per minute; 60 per hour"
MAIL = "5 per 10 minutes; 20 per day"
SIGN_IN = "15 per 10 minutes; 60 per day"
VOTE = "120 per minute"
TYPING = "240 per minute"
PHOTOS = "60 per 10 minutes; 600 per day"
REDIS_S = 1
"""A Redis that does not answer within so many seconds is away."""

log = logging.getLogger(__name__)

write_limit = limiter.shared_limit(WRITE, scope="write", methods=["POST"])
"""For every write that has no narrower limit."""

submit_limit = limiter.shared_limit(SUBMIT, scope="submit", methods=["POST"])
"""For reports, ideas, comments and flags."""

mail_limit = limiter.shared_limit(MAIL, scope="mail", methods=["POST"])
"""For everything that sends a mail to an address somebody typed."""

sign_in_limit = limiter.shared_limit(SIGN_IN, scope="sign-in", methods=["POST"])
"""For everything where somebody could guess: codes, links, passwords."""

vote_limit = limiter.shared_limit(VOTE, scope="vote", methods=["POST"])
"""For votes and follows."""

typing_limit = limiter.shared_limit(TYPING, scope="typing")
"""For answers given while somebody types: addresses, near duplicates."""


def within(limit: str, scope: str, cost: int) -> bool:
    """Count ``cost`` things sent by whoever asks; say whether they are within ``limit``."""
    if not limiter.enabled or not cost:
        return True
    who = get_remote_address()
    try:
        counted = [limiter.limiter.hit(one, scope, who, cost=cost) for one in parse_many(limit)]
    except Exception:  # each store has errors of its own
        log.exception("what was sent could not be counted")
        return True
    return all(counted)


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
        RATELIMIT_HEADERS_ENABLED=True,
        RATELIMIT_KEY_PREFIX="civic",
    )
    limiter.init_app(app)

    @limiter.request_filter
    def reading_costs_nothing() -> bool:
        return request.method in {"HEAD", "OPTIONS"}
