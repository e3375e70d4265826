"""Mails to the departments of the town."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from civic.notifications.mails.words import Block, Link, Links, Mail, Paragraph, day


def reminder(data: dict[str, Any]) -> Mail:
    """What falls due and what is late. Expects soon and late: [{title, reference, due_at}]."""
    soon, late = data["soon"], data["late"]
    blocks: list[Block] = []
    if late:
        blocks += [
            Paragraph(
                ngettext(
                    "%(num)s demande vient de dépasser sa date.",
                    "%(num)s demandes viennent de dépasser leur date.",
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
        subject=_reminder_subject(len(late), len(soon)),
        blocks=blocks,
        action=(_("Ouvrir le bureau"), "/desk"),
        reason=_("Ce courriel est envoyé à l’adresse du service compétent."),
    )


def overdue(data: dict[str, Any]) -> Mail:
    """What has just become late, for a supervisor.

    Expects departments: [{name, late: [{title, reference, due_at}]}].
    """
    late = [item for department in data["departments"] for item in department["late"]]
    blocks: list[Block] = []
    for department in data["departments"]:
        blocks += [
            Paragraph(
                ngettext(
                    "%(department)s : %(num)s demande vient de dépasser sa date.",
                    "%(department)s : %(num)s demandes viennent de dépasser leur date.",
                    len(department["late"]),
                    department=department["name"],
                )
            ),
            _list(department["late"]),
        ]
    return Mail(
        subject=_reminder_subject(len(late), 0),
        blocks=blocks,
        action=(_("Voir ce qui est en retard"), "/desk?view=late"),
        reason=_("Vous recevez ce courriel parce que vous suivez le travail de tous les services."),
    )


def _reminder_subject(late: int, soon: int) -> str:
    """Name only what there is."""
    if not soon:
        return ngettext("%(num)s demande en retard", "%(num)s demandes en retard", late)
    if not late:
        return ngettext(
            "%(num)s demande à échéance proche", "%(num)s demandes à échéance proche", soon
        )
    return _("À traiter : %(late)s en retard, %(soon)s à échéance proche", late=late, soon=soon)


def _list(items: list[dict[str, str]]) -> Links:
    return Links([Link(_line(item), f"/desk/{item['reference']}") for item in items[:50]])


def _line(item: dict[str, str]) -> str:
    said = {"title": item["title"], "reference": item["reference"]}
    said["day"] = day(item["due_at"], "long")
    if item.get("what") == "acknowledge":
        return _("%(title)s (%(reference)s), à prendre en compte pour le %(day)s", **said)
    return _("%(title)s (%(reference)s), pour le %(day)s", **said)
