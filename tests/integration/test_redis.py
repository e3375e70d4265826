"""What several processes share in Redis: the counts of the limits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from civic.app import create_app
from civic.cli.database import upgrade_schema
from civic.settings import Settings
from tests.servers import free_port, running_redis

pytestmark = pytest.mark.usefixtures("own_process")


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with running_redis() as url:
        yield url


def process_of_a_town(folder: Path, redis_url: str) -> Flask:
    """Build what one web process is; two of them share the folder and the Redis."""
    app = create_app(
        Settings.from_values(
            data_dir=folder, redis_url=redis_url, public_url="http://localhost", demo=True
        ),
        TESTING=True,
        WTF_CSRF_ENABLED=False,
    )
    with app.app_context():
        upgrade_schema()
    return app


NETWORK = 100
"""How many mails one network may ask for in ten minutes."""


def ask_for_a_link(app: Flask) -> int:
    # No address at all: counted all the same, and quicker.
    return app.test_client().post("/sign-in", data={"email": "moi"}).status_code


def test_limits_are_counted_once_for_all_processes(tmp_path: Path, redis_url: str) -> None:
    one, other = (process_of_a_town(tmp_path, redis_url) for _ in range(2))
    codes = [ask_for_a_link(app) for app in (one, other) * (NETWORK // 2)]
    assert set(codes) == {422}
    assert ask_for_a_link(other) == 429
    assert ask_for_a_link(one) == 429


def test_a_redis_that_is_away_keeps_nobody_from_writing(tmp_path: Path) -> None:
    app = process_of_a_town(tmp_path, f"redis://127.0.0.1:{free_port()}/0")
    codes = [ask_for_a_link(app) for _ in range(NETWORK + 1)]
    assert codes[0] == 422
    assert codes[-1] == 429, "each process then counts for itself"
