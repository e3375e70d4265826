"""What a person wrote is given back, whatever kept it from being taken.

A form can be sent too late or in vain: its token has run out, its sender is signed out, there were
too many requests, the database is busy, somebody else was quicker. The page that says so carries
what was typed in a form of its own, with a fresh token, so that one button sends it again, with or
without script. Passwords and codes are never written into a page.

The browser keeps drafts (static/js/draft.js). A form sent from one names it in the field
``draft``; the answer that says that the form was taken names it in a cookie, and only then does
the browser forget it.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, current_app, g, request, session
from flask_babel import gettext
from werkzeug.exceptions import HTTPException
from wtforms import HiddenField, PasswordField, StringField, TextAreaField

from civic.web.forms import Form

TAKEN = "civic_taken"
"""The cookie that names the drafts that were taken; ``all`` at the end of a session."""
_TAKEN_S = 600
_MOST_TAKEN = 8
_DRAFT_ID = re.compile(r"[A-Za-z0-9]{8,40}")
_LONG = 60
_SIGNED_IN = "_user_id"


@dataclass(frozen=True, slots=True)
class Line:
    """One field that a person filled, as the page shows it again."""

    name: str
    label: str
    value: str
    is_long: bool


@dataclass(slots=True)
class Carried:
    """A form as it was sent: what is shown, what only travels along, which files are asked anew."""

    action: str
    lines: list[Line] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)
    files: list[Line] = field(default_factory=list)


def carried_form(*, knowing: Mapping[str, str] | None = None) -> Carried | None:
    """Return the form of this request, None where nobody wrote anything.

    ``knowing`` are values that hidden fields get instead, so that the form can be sent again after
    its page said what has changed; it is then given back without words too.
    """
    if request.method != "POST":
        return None
    try:
        sent = list(request.form.items(multi=True))
        files = [(name, file.filename) for name, file in request.files.items(multi=True)]
    except HTTPException:
        # Larger than what is read at all.
        return None
    known = _fields_of({_bare(name) for name, _ in sent})
    form = Carried(action=request.full_path.rstrip("?"))
    for name, value in sent:
        kind, label = known.get(name) or known.get(_bare(name)) or (None, "")
        if name == "csrf_token" or _is_secret(kind):
            continue
        is_text = kind is not None and issubclass(kind.field_class, StringField)
        is_long = "\n" in value or len(value) > _LONG
        if value.strip() and (is_text or (kind is None and is_long)) and not _is_hidden(kind):
            is_area = kind is not None and issubclass(kind.field_class, TextAreaField)
            label = label or gettext("Votre texte")
            form.lines.append(Line(name, label, value, is_area or is_long))
        else:
            form.hidden.append((name, (knowing or {}).get(name, value)))
    for name in dict.fromkeys(name for name, filename in files if filename):
        label = (known.get(name) or (None, gettext("Photos")))[1]
        form.files.append(Line(name, label, "", is_long=False))
    return form if form.lines or knowing else None


def init_app(app: Flask) -> None:
    """Tell the browser which drafts were taken; bound after what knows who is signed in."""

    @app.before_request
    def remember() -> None:
        if request.method == "POST":
            request.environ["civic.signed_in"] = _SIGNED_IN in session

    @app.after_request
    def confirm(response: Response) -> Response:
        if request.method != "POST" or not _is_taken(response):
            return response
        ended = request.environ.get("civic.signed_in") and _SIGNED_IN not in session
        draft = g.get("taken_draft") or request.form.get("draft", "")
        if not ended and not _DRAFT_ID.fullmatch(draft):
            return response
        before = request.cookies.get(TAKEN, "").split(".")
        named = [one for one in before if _DRAFT_ID.fullmatch(one)][-_MOST_TAKEN:]
        response.set_cookie(
            TAKEN,
            "all" if ended else ".".join([*named, draft]),
            max_age=_TAKEN_S,
            path=request.script_root or "/",
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
            samesite="Lax",
        )
        return response


def name_taken_draft(draft: str) -> None:
    """Let the answer of this request name ``draft`` as taken: it was sent by an earlier one."""
    g.taken_draft = draft


def _is_taken(response: Response) -> bool:
    """Whether an answer says that the form was taken: on to another page, or a part of this one."""
    if response.status_code == 303:
        return not response.headers.get("Location", "").startswith(
            f"{request.script_root}/sign-in?"
        )
    return response.status_code < 300 and "HX-Request" in request.headers


def _fields_of(names: set[str]) -> dict[str, tuple[Any, str]]:
    """Return the fields of the form that was sent, with their labels.

    It is the form that knows the most of the names; among equals one that the view's module
    speaks of, then one of its feature, then the smallest.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    module = getattr(view, "__module__", "")
    spoken_of = vars(sys.modules[module]).values() if module in sys.modules else ()
    feature = ".".join(module.split(".")[:2])
    best: tuple[tuple[int, bool, bool, int], dict[str, Any]] = ((0, False, False, 0), {})
    for form in _subclasses(Form):
        fields = _declared(form)
        is_spoken_of = any(form is one for one in spoken_of)
        is_near = form.__module__.startswith(feature)
        score = (len(names & fields.keys()), is_spoken_of, is_near, -len(fields))
        if score[0] and score > best[0]:
            best = (score, fields)
    return {name: (one, _label(one)) for name, one in best[1].items()}


def _subclasses(of: type[Any]) -> Iterator[type[Any]]:
    for form in of.__subclasses__():
        yield form
        yield from _subclasses(form)


def _declared(form: type[Any]) -> dict[str, Any]:
    """Return the fields that a form class declares, by their names; as WTForms finds them."""
    named = ((name, getattr(form, name)) for name in dir(form) if not name.startswith("_"))
    return {name: one for name, one in named if hasattr(one, "_formfield")}


def _label(unbound: Any) -> str:
    given = unbound.args[0] if unbound.args else unbound.kwargs.get("label")
    return str(given or "")


def _bare(name: str) -> str:
    """Return the name of a field without the prefix of its form."""
    return name.rpartition("-")[2]


def _is_secret(unbound: Any) -> bool:
    if unbound is None:
        return False
    render = unbound.kwargs.get("render_kw") or {}
    once = render.get("autocomplete") == "one-time-code"
    return once or issubclass(unbound.field_class, PasswordField)


def _is_hidden(unbound: Any) -> bool:
    return unbound is not None and issubclass(unbound.field_class, HiddenField)
