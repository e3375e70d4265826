"""While the database does not answer, the town says so on a page of its own."""

from pathlib import Path

import pytest
from flask import Flask

from civic.app import create_app
from civic.settings import Settings
from tests.client import CheckingClient
from tests.servers import free_port

pytestmark = pytest.mark.usefixtures("own_process")


@pytest.fixture(params=["no server", "no folder"])
def lost(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    urls = {
        "no server": f"postgresql://civic@127.0.0.1:{free_port()}/civic",
        "no folder": f"sqlite:///{tmp_path}/nowhere/civic.db",
    }
    settings = Settings.from_values(
        data_dir=tmp_path, database_url=urls[request.param], public_url="http://localhost"
    )
    app = create_app(settings)
    app.test_client_class = CheckingClient
    return app


@pytest.mark.parametrize("path", ["/", "/incidents", "/map", "/sign-in", "/town.css", "/nowhere"])
def test_every_page_says_to_come_back(lost: Flask, path: str) -> None:
    answer = lost.test_client().get(path, headers={"Accept-Language": "fr"})
    assert answer.status_code in {200, 404, 503}
    if answer.status_code != 200:
        assert "<h1" in answer.get_data(as_text=True)
    if path in {"/", "/incidents", "/map"}:
        assert answer.status_code == 503


def test_the_process_is_alive_and_not_ready(lost: Flask) -> None:
    client = lost.test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
