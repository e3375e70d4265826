"""What the log keeps of an address: never what opens something to whoever reads it."""

import logging
from typing import Any

import pytest

from civic.notifications import views as news
from civic.participation.submission import views as submission
from civic.web.security import masked_path

TOKEN = "eyJpZCI6MX0.aXo.c2VjcmV0LXNlY3JldC1zZWNyZXQ"


@pytest.mark.parametrize(
    ("module", "name", "path"),
    [
        (submission, "find_by_link", "/s/{}"),
        (news, "read_author_path", "/m/{}"),
        (news, "read_refusal_path", "/mail/refuse/{}"),
    ],
)
@pytest.mark.parametrize("token", [TOKEN, "short"])
def test_an_unexpected_error_is_logged_without_the_token(
    client: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    module: Any,
    name: str,
    path: str,
    token: str,
) -> None:
    def breaks(*_args: Any, **_named: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(module, name, breaks)
    monkeypatch.setitem(client.application.config, "PROPAGATE_EXCEPTIONS", False)
    with caplog.at_level(logging.ERROR):
        assert client.get(path.format(token)).status_code == 500
    assert f"Exception on {path.format('…')} [GET]" in caplog.text
    assert token not in caplog.text


def test_what_no_route_knows_may_be_a_token_too() -> None:
    assert masked_path(f"/M/{TOKEN}/x", None) == "/M/…/x"
    assert masked_path("/incidents/I-ABCD-12", {"reference": "I-ABCD-12"}) == "/incidents/I-ABCD-12"
    assert masked_path("/flags/ABCD-EFGH-JKLM", {"receipt": "ABCD-EFGH-JKLM"}) == "/flags/…"
