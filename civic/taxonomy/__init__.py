"""What contributions are about (categories, their questions) and which department answers."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
