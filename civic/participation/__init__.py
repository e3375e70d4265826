"""Votes, comments, photos, follows and the timeline, gathered for one page."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
