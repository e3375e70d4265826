"""Mails about what the town commits to: one for all the contributions of a person."""

from typing import Any

from flask_babel import gettext as _

from civic.notifications.mails.words import Block, Facts, Mail, Paragraph, Quote, translated


def linked(data: dict[str, Any]) -> Mail:
    """The town takes an action. Expects title, status, sentence, references, path."""
    return _mail(
        _("La ville s’engage : « %(title)s »", title=data["title"]),
        _("Cette action répond à une demande que vous avez faite, soutenue ou suivie."),
        data,
    )


def updated(data: dict[str, Any]) -> Mail:
    """An action moved. Expects title, status, sentence, references, path."""
    return _mail(
        _("Du nouveau : « %(title)s »", title=data["title"]),
        _("L’action que vous suivez avance."),
        data,
    )


def closed(data: dict[str, Any]) -> Mail:
    """An action is done or abandoned. Expects title, status, sentence, references, path."""
    said = translated(data)
    return _mail(
        _("« %(title)s » : %(status)s", title=data["title"], status=said["status"]),
        _("L’action que vous suiviez est close. La page dit ce qui a été fait, et pourquoi."),
        data,
    )


def _mail(subject: str, opening: str, data: dict[str, Any]) -> Mail:
    blocks: list[Block] = [Paragraph(opening)]
    if data.get("sentence"):
        blocks.append(Quote(data["sentence"]))
    blocks.append(
        Facts(
            [
                (_("Où en est l’action"), translated(data)["status"]),
                (_("Vos demandes concernées"), "\n".join(data.get("titles", []))),
            ]
        )
    )
    return Mail(
        subject=subject,
        blocks=blocks,
        action=(_("Voir l’action"), data["path"]),
        reason=_(
            "Vous recevez ce courriel parce que vous suivez cette action, ou que vous avez écrit, "
            "soutenu ou suivi une demande à laquelle elle répond."
        ),
    )
