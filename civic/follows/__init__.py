"""Who wants to hear what becomes of a contribution."""

from flask import Flask

from civic.follows import listeners


def init_app(app: Flask) -> None:
    """Let whoever takes part follow."""
    listeners.connect()
