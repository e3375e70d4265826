"""The mail that gathers news."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from civic.notifications.events import sentence_of
from civic.notifications.links import author_path
from civic.notifications.mails.words import Block, Link, Links, Mail, Paragraph
from civic.text.markdown import shorten

MOST = 50
"""Lines that one digest names; what is beyond is counted."""
MOST_WORDS = 160
"""Characters that one line quotes."""


def digest(data: dict[str, Any]) -> Mail:
    """What happened since the last one. Expects lines: the data of news, each with its event.

    Of a comment or a step, its first words are quoted.
    """
    lines = data["lines"]
    blocks: list[Block] = [Links([_link(line) for line in lines[:MOST]])]
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


def _link(line: dict[str, Any]) -> Link:
    path = str(line.get("path") or f"/c/{line.get('reference', '')}")
    if line.get("own_id"):
        path = author_path(int(line["own_id"]), int(line["account_id"]), path)
    return Link(sentence_of(line["event"], line, _), path, _first_words(line))


def _first_words(line: dict[str, Any]) -> str:
    """Return the beginning of what somebody wrote, on one line, with who it was where known."""
    said = " ".join((line.get("comment") or line.get("sentence") or "").split())
    if not said:
        return ""
    words = _("« %(words)s »", words=shorten(said, MOST_WORDS))
    return f"{words} ({line['by']})" if line.get("by") else words
