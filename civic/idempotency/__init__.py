"""What arrives twice is done once: forms, entries made offline, and messages of other systems."""

from flask import Flask

from civic.idempotency import schedule

__all__ = ["init_app", "schedule"]


def init_app(app: Flask) -> None:
    """Have the worker forget keys that have expired (see :mod:`civic.idempotency.schedule`)."""
