"""A resident asks the moderators to look at something."""

from flask import Flask

from civic.flags import listeners


def init_app(app: Flask) -> None:
    """Take the person out of their flags when the account is erased."""
    listeners.connect()
