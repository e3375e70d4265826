"""What the layouts expect on every page (see docs/design.md)."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Blueprint, Flask, Response, g, request, url_for
from flask_babel import gettext

from civic import __version__
from civic.accounts.actor import VISITOR, Actor, Role
from civic.accounts.session import current_account, current_actor, draft_owner
from civic.administration.labels import ACCESSIBILITY_STATUSES
from civic.administration.queries import declared_status
from civic.contributions.models import Contribution
from civic.extensions import db
from civic.i18n import N_
from civic.notifications.events import Event
from civic.notifications.queries import count_unread, list_badges
from civic.places.models import Town
from civic.places.queries import find_town
from civic.web.access import public
from civic.web.colours import DEFAULT, light_tones, parse, town_stylesheet
from civic.web.language import LOCALES, alternate_urls, locale_code
from civic.web.urls import query_url

blueprint = Blueprint("layout", __name__)


class UserView:
    """The signed-in person, as layouts see them."""

    def __init__(self, actor: Actor) -> None:
        self.display_name = actor.name
        self.is_agent = actor.has(Role.AGENT)
        self.is_moderator = actor.has(Role.MODERATOR)
        self.is_mediator = actor.has(Role.MEDIATOR)
        self.is_administrator = actor.has(Role.ADMINISTRATOR)


@blueprint.get("/town.css")
@public
def stylesheet() -> Response:
    """Serve the town's own colour: for ever when asked for by that colour, as pages do."""
    colour = _colour(find_town(db.session()))
    response = Response(town_stylesheet(colour), mimetype="text/css")
    kept = request.args.get("v") == colour
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if kept else "no-cache"
    )
    return response


def init_app(app: Flask) -> None:
    """Offer the context of the layouts to every template, and the town's colour."""
    app.register_blueprint(blueprint)
    app.extensions["civic_zone"] = _zone

    @app.context_processor
    def chrome() -> dict[str, Any]:
        # A language asked for by name is a page of its own; the bare address is whichever fits.
        asked = request.args.get("lang", "")
        language = asked if asked in LOCALES else None
        return _town_and_person() | {
            "locale": locale_code(),
            "alternate_urls": alternate_urls(),
            "canonical_url": query_url(lang=language, mail=None),
            "canonical_language": language,
            "any_language_url": query_url(lang=None, mail=None),
            "version": __version__,
            "badges_of": _badges_of,
        }


def _badges_of(cases: Iterable[Contribution]) -> dict[int, list[Event]]:
    """Return what is new to who reads, of each of the ``cases`` in a list of the desk."""
    account_id = current_actor().account_id
    return {} if account_id is None else list_badges(db.session(), account_id, cases)


def _town_and_person() -> dict[str, Any]:
    if g.get("without_database"):
        town, actor, account = None, VISITOR, None
        owner = None
    else:
        town, actor, account = find_town(db.session()), current_actor(), current_account()
        owner = draft_owner()
    return {
        "town": _town(town),
        "user": UserView(actor) if account is not None else None,
        "account": _account_links(actor),
        "desk_nav": list(_desk_links(actor)),
        "draft_owner": owner,
    }


def _town(town: Town | None) -> dict[str, Any]:
    theme = town.theme if town else {}
    status = declared_status(town.legal if town else {})
    return {
        "name": town.name if town else "civic",
        "logo_url": url_for("legal.logo", name=theme["logo"]) if theme.get("logo") else "",
        "stylesheet_url": url_for("layout.stylesheet", v=_colour(town)),
        "mail_colour": light_tones(_colour(town)).brand,
        "accessibility_status": gettext(ACCESSIBILITY_STATUSES[status]),
        "is_demo": town.is_demo if town else False,
    }


def _zone() -> str | None:
    """Return the time zone that every date is shown in, on pages and in mails."""
    town = None if g.get("without_database") else find_town(db.session())
    return town.zone if town else None


def _colour(town: Town | None) -> str:
    """Return the colour that the town chose, in its one spelling."""
    return parse(town.theme.get("colour") or DEFAULT) if town else DEFAULT


def _account_links(actor: Actor) -> dict[str, Any]:
    return {
        "sign_in_url": url_for("accounts.sign_in", next=request.full_path.rstrip("?")),
        "sign_out_url": url_for("accounts.sign_out"),
        "entries": list(_entries(actor)),
    }


def _desk_links(actor: Actor) -> Iterator[dict[str, Any]]:
    """Yield the menu of the desk, in the order shown, with what this person may enter."""
    agent = actor.has(Role.AGENT)
    moderator = actor.has(Role.MODERATOR, Role.MEDIATOR)
    links = (
        ("desk.index", N_("À traiter"), "inbox", actor.has(Role.AGENT, Role.MEDIATOR)),
        ("desk.new", N_("Saisir une demande"), "telephone", agent),
        ("actions.index", N_("Actions"), "cone-striped", agent),
        ("desk.replies", N_("Réponses types"), "chat-dots", agent),
        ("moderation.index", N_("Modération"), "shield-check", moderator),
        ("moderation.appeals", N_("Recours"), "arrow-repeat", moderator),
        ("moderation.decisions", N_("Décisions"), "journal-text", moderator),
        ("administration.index", N_("Réglages"), "gear", actor.has(Role.ADMINISTRATOR)),
    )
    for endpoint, label, icon, shown in links:
        if shown:
            yield {
                "url": url_for(endpoint),
                "label": gettext(label),
                "icon": icon,
                "current": request.endpoint == endpoint,
            }


def _entries(actor: Actor) -> list[dict[str, Any]]:
    unread = count_unread(db.session(), actor.account_id) if actor.account_id is not None else 0
    entries = [
        ("accounts.overview", N_("Mon espace"), "person-circle", True),
        ("notifications.index", N_("Mes nouvelles"), "bell", True),
        ("desk.index", N_("Bureau des agents"), "inbox", actor.has(Role.AGENT, Role.MEDIATOR)),
        (
            "moderation.index",
            N_("Modération"),
            "shield-check",
            actor.has(Role.MODERATOR, Role.MEDIATOR),
        ),
        ("administration.index", N_("Réglages"), "gear", actor.has(Role.ADMINISTRATOR)),
    ]
    return [
        {
            "url": url_for(endpoint),
            "label": gettext(label),
            "icon": icon,
            "current": request.endpoint == endpoint,
            "count": unread if endpoint == "notifications.index" else 0,
        }
        for endpoint, label, icon, shown in entries
        if shown
    ]
