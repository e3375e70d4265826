"""What is counted on the map: one snapshot a process of everything public, kept in step by a log.

See docs/adr/0010-map-counts.md.
"""

from flask import Flask

from civic.counting import listeners, schedule
from civic.counting.snapshot import snapshot_of
from civic.extensions import db

__all__ = ["init_app", "preload", "schedule"]


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``; every layer of the map has been registered by then."""
    listeners.listen()


def preload(app: Flask) -> None:
    """Read everything on the map now, before a server listens.

    No connection stays open, so the process may be forked afterwards: what was read is shared.
    To be called after ``engine.dispose()``, which lets everything go.
    """
    with app.app_context():
        snapshot_of(db.engine).preload()
