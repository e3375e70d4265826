"""Who may enter which page: every view says it, and what says nothing is closed.

The decorators mark a view; one hook before each request enforces the mark. The finer rules (may
*this* person edit *this* contribution) are policies, asked by the view with :func:`authorise`.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from flask import (
    Flask,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from civic.web.late import carried_form
from civic.web.urls import page_of

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "__civic_access__"


class Entry(StrEnum):
    """Who is let in."""

    PUBLIC = "public"
    RESIDENT = "resident"
    AGENT = "agent"
    MODERATOR = "moderator"
    MEDIATOR = "mediator"
    ADMINISTRATOR = "administrator"


class Caller(Protocol):
    """What the guard has to know of the person who asks."""

    def may_enter(self, entry: Entry) -> bool:
        """Whether a page for ``entry`` is open to this person."""

    @property
    def is_signed_in(self) -> bool:
        """Whether signing in could still change the answer."""

    @property
    def key(self) -> str:
        """What this person's own limits are counted by; empty for a visitor."""


def entry_for(*entries: Entry) -> Callable[[View], View]:
    """Mark a view as open to everyone who may enter as one of ``entries``."""

    def mark(view: View) -> View:
        setattr(view, _MARK, frozenset(entries))
        return view

    return mark


public = entry_for(Entry.PUBLIC)
residents = entry_for(Entry.RESIDENT)
agents = entry_for(Entry.AGENT)
moderators = entry_for(Entry.MODERATOR)
mediators = entry_for(Entry.MEDIATOR)
administrators = entry_for(Entry.ADMINISTRATOR)


def entries_of(view: Callable[..., Any]) -> frozenset[Entry]:
    """Return what a view is marked with; nothing means closed to all."""
    mark: frozenset[Entry] = getattr(view, _MARK, frozenset())
    return mark


def authorise(allowed: bool) -> None:  # noqa: FBT001 (reads as a sentence: authorise(may_edit(…)))
    """Go on when ``allowed``, otherwise answer 403."""
    if not allowed:
        abort(403)


def ask_to_sign_in(here: str) -> Response:
    """Lead to the page for signing in, and from there to ``here``; what was written is kept."""
    carried = carried_form()
    if carried is None:
        return _lead_to_sign_in(here)
    page = render_template("errors/signed_out.html", carried=carried, next=here)
    return make_response(page, 403)


def _lead_to_sign_in(here: str) -> Response:
    page = url_for("accounts.sign_in", next=here)
    if "HX-Request" in request.headers:
        # A part of a page cannot hold the page for signing in.
        return Response(status=204, headers={"HX-Redirect": page})
    return redirect(page, 303)


def init_app(
    app: Flask, caller: Callable[[], Caller], keep_intent: Callable[[], str | None]
) -> None:
    """Enforce the marks on every request; ``caller`` finds out who asks.

    ``keep_intent`` lets what a visitor wants wait, and returns where it goes on; None for what
    cannot wait.
    """
    app.extensions["civic_caller"] = caller
    app.extensions["civic_keep_intent"] = keep_intent
    app.before_request(turn_away)


def turn_away(*, is_meant: bool = True) -> Response | None:
    """Return the way to sign in where that is what is missing, None for whoever may come in.

    Answers 403 where signing in would not help. Without ``is_meant`` (a form without its token,
    which another site may have sent) nothing that it asks for waits.
    """
    if request.endpoint is None or request.endpoint.rsplit(".", 1)[-1] == "static":
        return None
    entries = entries_of(current_app.view_functions[request.endpoint])
    if Entry.PUBLIC in entries:
        return None
    person: Caller = current_app.extensions["civic_caller"]()
    if any(person.may_enter(entry) for entry in entries):
        return None
    if person.is_signed_in or not entries:
        abort(403)
    here = request.full_path.rstrip("?")
    if request.method != "GET" and is_meant:
        kept: str | None = current_app.extensions["civic_keep_intent"]()
        if kept is not None:
            return _lead_to_sign_in(kept)
    if request.method != "GET":
        # Somebody pressed a button that needs an account: they come back to its page.
        here = page_of(request.path) or _page_before()
    return ask_to_sign_in(here)


def _page_before() -> str:
    referrer = request.referrer or ""
    if referrer.startswith(request.host_url):
        return "/" + referrer.removeprefix(request.host_url)
    return "/"
