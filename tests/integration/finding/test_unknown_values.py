"""A value in an address that nothing here knows is left out, and said."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories import make_contribution


@pytest.mark.parametrize(
    "query",
    [
        "category=licornes",
        "department=licornes",
        "area=licornes",
        "status=licornes",
        "type=licornes",
        "period=licornes",
        "since=2026-13-45",
        "until=licornes",
        "near=licornes",
        "sort=licornes",
        "bbox=1,2,licornes",
    ],
)
@pytest.mark.parametrize("path", ["/incidents", "/map"])
def test_an_unknown_value_hides_nothing_and_is_said(
    client: Any, session: Session, path: str, query: str
) -> None:
    make_contribution(session, title="Banc cassé")
    html = client.get(f"{path}?{query}").text
    assert "Banc cassé" in html
    assert "laissé de côté" in html
    assert query.partition("=")[2].partition(",")[0] in html


def test_what_is_known_still_narrows_beside_it(client: Any, session: Session) -> None:
    make_contribution(session, title="Banc cassé", category="depot")
    make_contribution(session, title="Lampe éteinte")
    html = client.get("/incidents?category=depot,licornes").text
    assert "Banc cassé" in html
    assert "Lampe éteinte" not in html
    assert "la catégorie «\u00a0licornes\u00a0»" in html


def test_nothing_is_said_of_what_is_known(client: Any, session: Session) -> None:
    make_contribution(session)
    query = "category=eclairage&type=open&status=received&period=30&sort=newest&kind=incident"
    assert "laissé de côté" not in client.get(f"/map?{query}").text


def test_what_was_typed_is_a_text_in_the_page(client: Any, session: Session) -> None:
    html = client.get("/incidents?category=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in html
