"""Dates, times and texts are written in the way of each language, on pages and in mails."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_babel import gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.tokens import new_follow_token
from civic.app import create_app
from civic.contributions import signals
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.database import table_of
from civic.extensions import db
from civic.notifications.models import OutgoingEmail
from civic.notifications.rendering import render
from civic.places.models import Town
from civic.settings import Settings
from tests.factories import actor, make_account, make_contribution
from tests.queries import counting

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


@pytest.mark.parametrize("accepted", [None, "", "de", "*", "nl, de;q=0.5"])
@pytest.mark.parametrize("locale", ["fr", "en"])
def test_who_asks_for_no_language_of_ours_gets_the_towns(
    client: Any, session: Session, town: Any, locale: str, accepted: str | None
) -> None:
    make_contribution(session).category.name_en = "Street lighting"
    town.locale = locale
    session.commit()
    headers = {} if accepted is None else {"Accept-Language": accepted}
    for path in ("/", "/open-data", "/incidents", "/nowhere"):
        assert f'<html lang="{locale}"' in client.get(path, headers=headers).text, path
    other = {"fr": "en", "en": "fr"}[locale]
    assert f'<html lang="{other}"' in client.get("/", headers={"Accept-Language": other}).text
    lights = {"fr": "Éclairage public", "en": "Street lighting"}
    for path in ("/open-data/contributions.csv", "/open-data/contributions.geojson"):
        assert lights[locale] in client.get(path, headers=headers).text
        assert lights[other] in client.get(path, headers={"Accept-Language": other}).text


def test_the_towns_language_is_asked_of_nobody(app: Flask, session: Session, town: Any) -> None:
    town.locale = "en"
    session.commit()
    with counting(db.engine) as asked:
        for _ in range(3):
            answer = app.test_client().get("/healthz")
            assert answer.headers["Content-Language"] == "en"
    assert asked == []


def test_a_change_in_another_process_is_known_with_the_next_page(
    app: Flask, client: Any, session: Session, town: Any
) -> None:
    session.commit()
    client.get("/incidents")
    with db.engine.begin() as connection:
        connection.execute(update(table_of(Town)).values(locale="en"))
    session.rollback()
    client.get("/open-data")
    assert '<html lang="en"' in client.get("/incidents").text


def test_an_installation_that_has_read_no_town_yet_speaks_as_it_was_set(tmp_path: Path) -> None:
    settings = Settings.from_values(
        data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'none.db'}", language="en"
    )
    answer = create_app(settings, TESTING=True).test_client().get("/healthz")
    assert answer.headers["Content-Language"] == "en"


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


@pytest.mark.parametrize(("of_mail", "of_browser"), [("en", "fr"), ("fr", "en"), ("en", "en")])
@pytest.mark.parametrize("chosen", ["", "fr", "en"])
def test_the_link_of_a_mail_opens_in_its_language_unless_another_was_chosen_here(
    app: Flask, client: Any, session: Session, of_mail: str, of_browser: str, chosen: str
) -> None:
    author = make_account(session, "ann@example.org")
    author.locale = of_mail
    agent = make_account(session, "", Role.AGENT)
    incident = make_contribution(session, author=author)
    move(session, incident, "planned", actor=actor(agent), standing={Party.AGENT})
    session.commit()
    mail = session.scalars(select(OutgoingEmail)).one()
    text = render(app, session, mail).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    links = re.findall(r"http://localhost(/\S+)", text)
    assert len(links) == 2
    browser = {"Accept-Language": of_browser}
    if chosen:
        client.get(f"/legal/terms?lang={chosen}", headers=browser)
    seen = f'<html lang="{chosen or of_mail}"'
    for link in links:
        page = client.get(link, headers=browser, follow_redirects=True)
        assert page.status_code == 200
        assert seen in page.text
        assert f"mail={of_mail}" not in page.text.partition("</head>")[0]
    assert seen in client.get("/incidents", headers=browser).text


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


@pytest.mark.parametrize(
    ("stored", "french", "english"),
    [
        ("devant le 9 Rue Neuve", "devant le 9 Rue Neuve", "in front of 9 Rue Neuve"),
        ("in front of 9 Rue Neuve", "devant le 9 Rue Neuve", "in front of 9 Rue Neuve"),
        (
            "14 Rue Neuve, 35000 (près du 12 bis) (cour)",
            "14 Rue Neuve, 35000 (près du 12 bis) (cour)",
            "14 Rue Neuve, 35000 (near no. 12 bis) (cour)",
        ),
    ],
)
def test_our_words_around_an_address_are_in_the_readers_language(
    app: Flask, client: Any, session: Session, town: Any, stored: str, french: str, english: str
) -> None:
    author, agent = make_account(session), make_account(session, "", Role.AGENT)
    case = make_contribution(session, author=author, address=stored)
    signals.acknowledgement_due.send(session, contribution=case, follow_token="t")
    session.commit()
    mail = session.scalars(select(OutgoingEmail)).one()
    public = [
        "/incidents",
        f"/incidents/{case.reference}",
        "/open-data/contributions.csv",
        "/open-data/contributions.geojson",
    ]
    staffs = [f"/desk/{case.reference}", f"/incidents/{case.reference}/edit"]
    for language, words in (("fr", french), ("en", english)):
        for path in public:
            assert words in client.get(f"{path}?lang={language}").text, path
        mail.locale = language
        session.commit()
        message = render(app, session, mail)
        for part in ("plain", "html"):
            assert words in message.get_body((part,)).get_content()  # type: ignore[union-attr]
    signed_in = client.sign_in(agent)
    for language, words in (("fr", french), ("en", english)):
        for path in staffs:
            assert words in signed_in.get(f"{path}?lang={language}").text, path
