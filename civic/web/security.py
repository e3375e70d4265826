"""Headers that keep a page to itself: no inline code, no third party but the town's own tiles."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request

from civic.settings import Settings

NO_DOCUMENTS = frozenset({"text/css", "text/javascript", "application/javascript", "font/woff2"})
"""What no browser shows as a page: the rules for pages would only make it heavier."""
SECRETS = frozenset({"token", "receipt"})
"""The parts of an address that open something to whoever knows them."""
_LONGEST_PLAIN = 24
TILE_HOSTS = {"ign": "https://data.geopf.fr", "osm": "https://tile.openstreetmap.org"}


def content_security_policy(settings: Settings) -> str:
    """Return the policy that holds on every page; the tile server is the one exception."""
    images = ["'self'", "data:", "blob:"]
    tiles = _tile_origin(settings.tiles)
    if tiles:
        images.append(tiles)
    return "; ".join(
        (
            "default-src 'none'",
            "base-uri 'none'",
            "connect-src 'self'",
            "font-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            f"img-src {' '.join(images)}",
            "manifest-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "worker-src 'self'",
        )
    )


def init_app(app: Flask, settings: Settings) -> None:
    """Set cookies and headers."""
    app.config.update(
        SESSION_COOKIE_NAME="civic_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        REMEMBER_COOKIE_NAME="civic_remember",
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=settings.is_https,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.is_https,
        MAX_CONTENT_LENGTH=5 * (settings.photo_max_bytes + 1) + 1_000_000,
        MAX_FORM_MEMORY_SIZE=1_000_000,
        MAX_FORM_PARTS=1000,
    )
    policy = content_security_policy(settings)

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("X-Content-Type-Options", "nosniff")
        if settings.is_https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if response.mimetype in NO_DOCUMENTS:
            return response
        if not SECRETS.isdisjoint(request.view_args or ()):
            headers["Cache-Control"] = "no-store"
            headers["X-Robots-Tag"] = "noindex"
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault(
            "Permissions-Policy", "geolocation=(self), camera=(self), microphone=(), payment=()"
        )
        if response.mimetype == "text/html":
            headers.setdefault("Cache-Control", "private, no-cache")
            response.vary.update(("Accept-Language", "Cookie", "HX-Request"))
        return response


def masked_path(path: str, parts: Mapping[str, Any] | None) -> str:
    """Return ``path`` as a log may keep it: without what opens something to whoever reads it.

    ``parts`` are those that the route found. A long piece of an address that no route knows may be
    a token as well.
    """
    secret = {str(value) for name, value in (parts or {}).items() if name in SECRETS}
    pieces = path.split("/")
    return "/".join("…" if len(one) > _LONGEST_PLAIN or one in secret else one for one in pieces)


def _tile_origin(tiles: str) -> str:
    if tiles in TILE_HOSTS:
        return TILE_HOSTS[tiles]
    if tiles.startswith("https://"):
        parts = urlsplit(tiles)
        return f"https://{parts.netloc.replace('{s}', '*')}"
    return ""
