"""Days in words, in the language of the page and the zone of the town."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from civic.web.dates import format_day, format_minute, format_moment

FIRST = date(2026, 12, 1)


@pytest.fixture
def page(app: Flask, town: object) -> object:
    with app.test_request_context("/"):
        yield


@pytest.mark.parametrize(
    ("style", "french"),
    [
        ("short", "01/12/2026"),
        ("medium", "1er déc. 2026"),
        ("long", "1er décembre 2026"),
        ("full", "mardi 1er décembre 2026"),
        ("MMMM y", "décembre 2026"),
    ],
)
def test_french_says_the_first_of_a_month_in_full(page: None, style: str, french: str) -> None:
    with force_locale("fr"):
        assert format_day(FIRST, style) == french
        assert format_day(date(2026, 12, 11), style).count("er") == 0


def test_other_days_and_languages_stay_numbers(page: None) -> None:
    with force_locale("fr"):
        assert format_day(date(2026, 12, 21), "long") == "21 décembre 2026"
    with force_locale("en_GB"):
        assert format_day(FIRST, "long") == "1 December 2026"


def test_a_moment_is_of_the_towns_day(page: None) -> None:
    moment = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    with force_locale("fr"):
        assert format_day(moment, "long") == "1er décembre 2026"
        assert format_minute(moment) == "1er décembre 2026 à 00:30"
        assert format_moment(moment, "long").startswith("1er décembre 2026, 00:30:00")


def test_the_page_of_the_ledger_names_its_month(client: Any) -> None:
    """It is dated the first of a month, whatever the day."""
    assert client.get("/ledger", headers={"Accept-Language": "fr"}).status_code == 200
