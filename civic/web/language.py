"""Which language and time zone a page is in: asked for, in a cookie, a mail's, the browser's."""

from collections.abc import Callable

from flask import Flask, Response, current_app, has_request_context, request
from flask_babel import force_locale, get_locale, gettext
from werkzeug.datastructures import LanguageAccept

from civic.extensions import babel
from civic.web.urls import query_url

LOCALES = ("fr", "en")
COOKIE = "civic_language"
OF_MAIL = "mail"
"""The parameter by which the links of a mail say in which language it is."""
A_YEAR = 365 * 24 * 3600
_REGIONS = {"en": "en_GB"}
"""English without a country is American: 11/21/26, 2:05 PM."""


class Spoken:
    """The language of those who want none of ours: the town's, held in memory, asked of nobody.

    It is what the settings say until the town has been read (civic.places.spoken).
    """

    def __init__(self, at_first: str) -> None:
        self._at_first = at_first
        self.language = at_first

    def learn(self, language: str) -> None:
        """Take note of what the town says; anything else than our languages is none."""
        self.language = language if language in LOCALES else self._at_first

    def forget(self) -> None:
        """Go back to the settings: another database may hold another town."""
        self.language = self._at_first


def chosen_locale() -> str:
    """Return the language of this request.

    It is that of ``?lang=``, the cookie, the mail whose link it is, the browser, or the town.
    """
    if not has_request_context():
        return LOCALES[0]
    asked = request.args.get("lang", "")
    if asked in LOCALES:
        return asked
    kept = request.cookies.get(COOKIE, "")
    if kept in LOCALES:
        return kept
    of_mail = request.args.get(OF_MAIL, "")
    if of_mail in LOCALES:
        return of_mail
    return preferred(request.accept_languages) or spoken_in(current_app).language


def preferred(accepted: LanguageAccept) -> str | None:
    """Return the one of our languages that is most welcome; None for none, or for all alike."""
    first = accepted.best_match(LOCALES)
    return first if first == accepted.best_match(LOCALES[::-1]) else None


def spoken_in(app: Flask) -> Spoken:
    """Return what ``app`` knows of the town's language."""
    spoken: Spoken = app.extensions["civic_spoken"]
    return spoken


def written_as(language: str) -> str:
    """Return the locale whose dates, times and numbers ``language`` is written with."""
    return _REGIONS.get(language, language)


def locale_code() -> str:
    """Return the two letters of the language in force, in or out of a request."""
    locale = get_locale()
    return locale.language if locale is not None else LOCALES[0]


def in_language(language: str, text: str) -> str:
    """Return ``text``, a message id, in ``language``: for what is written down, not shown."""
    with force_locale(written_as(language)):
        return gettext(text)


def alternate_urls() -> dict[str, str]:
    """Return the address of this page in each language."""
    return {locale: query_url(lang=locale, mail=None) for locale in LOCALES}


def town_zone() -> str | None:
    """Return the time zone that ``app.extensions["civic_zone"]`` says; None is the default one."""
    say: Callable[[], str | None] | None = current_app.extensions.get("civic_zone")
    return say() if say is not None else None


def init_app(app: Flask) -> None:
    """Bind Flask-Babel; keep an explicit choice, or the language of a mail, in a cookie."""
    app.extensions["civic_spoken"] = Spoken(app.extensions["civic_settings"].language)
    app.config.setdefault("BABEL_DEFAULT_LOCALE", LOCALES[0])
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Europe/Paris")
    babel.init_app(
        app,
        locale_selector=lambda: written_as(chosen_locale()),
        timezone_selector=town_zone,
    )

    @app.after_request
    def keep_choice(response: Response) -> Response:
        kept = request.cookies.get(COOKIE)
        asked = request.args.get("lang", "")
        if asked not in LOCALES and kept not in LOCALES:
            asked = request.args.get(OF_MAIL, "")
        if asked in LOCALES and kept != asked:
            response.set_cookie(
                COOKIE,
                asked,
                max_age=A_YEAR,
                secure=app.config["SESSION_COOKIE_SECURE"],
                httponly=True,
                samesite="Lax",
            )
        response.headers.setdefault("Content-Language", locale_code())
        return response
