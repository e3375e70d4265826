"""``/demo/mail``: in the demo town, the folder of mails as a mailbox that anybody may read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from civic.extensions import db
from civic.places.queries import is_demo_town
from civic.settings import Settings
from civic.web.access import public

blueprint = Blueprint("mailbox", __name__)
SHOWN = 100
_NAME = re.compile(r"[0-9T]+-[0-9a-f]+")
_ADDRESS = re.compile(r"https?://\S+")
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox "
    "allow-top-navigation-by-user-activation"
)
"""A mail's own inline styles are shown in a page that can do nothing else."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of the folder."""

    name: str
    subject: str
    recipient: str
    at: datetime
    text: str
    html: str


@blueprint.get("/demo/mail")
@public
def index() -> ResponseReturnValue:
    """The mails, the newest first."""
    _require_demo()
    return render_template("notifications/mailbox.html", letters=list(_letters()))


@blueprint.get("/demo/mail/<name>")
@public
def show(name: str) -> ResponseReturnValue:
    """One mail, its text part."""
    letter = _letter(name)
    return render_template(
        "notifications/letter.html",
        letter=letter,
        text=_with_links(letter.text),
        html_url=url_for(".html", name=name),
    )


@blueprint.get("/demo/mail/<name>/html")
@public
def html(name: str) -> ResponseReturnValue:
    """One mail, its HTML part, shut in."""
    response = Response(_letter(name).html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "private, no-store"
    return response


def init_app(app: Flask) -> None:
    """Serve the mailbox in the demo town only."""
    if app.extensions["civic_settings"].demo:
        app.register_blueprint(blueprint)


def _require_demo() -> None:
    if not is_demo_town(db.session()):
        abort(404)


def _folder() -> Path:
    settings: Settings = current_app.extensions["civic_settings"]
    return settings.mail_dir


def _letters() -> Iterator[Letter]:
    paths = sorted(_folder().glob("[0-9]*.eml"), reverse=True)[:SHOWN]
    return (_read(path) for path in paths)


def _letter(name: str) -> Letter:
    _require_demo()
    path = _folder() / f"{name}.eml"
    if not _NAME.fullmatch(name) or not path.is_file():
        abort(404)
    return _read(path)


def _read(path: Path) -> Letter:
    message = BytesParser(EmailMessage, policy=default).parsebytes(path.read_bytes())
    return Letter(
        name=path.stem,
        subject=str(message["Subject"]),
        recipient=str(message["To"]),
        at=message["Date"].datetime,
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _part(message: EmailMessage, subtype: str) -> str:
    part = message.get_body(preferencelist=(subtype,))
    return str(part.get_content()) if part else ""


def _with_links(text: str) -> Markup:
    """Return ``text`` with its addresses as links."""
    parts: list[Markup] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        parts += [escape(text[end : match.start()]), _LINK.format(match[0], match[0])]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


_LINK = Markup('<a href="{}">{}</a>')
