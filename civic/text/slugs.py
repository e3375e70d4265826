"""Texts for the end of an address."""

import re

from civic.text.folding import fold

_SEPARATORS = re.compile(r"[^a-z0-9]+")


def slugify(text: str, *, limit: int = 80, fallback: str = "") -> str:
    """Return `text` as lower-case ASCII words joined by dashes, at most `limit` characters.

    Cut between words where possible. `fallback` when no Latin letter or digit is left. Uniqueness
    is the caller's affair.
    """
    slug = _SEPARATORS.sub("-", fold(text)).strip("-")
    if len(slug) > limit:
        head, separator, _ = slug[: limit + 1].rpartition("-")
        slug = head if separator else slug[:limit]
    return slug.strip("-") or fallback
