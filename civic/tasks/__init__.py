"""Background work: the queue and what runs by itself."""

from flask import Flask

from civic.database.queue import open_queue
from civic.tasks import models, queue

__all__ = ["init_app", "models", "queue"]


def init_app(app: Flask) -> None:
    """Say where the queue of ``app`` is; it is opened when first needed."""
    settings = app.extensions["civic_settings"]
    queue.use(
        lambda: open_queue(
            settings.database_url, data_dir=settings.data_dir, redis_url=settings.redis_url
        )
    )
