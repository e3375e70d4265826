"""How often one person may write: shared limits, named after what they protect."""

from flask import Flask, request

from civic.extensions import limiter
from civic.settings import Settings

WRITE = "60 per minute; 600 per hour"
SUBMIT = "10 per minute; 60 per hour"
MAIL = "5 per 10 minutes; 20 per day"
SIGN_IN = "15 per 10 minutes; 60 per day"
VOTE = "120 per minute"
TYPING = "240 per minute"

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


def init_app(app: Flask, settings: Settings) -> None:
    """Count in memory in one process, in Redis where there are several."""
    app.config.update(
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_STRATEGY="moving-window" if settings.redis_url else "fixed-window",
        RATELIMIT_HEADERS_ENABLED=True,
        RATELIMIT_KEY_PREFIX="civic",
    )
    limiter.init_app(app)

    @limiter.request_filter
    def reading_costs_nothing() -> bool:
        return request.method in {"HEAD", "OPTIONS"}
