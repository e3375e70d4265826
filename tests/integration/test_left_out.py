"""A list says what its address asks for and nobody here knows, and leaves it out."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from tests.client import CheckingClient
from tests.factories import make_account, make_contribution


@pytest.mark.parametrize(
    ("role", "path", "said"),
    [
        (None, "/incidents?category=nowhere", "la catégorie « nowhere »"),
        (None, "/ideas?period=abc&sort=x", "la période « abc », l’ordre « x »"),
        (None, "/map?type=bar", "l’état « bar »"),
        (None, "/search?q=banc&kind=zut", "la sorte « zut »"),
        (None, "/status?department=roads", "le service « roads »"),
        (None, "/status?area=999999", "le quartier « 999999 »"),
        (None, "/actions?bucket=soon&area=-1", "le quartier « -1 », l’état « soon »"),
        (None, "/ledger?month=2026-13", "le mois « 2026-13 »"),
        (None, "/ledger?month=1999-01", "le mois « 1999-01 »"),
        (None, "/map/areas?measure=beauty", "la mesure « beauty »"),
        (Role.AGENT, "/desk?view=bidon", "la vue « bidon »"),
        (Role.AGENT, "/desk?q=banc&sort=<b>", "l’ordre « &lt;b&gt; »"),
        (Role.MODERATOR, "/moderation?what=all&kind=x", "la file « all », la sorte « x »"),
        (Role.AGENT, "/desk?view=a%00b%E2%80%AEc", "la vue « abc »"),
        (Role.MODERATOR, "/moderation?days=2", "la durée « 2 »"),
        (Role.MODERATOR, "/moderation/decisions?measure=zzz", "la mesure « zzz »"),
        (Role.ADMINISTRATOR, "/administration/security?event=sun", "l’événement « sun »"),
    ],
)
def test_an_unknown_value_is_said(
    client: CheckingClient, session: Session, town: Any, role: Role | None, path: str, said: str
) -> None:
    make_contribution(session)
    session.commit()
    if role is not None:
        client.sign_in(make_account(session, "", role))
    page = client.get(path)
    assert page.status_code == 200
    words = page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert f"Inconnu ici, donc laissé de côté : {said}." in words


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (None, "/status?department="),
        (None, "/actions?bucket=done"),
        (None, "/ledger"),
        (None, "/incidents?category=%00%E2%80%8B"),
        (Role.MODERATOR, "/moderation/decisions?measure=%00"),
        (None, "/map/areas?measure=density"),
        (Role.AGENT, "/desk?view=late&sort=support"),
        (Role.MODERATOR, "/moderation?what=held&kind=idea&days=7"),
        (Role.ADMINISTRATOR, "/administration/security?event=signed_in"),
    ],
)
def test_what_is_known_is_not(
    client: CheckingClient, session: Session, town: Any, role: Role | None, path: str
) -> None:
    if role is not None:
        client.sign_in(make_account(session, "", role))
    assert "laissé de côté" not in client.get(path).text
