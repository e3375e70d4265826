"""What happens around each request: who writes, and that nothing is left uncommitted."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

from civic.database.engine import set_write_intent

READING = frozenset({"GET", "HEAD", "OPTIONS"})
View = TypeVar("View", bound=Callable[..., Any])
_MARK = "__civic_reads_first__"


def reads_first(view: View) -> View:
    """Mark a view that writes, but begins by reading: it calls ``start_writing`` in between."""
    setattr(view, _MARK, True)
    return view


def init_app(app: Flask) -> None:
    """Say before the first statement whether the request's transactions write."""

    @app.before_request
    def say_who_writes() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        set_write_intent(writes=request.method not in READING and not hasattr(view, _MARK))

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        set_write_intent(writes=True)
