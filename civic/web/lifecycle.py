"""What happens around each request: who writes, and that nothing is left uncommitted."""

from flask import Flask, request

from civic.database.engine import set_write_intent

READING = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Say before the first statement whether the request's transactions write."""

    @app.before_request
    def say_who_writes() -> None:
        set_write_intent(writes=request.method not in READING)

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        set_write_intent(writes=True)
