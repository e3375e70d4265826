"""Numbers of rows, as they come in addresses and forms."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

from civic.text.ids import GREATEST_ID, read_id


class _IdConverter(IntegerConverter):
    """``<int:…>`` in an address: a number beyond any row is an address that does not exist."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=GREATEST_ID)


def row_id(text: str) -> int:
    """Return the number of a row that ``text`` gives; raise ValueError when none can have it.

    To be given as ``type`` when a parameter is read: it is then as if it were not there.
    """
    number = read_id(text)
    if number is None:
        raise ValueError(text)
    return number


def init_app(app: Flask) -> None:
    """Keep the numbers in addresses within what a database can be asked for."""
    app.url_map.converters["int"] = _IdConverter
