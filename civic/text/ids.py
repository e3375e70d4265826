"""Numbers of rows, as addresses and forms give them."""

GREATEST_ID = 2**63 - 1
"""What both databases can be asked for; no row has a greater number."""


def read_id(text: str | None) -> int | None:
    """Return the number of a row that ``text`` gives, None when no row can have it."""
    if not text or not (text.isascii() and text.isdecimal() and len(text) < 20):
        return None
    number = int(text)
    return number if number <= GREATEST_ID else None
