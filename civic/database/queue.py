"""Where work waits for the background process: which store, decided by the engine in use."""

from pathlib import Path

from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey
from sqlalchemy import make_url

from civic.database.engine import is_embedded


def open_queue(database_url: str, *, data_dir: Path, redis_url: str = "") -> Huey:
    """Return the queue: Redis when there is one, else beside or within the database.

    Nothing is kept of results. The queue is pickled: its file is ours alone, and only names of
    jobs go in.
    """
    if redis_url:
        return RedisHuey("civic", url=redis_url, results=False)
    if is_embedded(database_url):
        data_dir.mkdir(parents=True, exist_ok=True)
        path = data_dir / "queue.db"
        path.touch(mode=0o600)
        return SqliteHuey("civic", filename=str(path), results=False, fsync=False, cache_mb=1)
    url = make_url(database_url).set(drivername="postgresql")
    return PostgresHuey(
        "civic",
        dsn=url.render_as_string(hide_password=False),
        results=False,
        table_prefix="queue",
    )
