"""Files in: incidents, ideas, areas, addresses."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
