"""A number that no row can have is an address that does not exist, never a failure."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.actions.models import Action
from tests.factories import make_account, make_contribution

TOO_GREAT = [2**63, 10**30]
TOO_LONG = "9" * 5_000


@pytest.mark.parametrize("number", TOO_GREAT)
def test_addresses_with_too_great_a_number_lead_nowhere(
    client: Any, session: Session, number: int
) -> None:
    client.sign_in(make_account(session, "", *Role))
    for address in (
        f"/moderation/{number}",
        f"/moderation/accounts/{number}",
        f"/comments/{number}/edit",
        f"/administration/categories/{number}",
        f"/desk/replies/{number}",
    ):
        assert client.get(address).status_code == 404, address
    assert client.send(f"/comments/{number}/helpful").status_code == 404


@pytest.mark.parametrize("number", [*TOO_GREAT, TOO_LONG, "²", "٣", "-1"])
def test_parameters_with_such_a_number_are_as_if_absent(
    client: Any, session: Session, number: object
) -> None:
    client.sign_in(make_account(session, "", *Role))
    for address in (
        f"/actions?area={number}&department={number}&before={number}",
        f"/administration/log?before={number}",
        f"/notifications?before={number}",
        f"/incidents?period={number}",
    ):
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("number", [*TOO_GREAT, TOO_LONG, "²"])
def test_forms_with_such_a_number_are_shown_again(
    client: Any, session: Session, number: object
) -> None:
    case = make_contribution(session)
    client.sign_in(make_account(session, "", *Role))
    numbered = {"kept_photos": str(number), f"photo_description-{number}": "x", "street": number}
    for address, data in (
        ("/incidents/new", numbered),
        (f"/c/{case.reference}/flag", {"comment": str(number)}),
        (f"/c/{case.reference}/comments", {"parent": str(number)}),
        (f"/desk/{case.reference}/assign", {"account": str(number)}),
        (f"/desk/{case.reference}/reclassify", {"category": str(number)}),
    ):
        assert client.send(address, data).status_code in {303, 404, 422}, address
    assert client.get(f"/similar?kind=incident&title=lampe+cassée&category={number}").text == ""


def test_form_of_the_settings_that_does_not_say_its_version_is_asked_again(
    client: Any, session: Session
) -> None:
    client.sign_in(make_account(session, "", Role.ADMINISTRATOR))
    assert client.send("/administration/blocked-words", {"words": "charlatan"}).status_code == 409


def test_fault_in_the_second_milestone_is_shown_where_it_is(client: Any, session: Session) -> None:
    client.sign_in(make_account(session, "", Role.AGENT))
    wanted = make_contribution(session)
    answer = client.send(
        "/actions/new",
        {
            "contribution": wanted.reference,
            "title": "Réparer",
            "body": "Tout.",
            "department": str(wanted.department_id),
            "area": "0",
            "milestones-0-title": "Commander",
            "milestones-0-due_on": "2026-12-10",
            "milestones-1-title": "Poser",
            "milestones-1-due_on": "jamais",
        },
    )
    assert answer.status_code == 422
    assert 'href="#milestones-1-due_on"' in answer.text
    assert session.query(Action).count() == 0
