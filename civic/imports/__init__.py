"""Files in: incidents, ideas and comments."""

from flask import Flask

from civic.imports import schedule

__all__ = ["init_app", "schedule"]


def init_app(app: Flask) -> None:
    """Have the worker forget rejected rows in time (see :mod:`civic.imports.schedule`)."""
