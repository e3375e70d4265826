"""Service actions: work that the town commits to, followed by everyone."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
