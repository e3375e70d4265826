"""A mail is one template, from which its text and its HTML are made."""

from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from civic.notifications.events import EVENTS
from civic.notifications.mails import Words, template_of, write

SITE = {
    "town": SimpleNamespace(name="Brume & Cie", mail_colour="#1b4f7a"),
    "site_url": "https://example.org",
    "settings_url": "https://example.org/refuse",
}
STEP = {
    "title": "Banc <b>cassé</b>",
    "reference": "S-0000-00",
    "path": "/incidents/S-0000-00",
    "status": "Résolu",
    "status_code": "resolved",
    "explanation": "C’est réglé.",
    "sentence": "Refait hier.\n<script>",
    "department": {"fr": "Voirie"},
    "own_id": 1,
    "account_id": 2,
    "may_contest": True,
}


class Seen(HTMLParser):
    """What a reader of the HTML sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def written(app: Flask, name: str, data: dict[str, Any], locale: str = "fr") -> Words:
    with app.test_request_context(), force_locale(locale):
        return write(app, name, {"case": None} | data, SITE | {"locale": locale})


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("name", sorted(EVENTS))
def test_each_news_has_a_mail(app: Flask, town: Any, name: str, locale: str) -> None:
    data = {"event": name, "group": EVENTS[name].group, "title": "Banc", "reference": "S-0000-00"}
    data |= {"path": "/", "measure": "hide", "decision": "D-1", "lines": [], "outcome": "upheld"}
    data |= {"scope": "Vu.", "explanation": "Vu.", "outcome_label": "Vu.", "subject": "Vu."}
    words = written(app, name, data, locale)
    assert words.subject
    assert words.subject in " ".join(words.text.split())


def test_no_news_is_in_french_for_an_english_reader(app: Flask, town: Any) -> None:
    words = written(app, "status_changed", STEP, "en")
    assert "Vous recevez" not in words.text
    assert "You are receiving" in words.text


def test_the_text_and_the_html_say_the_same(app: Flask, town: Any) -> None:
    words = written(app, "status_changed", STEP)
    # The text quotes with a sign, and the HTML says the address of a button and of the site.
    said = [word for word in words.text.split() if word not in {">", "--"}]
    assert set(said) - {":"} <= {*Seen(words.html).words, f"({STEP['department']['fr']})"} | {
        word for word in said if word.startswith("https://")
    }


def test_what_people_write_is_escaped_once_and_only_in_html(app: Flask, town: Any) -> None:
    words = written(app, "status_changed", STEP)
    assert words.subject == "« Banc <b>cassé</b> » : Résolu"
    assert "> <script>" in words.text
    assert "Brume & Cie" in words.text
    assert "<script>" not in words.html
    assert "&lt;script&gt;" in words.html
    assert "&amp;lt;" not in words.html


def test_the_inbox_shows_the_first_words(app: Flask, town: Any) -> None:
    words = written(app, "comment", STEP | {"comment": "Bien vu.\nMerci."})
    start = words.html.index("display:none")
    assert "Bien vu. Merci. (Voirie)</div>" in words.html[start : start + 300]


def test_an_unknown_mail_is_an_error(app: Flask, town: Any) -> None:
    assert template_of("flagged") == template_of("held")
    with pytest.raises(LookupError):
        written(app, "of_a_later_version", {})
