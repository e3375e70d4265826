"""The legal pages: for everybody, filled by the town, honest about what is missing."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.contributions.clauses import CLAUSES
from civic.places.models import Town
from tests.factories import make_account

PAGES = ("/legal/mentions", "/legal/privacy", "/legal/accessibility", "/legal/terms")
MISSING = "à compléter par la ville"


def read(answer: Any) -> str:
    """The page, with plain spaces where French typography wants no-break ones."""
    html: str = answer.get_data(as_text=True)
    return html.replace("\u00a0", " ")


@pytest.mark.parametrize("url", PAGES)
@pytest.mark.parametrize("locale", ["fr", "en"])
def test_everybody_reads_them_in_both_languages(client: Any, url: str, locale: str) -> None:
    assert client.get(f"{url}?lang={locale}").status_code == 200


@pytest.mark.parametrize("url", PAGES)
def test_they_stand_before_the_town_is_created(app: Any, url: str) -> None:
    assert app.test_client().get(url).status_code == 200


def test_what_is_missing_is_said_and_only_administrators_are_warned(
    client: Any, session: Session
) -> None:
    page = read(client.get("/legal/mentions"))
    assert MISSING in page
    assert "/administration/legal" not in page
    client.sign_in(make_account(session, "", Role.MODERATOR))
    assert "/administration/legal" not in read(client.get("/legal/mentions"))
    client.sign_in(make_account(session, "", Role.ADMINISTRATOR))
    assert "/administration/legal" in read(client.get("/legal/mentions"))


def test_the_host_is_named_with_address_and_telephone(
    client: Any, session: Session, town: Town
) -> None:
    town.legal = {
        "publisher": "Ville de Village",
        "director": "A. Martin",
        "contact_email": "mairie@example.org",
        "host_name": "Hébergeur <b>",
        "host_address": "1 rue du Port\n35000 Rennes",
        "host_telephone": "02 11 22 33 44",
    }
    session.commit()
    page = read(client.get("/legal/mentions"))
    assert "Hébergeur &lt;b&gt;" in page
    assert "1 rue du Port<br>35000 Rennes" in page
    assert "02 11 22 33 44" in page
    assert MISSING not in page


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("none", "non conforme"),
        ("partial", "partiellement conforme"),
        ("full", "totalement conforme"),
    ],
)
def test_the_statement_says_one_of_three_things(
    client: Any, session: Session, town: Town, status: str, words: str
) -> None:
    town.legal = {"accessibility_status": status, "accessibility_date": "2026-11-02"}
    session.commit()
    page = read(client.get("/legal/accessibility"))
    assert f"Ce site est {words}" in page
    assert "2 novembre 2026" in page
    assert "Défenseur des droits" in page
    assert f"Accessibilité : {words}" in page


def test_the_terms_number_the_clauses_that_decisions_quote(client: Any) -> None:
    page = read(client.get("/legal/terms"))
    for clause in CLAUSES:
        assert f'id="clause-{clause.number}"' in page
        assert f"Article {clause.number} : {clause.title}" in page
