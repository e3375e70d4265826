"""Which language the town speaks: noted whenever its row is read or written, asked for by nobody.

Nearly every page reads the row anyway, so that a change made in another process is known with the
next page; and an answer that has to do without the database knows it too.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, has_app_context
from sqlalchemy import event

from civic.extensions import db
from civic.places.models import Town
from civic.web.language import spoken_in


def listen(app: Flask) -> None:
    """Hear of the town of ``app``; asking again changes nothing."""
    for moment in ("load", "refresh", "after_insert", "after_update"):
        if not event.contains(Town, moment, _learn[moment]):
            event.listen(Town, moment, _learn[moment])
    with app.app_context():
        event.listen(db.engine, "engine_disposed", lambda _engine: spoken_in(app).forget())


def _of_read(town: Town, *_context: Any) -> None:
    language = town.__dict__.get("locale")
    if language and has_app_context():
        spoken_in(current_app).learn(language)


def _of_written(_mapper: Any, _connection: Any, town: Town) -> None:
    _of_read(town)


_learn: dict[str, Callable[..., None]] = {
    "load": _of_read,
    "refresh": _of_read,
    "after_insert": _of_written,
    "after_update": _of_written,
}
