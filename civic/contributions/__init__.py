"""The kernel: what every kind of contribution has, and how it moves from status to status.

It imports no capability (votes, comments, …) and no kind: they point at it.
"""

from flask import Flask

from civic.contributions import indexing, personal_data, schedule

__all__ = ["init_app", "schedule"]


def init_app(app: Flask) -> None:
    """Bind the kernel to ``app``."""
    indexing.listen()
    personal_data.connect()
