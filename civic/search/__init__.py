"""Full text with the same answers on both engines."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
