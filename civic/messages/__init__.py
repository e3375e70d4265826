"""What the town and a person write to each other about a contribution, on any channel."""

from flask import Flask

from civic.messages import models

__all__ = ["init_app", "models"]


def init_app(app: Flask) -> None:
    """Nothing has to be set up."""
