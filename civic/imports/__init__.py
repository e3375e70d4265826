"""Files in: incidents, ideas and comments."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
