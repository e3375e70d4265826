"""Doing what somebody wanted before signing in: at once in the same browser, else by a button."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from civic.accounts import intents
from civic.accounts.entering import BROWSER, browser_key
from civic.accounts.intents import Outcome, Wish
from civic.accounts.models import CapabilityToken
from civic.accounts.operations.capabilities import (
    holds,
    look_up_capability,
    use_capability,
)
from civic.accounts.paths import own_path
from civic.accounts.session import current_actor
from civic.accounts.views.shared import blueprint, open_session, private_page
from civic.database import start_writing
from civic.errors import DomainError, NotFound, require
from civic.i18n import N_
from civic.web.access import residents
from civic.web.errors import sentence_of
from civic.web.late import name_taken_draft
from civic.web.limits import submit_limit, vote_limit

_TOKENS = "/intents/t/"
_NAMED = "/intents/"


@blueprint.get("/intents/<act>/<about>")
@residents
def named_intent(act: str, about: str) -> ResponseReturnValue:
    """Name the act of a link, with one button: a link that is followed does nothing."""
    return _intent_page(_described(act, about, {}))


@blueprint.post("/intents/<act>/<about>")
@residents
@vote_limit
def do_named_intent(act: str, about: str) -> ResponseReturnValue:
    """Do it."""
    _described(act, about, {})
    return _told(_perform(act, about, {}))


@blueprint.get("/intents/t/<token>")
@residents
def kept_intent(token: str) -> ResponseReturnValue:
    """Name the act that was begun in another browser, with one button."""
    found = _find(token)
    if not holds(found):
        return _told(_over(found))
    return _intent_page(_described(found.subject, found.scope["about"], found.scope["details"]))


@blueprint.post("/intents/t/<token>")
@residents
@submit_limit
def do_kept_intent(token: str) -> ResponseReturnValue:
    """Do it, once."""
    return _do_once(_find(token))


def go_on(wanted: str, browser: str | None) -> ResponseReturnValue:
    """Lead whoever has just signed in to what they wanted, which is done now if it is an act.

    Only in the browser that began it: nobody's click casts the vote of somebody else.
    """
    if wanted.startswith(_TOKENS):
        found = _look_up(wanted)
        if found is not None and intents.is_from(found, browser):
            return _do_once(found)
    return redirect(own_path(wanted, url_for("accounts.overview")), 303)


def kept_path(wanted: str) -> str:
    """Return ``wanted``; for a link that names an act, where the act waits for this browser."""
    named = _named(wanted)
    if named is None:
        return wanted
    act, about = named
    return _keep(act, about, {})


def wish_of(wanted: str) -> Wish | None:
    """Return in words what whoever signs in is going to do, if it is an act."""
    if wanted.startswith(_TOKENS):
        found = _look_up(wanted)
        if found is None or not holds(found):
            return None
        act, about, details = found.subject, found.scope["about"], found.scope["details"]
        return intents.acts[act].describe(open_session(), about, details)
    named = _named(wanted)
    return intents.acts[named[0]].describe(open_session(), named[1], {}) if named else None


def is_from_here(wanted: str) -> bool:
    """Whether the act was begun in this very browser."""
    found = _look_up(wanted) if wanted.startswith(_TOKENS) else None
    return found is not None and intents.is_from(found, session.get(BROWSER))


def keep_what_was_sent() -> str | None:
    """Let what a visitor sent wait; return where it goes on after signing in, None if nowhere."""
    read = intents.read_form(request.endpoint or "", request.view_args or {}, request.form)
    if read is None:
        return None
    start_writing(open_session())
    path = _keep(*read)
    open_session().commit()
    return path


def _keep(act: str, about: str, details: dict[str, Any]) -> str:
    token = intents.keep_intent(
        open_session(), act=act, about=about, details=details, browser=browser_key()
    )
    return url_for("accounts.kept_intent", token=token)


def _named(wanted: str) -> tuple[str, str] | None:
    if not wanted.startswith(_NAMED):
        return None
    act, _, about = wanted.removeprefix(_NAMED).partition("/")
    known = intents.acts.get(act)
    return (act, about) if known is not None and not known.needs_details and about else None


def _look_up(wanted: str) -> CapabilityToken | None:
    token = wanted.removeprefix(_TOKENS)
    return look_up_capability(open_session(), token, purpose=intents.PURPOSE)


def _find(token: str) -> CapabilityToken:
    return require(
        look_up_capability(open_session(), token, purpose=intents.PURPOSE),
        N_("Ce lien ne vaut plus."),
    )


def _described(act: str, about: str, details: Mapping[str, Any]) -> Wish:
    known = intents.acts.get(act)
    if known is None or (known.needs_details and not details):
        raise NotFound(N_("Cette page n’existe pas."))
    return require(
        known.describe(open_session(), about, details),
        N_("Ce n’est plus public : rien n’a été fait."),
    )


def _do_once(found: CapabilityToken) -> ResponseReturnValue:
    act, about, details = found.subject, found.scope["about"], found.scope["details"]
    if not use_capability(open_session(), found):
        return _told(_over(found))
    # What was written is not needed any more.
    found.scope = {**found.scope, "details": {}}
    outcome = _perform(act, about, details)
    if outcome.is_done:
        name_taken_draft(details.get("draft", ""))
    else:
        use_capability(open_session(), found)
        open_session().commit()
    return _told(outcome)


def _perform(act: str, about: str, details: Mapping[str, Any]) -> Outcome:
    """Do it and commit; what a rule refuses is undone and becomes an outcome."""
    try:
        outcome = intents.acts[act].perform(open_session(), about, details, current_actor())
    except DomainError as error:
        open_session().rollback()
        wish = intents.acts[act].describe(open_session(), about, details)
        url = wish.url if wish is not None else "/"
        return Outcome(sentence_of(error), url, is_done=False, text=details.get("body", ""))
    open_session().commit()
    return outcome


def _over(found: CapabilityToken) -> Outcome:
    """Why it is not done now: it was done before, or too much time has passed."""
    details = found.scope["details"]
    wish = intents.acts[found.subject].describe(open_session(), found.scope["about"], details)
    url = wish.url if wish is not None else "/"
    if found.uses_left < 1:
        return Outcome(_("C’est déjà fait."), url)
    sentence = _("Plus d’une heure a passé : rien n’a été fait. Vous pouvez recommencer ici.")
    return Outcome(sentence, url, is_done=False, text=wish.text if wish is not None else "")


def _told(outcome: Outcome) -> ResponseReturnValue:
    if outcome.text:
        return private_page(render_template("accounts/intent_refused.html", outcome=outcome))
    flash(outcome.sentence, "success" if outcome.is_done else "warning")
    return redirect(outcome.url, 303)


def _intent_page(wish: Wish) -> ResponseReturnValue:
    return private_page(render_template("accounts/intent.html", wish=wish))
