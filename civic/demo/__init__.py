"""The demo town, made of real reports."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
