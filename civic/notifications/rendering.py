"""From a stored mail to what is sent: words in the recipient's language, text and HTML, headers."""

import logging
import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from flask import Flask
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from civic.attachments.operations import file_key
from civic.notifications.cases import with_case
from civic.notifications.links import refusal_path
from civic.notifications.mails import write
from civic.notifications.models import OutgoingEmail
from civic.notifications.policy import POLICY
from civic.notifications.queries import list_thread
from civic.places.queries import find_town
from civic.settings import Settings
from civic.storage.files import MissingFileError
from civic.text.mailboxes import ascii_address, ascii_url
from civic.web.colours import DEFAULT, light_tones, parse
from civic.web.language import written_as

log = logging.getLogger(__name__)
_SHOWN = re.compile(r'<img src="cid:([^"]+)"')
"""The photos of a mail by their keys; what people write is escaped, and cannot look so."""


@dataclass(frozen=True, slots=True)
class Site:
    """What every mail says of the town that sends it."""

    name: str
    mail_colour: str


def render(app: Flask, session: Session, row: OutgoingEmail) -> EmailMessage:
    """Return the mail of ``row``, with no tracking of any kind.

    Message-ID and Date are those of the row, so that a repeated try is the same mail. Raises
    LookupError for a template that this version does not know.
    """
    settings: Settings = app.extensions["civic_settings"]
    site = _site(session)
    refusal = _refusal(row)
    data = with_case(session, row, row.locale)
    layout = {
        "town": site,
        "locale": row.locale,
        "site_url": settings.public_url,
        "settings_path": refusal,
    }
    with force_locale(written_as(row.locale)):
        words = write(app, row.template, data, layout)
    domain = _domain(settings)
    message = EmailMessage(policy=POLICY)
    message["Subject"] = words.subject
    message["From"] = Address(display_name=site.name, addr_spec=ascii_address(settings.mail_from))
    message["To"] = ascii_address(row.recipient)
    message["Date"] = format_datetime(row.created_at)
    message["Message-ID"] = f"<{row.message_id}@{domain}>"
    _thread(message, row, list_thread(session, row), domain)
    message["Auto-Submitted"] = "auto-generated"
    if refusal:
        group = str(row.data["group"])
        message["List-Id"] = f"<{group if group.isalpha() else 'digest'}.{domain}>"
        message["List-Unsubscribe"] = f"<{ascii_url(settings.public_url)}{refusal}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(words.text, cte="quoted-printable")
    message.add_alternative(words.html, subtype="html", cte="quoted-printable")
    _enclose(app, message, words.html)
    # What comes before a content is taken for a header of that content, and goes with it.
    message["Content-Language"] = row.locale
    return message


def _thread(message: EmailMessage, row: OutgoingEmail, earlier: list[str], domain: str) -> None:
    """Let mail programs show what is about one contribution together.

    All name one root that no mail has: the first of them are deleted in time.
    """
    if not row.thread:
        return
    known = [earlier[0], earlier[-1]] if len(earlier) > 1 else earlier
    ids = [f"<{one}@{domain}>" for one in [f"{row.thread}.thread", *known]]
    message["References"] = " ".join(ids)
    if earlier:
        message["In-Reply-To"] = ids[-1]


def _enclose(app: Flask, message: EmailMessage, html: str) -> None:
    """Put the photos into the mail: programs load nothing from a site, and some are private."""
    page = message.get_body(preferencelist=("html",)) or message
    for key in dict.fromkeys(_SHOWN.findall(html)):
        try:
            with app.extensions["file_store"].open(file_key(key, "small")) as file:
                picture = file.read()
        except (OSError, MissingFileError):
            log.warning("a photo of a mail could not be read")
        else:
            page.add_related(picture, "image", "jpeg", cid=f"<{key}>")


def _refusal(row: OutgoingEmail) -> str:
    group = row.data.get("group")
    for owner in ("account", "department"):
        owner_id = row.data.get(f"{owner}_id")
        if group and owner_id:
            return refusal_path(owner, int(owner_id), str(group))
    return ""


def _site(session: Session) -> Site:
    town = find_town(session)
    colour = parse(town.theme.get("colour") or DEFAULT) if town else DEFAULT
    name = town.name if town else gettext("La mairie")
    return Site(name=name, mail_colour=light_tones(colour).brand)


def _domain(settings: Settings) -> str:
    _, _, domain = ascii_address(settings.mail_from).partition("@")
    return domain or "localhost"
