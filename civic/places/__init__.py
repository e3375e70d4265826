"""The town, its areas, its streets and addresses; points and outlines in WGS84 degrees."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
