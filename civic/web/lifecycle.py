"""What happens around each request: who writes, and that HEAD is GET without its body."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import Flask, current_app, request

from civic.database.engine import set_write_intent

READING = frozenset({"GET", "OPTIONS"})
View = TypeVar("View", bound=Callable[..., Any])
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_MARK = "__civic_reads_first__"


def reads_first(view: View) -> View:
    """Mark a view that writes, but begins by reading: it calls ``start_writing`` in between."""
    setattr(view, _MARK, True)
    return view


class HeadAsGet:
    """Asks the application for GET where HEAD is asked: no view has to know of a third method.

    A view that takes forms would otherwise do on HEAD what it does on POST: programs that check
    the links of mails before their reader does would confirm and contest.
    """

    def __init__(self, app: Wsgi) -> None:
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer, without a body where none was asked for."""
        if environ["REQUEST_METHOD"] != "HEAD":
            return self._app(environ, start_response)
        answer = self._app(environ | {"REQUEST_METHOD": "GET"}, start_response)
        close = getattr(answer, "close", None)
        if close is not None:
            close()
        return []


def init_app(app: Flask) -> None:
    """Say before the first statement whether the request's transactions write."""
    app.wsgi_app = HeadAsGet(app.wsgi_app)  # type: ignore[method-assign]

    @app.before_request
    def say_who_writes() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        set_write_intent(writes=request.method not in READING and not hasattr(view, _MARK))

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        set_write_intent(writes=True)
