"""What people say under a contribution, one level of replies."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
