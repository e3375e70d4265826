"""What the layouts expect on every page (see docs/design.md)."""

from typing import Any

from flask import Flask, request, url_for
from flask_babel import gettext

from civic import __version__
from civic.accounts.actor import Actor, Role
from civic.accounts.session import current_account, current_actor
from civic.extensions import db
from civic.i18n import N_
from civic.places.queries import find_town
from civic.web.addresses import query_url
from civic.web.language import alternate_urls, locale_code

ACCESSIBILITY_STATUSES = {
    "none": N_("non conforme"),
    "partial": N_("partiellement conforme"),
    "full": N_("totalement conforme"),
}


class UserView:
    """The signed-in person, as layouts see them."""

    def __init__(self, actor: Actor) -> None:
        self.display_name = actor.name
        self.is_agent = actor.has(Role.AGENT)
        self.is_moderator = actor.has(Role.MODERATOR)
        self.is_mediator = actor.has(Role.MEDIATOR)
        self.is_administrator = actor.has(Role.ADMINISTRATOR)


def init_app(app: Flask) -> None:
    """Offer the context of the layouts to every template."""

    @app.context_processor
    def chrome() -> dict[str, Any]:
        account = current_account()
        return {
            "town": _town(),
            "user": UserView(current_actor()) if account is not None else None,
            "account": _account_links(current_actor()),
            "locale": locale_code(),
            "alternate_urls": alternate_urls(),
            "canonical_url": query_url(lang=None),
            "version": __version__,
        }


def _town() -> dict[str, Any]:
    town = find_town(db.session())
    theme = town.theme if town else {}
    status = (town.legal if town else {}).get("accessibility_status", "none")
    return {
        "name": town.name if town else "civic",
        "logo_url": theme.get("logo_url", ""),
        "accessibility_status": gettext(ACCESSIBILITY_STATUSES[status]),
        "is_demo": town.is_demo if town else False,
    }


def _account_links(actor: Actor) -> dict[str, Any]:
    return {
        "sign_in_url": url_for("accounts.sign_in", next=request.full_path.rstrip("?")),
        "sign_out_url": url_for("accounts.sign_out"),
        "entries": list(_entries(actor)),
    }


def _entries(actor: Actor) -> list[dict[str, Any]]:
    entries = [
        ("accounts.overview", N_("Mon espace"), "person-circle", True),
        ("notifications.index", N_("Mes nouvelles"), "bell", True),
        ("desk.index", N_("Bureau des agents"), "inbox", actor.has(Role.AGENT)),
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
        }
        for endpoint, label, icon, shown in entries
        if shown
    ]
