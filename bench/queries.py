"""How many queries a page takes, with its names cached as they are after the first seconds."""

from sqlalchemy import event

from bench.datasets import DataSet
from civic.app import create_app
from civic.extensions import db
from civic.settings import Settings

PAGES = {
    "list": ("/incidents", "/ideas", "/incidents?category=proprete&type=open&period=365"),
    "search": ("/search?q=trottoir", "/search?q=arbre+dangereux"),
}


def measure(data: DataSet) -> dict[str, int]:
    """Return the most queries of each kind of page."""
    app = create_app(
        Settings.from_values(data_dir=data.folder, database_url=data.url, rate_limits=False)
    )
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    client = app.test_client()
    client.set_cookie("bench", "1")  # or else the page kept for visitors would be counted
    most: dict[str, int] = {}
    for name, paths in (PAGES | {"detail": (f"/incidents/{data.built['discussed']}",)}).items():
        for path in paths:
            client.get(path)
            count = 0
            if client.get(path).status_code != 200:
                raise RuntimeError(path)
            most[name] = max(most.get(name, 0), count)
    with app.app_context():
        db.engine.dispose()
    return most
