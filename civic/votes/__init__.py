"""One vote per person per contribution."""

from flask import Flask

from civic.votes import listeners


def init_app(app: Flask) -> None:
    """Let votes weigh in the heat, and go when their account is erased."""
    listeners.connect()
