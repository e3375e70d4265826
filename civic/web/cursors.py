"""Where a keyset page goes on, as one short text in the address."""

from datetime import datetime

_SEPARATOR = "~"


def write_cursor(*values: datetime | int | str | None) -> str:
    """Return ``values`` as one text; None becomes an empty part."""
    return _SEPARATOR.join(
        value.isoformat() if isinstance(value, datetime) else "" if value is None else str(value)
        for value in values
    )


def read_cursor(text: str, *types: type) -> tuple[object, ...] | None:
    """Return what :func:`write_cursor` was given, or None for anything else.

    ``types`` are ``datetime``, ``int`` and ``str``; numbers fit the database, moments are aware.
    """
    parts = text.split(_SEPARATOR) if text else []
    if len(parts) != len(types):
        return None
    try:
        return tuple(_read(part, kind) for part, kind in zip(parts, types, strict=True))
    except (ValueError, OverflowError):
        return None


def _read(part: str, kind: type) -> object:
    if kind is int:
        number = int(part)
        if not (part.isascii() and abs(number) < 2**62):
            raise ValueError(part)
        return number
    if kind is datetime:
        moment = datetime.fromisoformat(part)
        if moment.tzinfo is None:
            raise ValueError(part)
        return moment
    return part
