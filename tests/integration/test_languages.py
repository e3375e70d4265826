"""Dates, times and texts are written in the way of each language, on pages and in mails."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.tokens import new_follow_token
from civic.contributions import signals
from civic.notifications.models import OutgoingEmail
from civic.notifications.rendering import render
from tests.factories import make_account, make_contribution

AFTERNOON = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("fr", "21 nov. 2026 | 21 novembre 2026 à 14:05 | 12\N{NARROW NO-BREAK SPACE}345,6"),
        ("en", "21 Nov 2026 | 21 November 2026 at 14:05 | 12,345.6"),
    ],
)
def test_a_page_writes_days_times_and_numbers(app: Flask, language: str, written: str) -> None:
    with app.test_request_context(f"/?lang={language}"):
        shown = render_template_string(
            "{{ at | dateformat }} | {{ at | momentformat }} | {{ 12345.6 | numberformat }}",
            at=AFTERNOON,
        )
    assert shown == written


def test_french_is_not_broken_before_a_colon(app: Flask) -> None:
    with app.test_request_context("/?lang=fr"):
        shown = gettext("Cette étape n’est plus possible : la situation a changé entre-temps.")
    assert "possible\N{NO-BREAK SPACE}: la" in shown


def test_a_mail_in_english_has_the_hours_of_europe(app: Flask, session: Session, town: Any) -> None:
    incident = make_contribution(session, author=make_account(session, "ann@example.org"))
    token, _hash = new_follow_token()
    signals.acknowledgement_due.send(session, contribution=incident, follow_token=token)
    session.commit()
    mail = session.scalars(select(OutgoingEmail)).one()
    mail.locale = "en"
    mail.data = mail.data | {"submitted_at": AFTERNOON.isoformat()}
    text = render(app, session, mail).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "21 November 2026 at 14:05" in text


def test_what_is_written_in_another_language_says_which(
    client: Any, session: Session, town: Any
) -> None:
    english = make_contribution(session, title="Broken bench", body="It fell.", locale="en")
    french = make_contribution(session, title="Banc au sol", body="Il est tombé.")
    session.commit()
    for path in ("/incidents", f"/incidents/{english.reference}"):
        page = client.get(f"{path}?lang=fr").text
        assert page.count('lang="en" dir="auto"') == 2, path
    for path in ("/incidents", f"/incidents/{french.reference}"):
        page = client.get(f"{path}?lang=en").text
        assert page.count('lang="fr" dir="auto"') == 2, path
