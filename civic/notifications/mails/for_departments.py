"""Mails to the departments of the town."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from civic.notifications.mails.words import Block, Links, Mail, Paragraph, day


def reminder(data: dict[str, Any]) -> Mail:
    """What falls due and what is late. Expects soon and late: [{title, reference, due_at}]."""
    soon, late = data["soon"], data["late"]
    blocks: list[Block] = []
    if late:
        blocks += [
            Paragraph(
                ngettext(
                    "%(num)s demande vient de dépasser sa date : la page publique le dit.",
                    "%(num)s demandes viennent de dépasser leur date : les pages publiques le "
                    "disent.",
                    len(late),
                )
            ),
            _list(late),
        ]
    if soon:
        blocks += [
            Paragraph(
                ngettext(
                    "%(num)s demande arrive bientôt à sa date.",
                    "%(num)s demandes arrivent bientôt à leur date.",
                    len(soon),
                )
            ),
            _list(soon),
        ]
    return Mail(
        subject=_(
            "À traiter : %(late)s en retard, %(soon)s à échéance proche",
            late=len(late),
            soon=len(soon),
        ),
        blocks=blocks,
        action=(_("Ouvrir le bureau"), "/desk"),
        reason=_("Ce courriel est envoyé à l’adresse du service compétent."),
    )


def _list(items: list[dict[str, str]]) -> Links:
    return Links(
        [
            (
                _(
                    "%(title)s (%(reference)s), pour le %(day)s",
                    title=item["title"],
                    reference=item["reference"],
                    day=day(item["due_at"], "long"),
                ),
                f"/c/{item['reference']}",
            )
            for item in items[:50]
        ]
    )
