"""The address of a button is not a page: whoever opens it comes to the page of the button."""

from urllib.parse import unquote

import pytest
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from tests.client import CheckingClient
from tests.factories import make_account, make_contribution


@pytest.mark.parametrize(
    ("button", "page"),
    [
        ("/c/{reference}/vote", "/c/{reference}"),
        ("/desk/{reference}/move/closed", "/desk/{reference}"),
        ("/moderation/{id}/hide", "/moderation/{id}"),
        ("/decisions/{reference}/appeal", "/decisions/{reference}"),
        ("/incidents/new/place?step=address", "/incidents/new"),
    ],
)
def test_who_opens_the_address_of_a_button_comes_to_its_page(
    client: CheckingClient, session: Session, button: str, page: str
) -> None:
    made = make_contribution(session)
    client.sign_in(make_account(session, "", *Role))
    names = {"reference": made.reference, "id": made.id}
    answer = client.get(button.format(**names))
    assert answer.status_code == 303
    assert answer.location == page.format(**names)


def test_a_button_of_no_page_leads_home(client: CheckingClient) -> None:
    answer = client.get("/sign-out")
    assert answer.status_code == 405
    assert 'href="/"' in answer.text


def test_another_method_stays_refused(client: CheckingClient, session: Session) -> None:
    assert client.delete(f"/c/{make_contribution(session).reference}").status_code == 405


def test_who_signs_in_to_vote_from_a_form_comes_to_what_is_voted_for(
    client: CheckingClient, session: Session
) -> None:
    made = make_contribution(session)
    form = {"Referer": "http://localhost/incidents/new"}
    answer = client.send(f"/c/{made.reference}/vote", {}, headers=form)
    assert answer.status_code == 303
    # The vote waits, and leads to what it is for (test_intents.py).
    assert "next=/intents/t/" in unquote(answer.location)
