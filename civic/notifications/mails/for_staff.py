"""Mails to those who deal with a case, moderate it or answer an appeal: one shape for all."""

from typing import Any

from flask_babel import gettext as _

from civic.flags.forms import REASONS
from civic.flags.models import FlagReason
from civic.notifications.events import sentence_of
from civic.notifications.mails.words import (
    Block,
    Facts,
    Mail,
    Paragraph,
    Quote,
    day,
    facts_of,
    translated,
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
    for one in _all(data):
        if one.get("sentence"):
            blocks.append(Quote(one["sentence"]))
        if one.get("comment") and not data.get("nobody"):
            blocks.append(Quote(one["comment"], by=one.get("by", "")))
    if case is not None:
        words = [] if data.get("nobody") or data.get("comment") else words_of(case)
        blocks += [facts_of(case, *_more(data)), *words]
    elif data.get("decision"):
        blocks.append(Facts([(_("Numéro de la décision"), data["decision"])]))
    return Mail(
        subject=sentence_of(data["event"], data, _).removesuffix("."),
        blocks=blocks,
        action=(_("Ouvrir"), data["path"]),
        reason=_reason(data),
    )


def _more(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return why a moderator is to look; for the others until when the town answers."""
    if data["group"] in {"held", "flagged"}:
        reasons = dict.fromkeys(_why(one) for one in _all(data))
        return [(_("Motif"), ", ".join(filter(None, reasons)))]
    return [(_("Réponse prévue au plus tard le"), day(data.get("due_at")))]


def _all(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what happened to the case at about the same time: ``data`` first."""
    return [data, *data.get("also", [])]


def _why(data: dict[str, Any]) -> str:
    flag = data.get("flag")
    return str(REASONS[FlagReason(flag)] if flag else translated(data).get("reason", ""))


def _reason(data: dict[str, Any]) -> str:
    if data.get("department_id"):
        return _("Ce courriel est envoyé à l’adresse du service compétent.")
    return _("Vous recevez ce courriel parce que la ville vous a confié un rôle.")
