"""The legal pages: for everybody, filled by the town, honest about what is missing."""

from contextlib import nullcontext
from typing import Any

import pytest
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor, Role
from civic.administration.operations.town import edit_legal
from civic.contributions.clauses import CLAUSES
from civic.errors import Invalid
from civic.places.models import Town
from tests.factories import actor, make_account

PAGES = ("/legal/mentions", "/legal/privacy", "/legal/accessibility", "/legal/terms")
MISSING = "à compléter par la ville"


def read(answer: Any) -> str:
    """The page, with plain spaces where French typography wants no-break ones."""
    html: str = answer.get_data(as_text=True)
    return html.replace("\u00a0", " ")


def administrator(session: Session) -> Actor:
    return actor(make_account(session, "", Role.ADMINISTRATOR))


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


AUDIT = {
    "accessibility_audit_date": "2026-10-19",
    "accessibility_auditor": "Cabinet Regard",
    "accessibility_rate": "100",
}


@pytest.mark.parametrize("lacking", AUDIT)
def test_no_site_is_all_accessible_without_an_audit(
    client: Any, session: Session, town: Town, lacking: str
) -> None:
    town.legal = {"accessibility_status": "full"} | AUDIT | {lacking: ""}
    session.commit()
    page = read(client.get("/legal/accessibility"))
    assert "totalement conforme" not in page
    assert "Ce site est non conforme" in page
    with pytest.raises(Invalid) as refused:
        edit_legal(session, town, town.legal, version=town.version, actor=administrator(session))
    assert refused.value.field == lacking


@pytest.mark.parametrize(
    ("status", "rate", "is_taken"),
    [
        ("full", "100", True),
        ("full", "99.99", False),
        ("partial", "50", True),
        ("partial", "49.9", False),
        ("partial", "", True),
        ("none", "0", True),
    ],
)
def test_the_state_is_borne_out_by_the_rate(
    session: Session, town: Town, status: str, rate: str, is_taken: bool
) -> None:
    texts = AUDIT | {"accessibility_status": status, "accessibility_rate": rate}
    with nullcontext() if is_taken else pytest.raises(Invalid):
        edit_legal(session, town, texts, version=town.version, actor=administrator(session))


def test_the_statement_follows_the_model_to_its_end(
    client: Any, session: Session, town: Town
) -> None:
    given = {
        "accessibility_status": "partial",
        "accessibility_rate": "87.5",
        "accessibility_exceptions": "Un tableau ancien.",
        "accessibility_burden": "Les archives numérisées.",
        "accessibility_exempt": "Le plan cadastral.",
        "accessibility_environment": "Firefox et NVDA",
        "accessibility_tools": "axe",
        "accessibility_pages": "Accueil /",
        "accessibility_scheme": "https://ville.example/schema",
        "accessibility_plan": "https://ville.example/plan",
    }
    town.legal = AUDIT | given
    session.commit()
    page = read(client.get("/legal/accessibility"))
    heads = ["État de conformité", "Résultats des tests", "Contenus non accessibles"]
    heads += ["Non-conformités", "Dérogations pour charge disproportionnée"]
    heads += ["Contenus non soumis", "Établissement", "Technologies", "Environnement de test"]
    heads += ["Outils", "Pages du site", "Retour d’information", "Voies de recours"]
    places = [page.index(f">{head}") for head in heads]
    assert places == sorted(places)
    assert "87,5 % des critères" in page
    for text in given.values():
        assert text in page or text in {"partial", "87.5"}


def test_a_web_address_and_a_rate_are_asked_for(client: Any, session: Session, town: Town) -> None:
    desk = client.sign_in(make_account(session, "", Role.ADMINISTRATOR))
    wrong = {"version": town.version, "accessibility_status": "none"}
    for field, value in (
        ("accessibility_scheme", "javascript:alert(1)"),
        ("accessibility_rate", "101"),
        ("accessibility_rate", "beaucoup"),
    ):
        answer = desk.send("/administration/legal", wrong | {field: value})
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.get_data(as_text=True)
    fine = wrong | {"accessibility_rate": "87,5 %"}
    assert desk.send("/administration/legal", fine).status_code == 303
    session.refresh(town)
    assert town.legal["accessibility_rate"] == "87.5"


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
    town.legal = {"accessibility_status": status, "accessibility_date": "2026-11-02"} | AUDIT
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
