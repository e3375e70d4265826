"""What people say under a contribution, one level of replies."""

from flask import Flask

from civic.comments import listeners


def init_app(app: Flask) -> None:
    """Let comments weigh in the heat, and lose their name when the account is erased."""
    listeners.connect()
