"""The record that nobody rewrites: numbered leaves, and beside each its text, which may go.

Below the kernel: it knows types and texts, and nothing of what they are about.
"""

from flask import Flask

from civic.ledger import schedule

__all__ = ["init_app", "schedule"]


def init_app(app: Flask) -> None:
    """Have the worker number what was appended (see :mod:`civic.ledger.schedule`)."""
