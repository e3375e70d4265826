"""The mail that gathers news."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from civic.notifications.events import sentence_of
from civic.notifications.mails.words import Block, Links, Mail, Paragraph

MOST = 50
"""Lines that one digest names; what is beyond is counted."""


def digest(data: dict[str, Any]) -> Mail:
    """What happened since the last one. Expects lines: the data of news, each with its event."""
    lines = data["lines"]
    blocks: list[Block] = [
        Links([(sentence_of(line["event"], line, _), _page(line)) for line in lines[:MOST]])
    ]
    if len(lines) > MOST:
        more = len(lines) - MOST
        blocks.append(
            Paragraph(ngettext("Et %(num)s autre nouvelle.", "Et %(num)s autres nouvelles.", more))
        )
    is_mailbox = bool(data.get("department_id"))
    return Mail(
        subject=ngettext("%(num)s nouvelle", "%(num)s nouvelles", len(lines)),
        blocks=blocks,
        action=(_("Ouvrir le bureau"), "/desk")
        if is_mailbox
        else (_("Lire mes nouvelles"), "/notifications"),
        reason=_("Ce courriel est envoyé à l’adresse du service compétent.")
        if is_mailbox
        else _(
            "Ces nouvelles sont réunies parce que vous l’avez choisi, ou parce qu’il y en a eu "
            "beaucoup en une heure."
        ),
    )


def _page(line: dict[str, Any]) -> str:
    return str(line.get("path") or f"/c/{line.get('reference', '')}")
