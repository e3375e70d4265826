"""What the town and a person write to each other about a contribution, on any channel."""

from flask import Flask

from civic.messages import listeners


def init_app(app: Flask) -> None:
    """Follow what becomes of the people who write."""
    listeners.connect()
