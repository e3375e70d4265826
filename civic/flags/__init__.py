"""A resident asks the moderators to look at something."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
