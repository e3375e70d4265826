"""What is limited tightly for one person and loosely for a network that many share."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from civic.app import create_app
from civic.cli.database import upgrade_schema
from civic.extensions import db
from civic.settings import Settings
from civic.web.networks import network_of
from tests.client import CheckingClient
from tests.factories import make_account, make_contribution, make_town

SCHOOL = {"REMOTE_ADDR": "192.0.2.7"}


@pytest.fixture
def limited(tmp_path: Path, own_process: None) -> Iterator[Flask]:
    """A town that limits, as real ones do."""
    settings = Settings.from_values(
        data_dir=tmp_path, public_url="http://localhost", proxies=0, demo=True
    )
    app = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, AFTERWARDS_S=None)
    app.test_client_class = CheckingClient
    with app.app_context():
        upgrade_schema()
        make_town(db.session())
        yield app
        db.session.remove()
        db.engine.dispose()


def ask(app: Flask, email: str, **environ: str) -> int:
    client: FlaskClient = app.test_client()
    return client.post("/sign-in", data={"email": email}, environ_base=SCHOOL | environ).status_code


def test_sixty_residents_of_one_network_get_their_mail(limited: Flask) -> None:
    codes = [ask(limited, f"resident-{number}@example.org") for number in range(60)]
    assert set(codes) == {303}


def test_one_mailbox_is_not_flooded_from_sixty_networks(limited: Flask) -> None:
    codes = [
        ask(limited, "ana@example.org", REMOTE_ADDR=f"198.51.100.{number}") for number in range(60)
    ]
    assert codes == [303] * 5 + [422] * 55


def test_a_network_has_an_end_too_and_the_page_says_when(limited: Flask) -> None:
    client = limited.test_client()
    for number in range(100):
        assert ask(limited, f"resident-{number}@example.org") == 303
    answer = client.post("/sign-in", data={"email": "last@example.org"}, environ_base=SCHOOL)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    assert re.search(r"Vous pourrez réessayer à \d\d:\d\d", answer.get_data(as_text=True))
    assert ask(limited, "other@example.org", REMOTE_ADDR="198.51.100.1") == 303


def test_the_header_says_what_the_page_says_and_only_who_was_refused_gets_it(
    limited: Flask,
) -> None:
    client = limited.test_client()
    answers = [
        client.post(
            "/sign-in/password",
            data={"email": "ana@example.org", "password": f"faux {number}"},
            environ_base=SCHOOL,
        )
        for number in range(6)
    ]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    # Until the account may be tried again, not until the network's ten minutes are over.
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 30
    assert not any("Retry-After" in answer.headers for answer in answers[:-1])


def test_a_class_writes_at_once_and_one_account_does_not_flood(limited: Flask) -> None:
    reference = make_contribution(db.session()).reference
    pupils = [limited.test_client().sign_in(make_account(db.session())) for _ in range(30)]
    for number, pupil in enumerate(pupils):
        sent = pupil.post(
            f"/c/{reference}/comments", data={"body": f"Mot {number}"}, environ_base=SCHOOL
        )
        assert sent.status_code == 303
    alone = [
        pupils[0].post(
            f"/c/{reference}/comments",
            data={"body": f"Encore {number}"},
            environ_base={"REMOTE_ADDR": f"198.51.100.{number}"},
        )
        for number in range(10)
    ]
    assert [answer.status_code for answer in alone] == [303] * 9 + [429]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_an_ipv6_subscriber_is_one_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_an_ipv6_subscriber_is_limited_as_one(limited: Flask) -> None:
    codes = [
        ask(limited, f"r{number}@example.org", REMOTE_ADDR=f"2001:db8:1:2::{number:x}")
        for number in range(101)
    ]
    assert codes[-1] == 429
    assert ask(limited, "other@example.org", REMOTE_ADDR="2001:db8:1:3::1") == 303
