"""People whom the town knows: with or without an account, and how to reach them."""

from flask import Flask

from civic.people import listeners


def init_app(app: Flask) -> None:
    """Keep the contacts of who has an account in step with it."""
    listeners.connect()
