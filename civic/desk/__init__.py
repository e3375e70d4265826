"""Where agents work: what their departments owe."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
