"""Mails to those who deal with a case, moderate it or answer an appeal: one shape for all."""

from typing import Any

from flask_babel import gettext as _

from civic.notifications.events import sentence_of
from civic.notifications.mails.words import (
    Block,
    Facts,
    Mail,
    Paragraph,
    Quote,
    day,
    facts_of,
    words_of,
)


def news(data: dict[str, Any]) -> Mail:
    """What has happened to a case. Expects event, path and what the event's sentence names."""
    case = data.get("case")
    blocks: list[Block] = []
    if data.get("nobody"):
        blocks.append(
            Paragraph(
                _(
                    "Personne n’est encore chargé de s’en occuper : confiez un rôle à quelqu’un, "
                    "ou donnez une adresse électronique au service."
                )
            )
        )
    elif case is not None and case.is_held:
        blocks.append(Paragraph(_("Le texte attend une relecture : le public ne le voit pas.")))
    if data.get("sentence"):
        blocks.append(Quote(data["sentence"]))
    if case is not None:
        due = (_("Réponse prévue au plus tard le"), day(data.get("due_at")))
        blocks += [facts_of(case, due), *([] if data.get("nobody") else words_of(case))]
    elif data.get("decision"):
        blocks.append(Facts([(_("Numéro de la décision"), data["decision"])]))
    return Mail(
        subject=sentence_of(data["event"], data, _),
        blocks=blocks,
        action=(_("Ouvrir"), data["path"]),
        reason=_reason(data),
    )


def _reason(data: dict[str, Any]) -> str:
    if data.get("department_id"):
        return _("Ce courriel est envoyé à l’adresse du service compétent.")
    return _("Vous recevez ce courriel parce que la ville vous a confié un rôle.")
