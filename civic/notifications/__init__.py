"""Who hears of what, as rows first; mail delivered later by the worker."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
