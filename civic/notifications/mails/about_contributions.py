"""Mails about what becomes of a contribution."""

from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from civic.contributions.workflow import Party
from civic.incidents.workflow import IncidentStatus
from civic.notifications.mails.words import (
    Block,
    Facts,
    Mail,
    Paragraph,
    Quote,
    day,
    department_name,
    facts_of,
    moment,
    own_reason,
    translated,
    words_of,
)
from civic.participation.timeline import PARTIES


def acknowledgement(data: dict[str, Any]) -> Mail:
    """The acknowledgement of CRPA L112-11, with all that R112-11-1 wants.

    Expects kind, reference, title, submitted_at, due_at, silence_on, department, is_held,
    follow_token and path.
    """
    subject = {
        "incident": _("Votre signalement %(reference)s est bien reçu", **_reference(data)),
        "idea": _("Votre idée %(reference)s est bien reçue", **_reference(data)),
    }.get(data["kind"], _("Votre contribution %(reference)s est bien reçue", **_reference(data)))
    token = data.get("follow_token")
    return Mail(
        subject=subject,
        blocks=[
            Paragraph(
                _(
                    "Ce courriel est l’accusé de réception prévu par l’article L. 112-11 du code "
                    "des relations entre le public et l’administration."
                )
            ),
            Facts(_receipt(data)),
            *_written(data),
            *_waiting(data),
            Paragraph(
                _(
                    "Si la ville n’a pas répondu le %(day)s, deux mois après la réception, son "
                    "silence vaut décision de rejet (article L. 231-4 du même code).",
                    day=day(data["silence_on"], "long"),
                )
            ),
            Paragraph(_follow_up(is_private=bool(token))),
        ],
        action=(_("Suivre, compléter ou corriger"), f"/s/{token}" if token else data["path"]),
        reason=_("Vous recevez ce courriel parce que cette adresse a été donnée avec la demande."),
    )


def status_changed(data: dict[str, Any]) -> Mail:
    """One step of a workflow. Expects what civic.notifications.listeners.tell_status writes."""
    said = translated(data)
    department = department_name(data.get("department"), _locale())
    blocks: list[Block] = [Paragraph(said["explanation"])]
    if data.get("sentence"):
        blocks.append(Quote(data["sentence"], by=_who(data, department)))
    rows = [
        (_("Motif"), said.get("reason", "")),
        (_("Transmis à"), data.get("recipient", "")),
        *_about(data),
        (_("Service compétent"), department),
    ]
    if data.get("is_open"):
        rows.append((_("Réponse prévue au plus tard le"), day(data.get("due_at"))))
    blocks += [Facts(rows), *_written(data), *_waiting(data)]
    action, otherwise, closing = _ways_on(data)
    return Mail(
        subject=_("« %(title)s » : %(status)s", title=data["title"], status=said["status"]),
        blocks=[*blocks, *closing],
        action=action,
        otherwise=otherwise,
        reason=own_reason(data),
    )


def _ways_on(
    data: dict[str, Any],
) -> tuple[tuple[str, str], tuple[str, str] | None, list[Block]]:
    """Return what can be done about a step: its button, another way, and what they are for."""
    page = f"/incidents/{data['reference']}"
    contest = (_("Non, ce n’est pas réglé"), f"{page}/contest")
    on = (_("Voir la suite"), data["path"])
    is_own = bool(data.get("own_id"))
    if data["status_code"] == IncidentStatus.QUESTION_ASKED and is_own:
        return (_("Répondre à la question"), data["path"]), None, []
    if not (data.get("may_contest") and (is_own or data.get("is_supporter"))):
        return on, None, []
    if data["status_code"] != IncidentStatus.RESOLVED:
        sentence = _("Si cela ne vous convient pas, vous pouvez le contester sur la page.")
        return on, None, [Paragraph(sentence)]
    if is_own:
        sentence = _(
            "Est-ce vraiment réglé ? Vous pouvez confirmer, ou contester la clôture avec une "
            "phrase et une photo."
        )
        return (_("Oui, c’est réglé"), f"{page}/confirm"), contest, [Paragraph(sentence)]
    sentence = _("Ce n’est pas réglé ? Contestez la clôture avec une phrase et une photo.")
    return on, contest, [Paragraph(sentence)]


def _who(data: dict[str, Any], department: str) -> str:
    """Return who says the sentence of a step, as the page does."""
    if data.get("is_automatic"):
        return _("Réponse automatique")
    party = Party(data.get("party", Party.AGENT))
    return department if department and party is Party.AGENT else _(PARTIES[party])


def comment(data: dict[str, Any]) -> Mail:
    """Somebody commented. Expects title, comment, department, path."""
    return Mail(
        subject=_("Un commentaire sur « %(title)s »", title=data["title"]),
        blocks=[*_words(data)],
        action=(_("Lire et répondre"), data["path"]),
        reason=own_reason(data),
    )


def reply(data: dict[str, Any]) -> Mail:
    """Somebody answered a comment. Expects title, comment, department, path."""
    return Mail(
        subject=_("Une réponse à votre commentaire sur « %(title)s »", title=data["title"]),
        blocks=[*_words(data)],
        action=(_("Lire et répondre"), data["path"]),
        reason=_("Vous recevez ce courriel parce que vous avez écrit un commentaire."),
    )


def merged(data: dict[str, Any]) -> Mail:
    """Two contributions became one. Expects source_title, target_title, target, path."""
    return Mail(
        subject=_("« %(title)s » rejoint une autre page", title=data["source_title"]),
        blocks=[
            Paragraph(
                _(
                    "« %(source)s » parle de la même chose que « %(target)s ». La suite se lit "
                    "là-bas ; votre soutien et votre suivi y sont comptés, une seule fois.",
                    source=data["source_title"],
                    target=data["target_title"],
                )
            ),
            Paragraph(
                _("Vous ne voulez pas suivre cette page ? Retirez-vous en un clic sur place.")
            ),
        ],
        action=(_("Voir la page commune"), data["path"]),
        reason=own_reason(data),
    )


def unmerged(data: dict[str, Any]) -> Mail:
    """The merge was undone. Expects source_title, target_title, path."""
    return Mail(
        subject=_("« %(title)s » a de nouveau sa propre page", title=data["source_title"]),
        blocks=[
            Paragraph(
                _(
                    "Elle avait été réunie avec « %(target)s » par erreur : les deux sont de "
                    "nouveau suivies séparément.",
                    target=data["target_title"],
                )
            )
        ],
        action=(_("Voir la page"), data["path"]),
        reason=own_reason(data),
    )


def private_answer(data: dict[str, Any]) -> Mail:
    """The town writes to the author alone. Expects title, reference, path, message (or "")."""
    blocks: list[Block] = [
        Paragraph(_("Cette réponse est pour vous seul : la page publique ne la montre pas."))
    ]
    if data.get("message"):
        blocks.append(Quote(data["message"], by=_("La ville")))
    return Mail(
        subject=_("La ville vous répond en privé : « %(title)s »", title=data["title"]),
        blocks=[*blocks, Facts([(_("Référence"), data["reference"])])],
        action=(_("Lire et répondre"), data["path"]),
        reason=own_reason(data),
    )


def message(data: dict[str, Any]) -> Mail:
    """A message in the town's own words. Expects subject, text, path."""
    return Mail(
        subject=data["subject"],
        blocks=[Paragraph(part) for part in data["text"].split("\n\n") if part.strip()],
        action=(_("Voir la page"), data["path"]) if data.get("path") else None,
        reason=own_reason(data),
    )


def _receipt(data: dict[str, Any]) -> list[tuple[str, str]]:
    department = data.get("department") or {}
    return [
        (_("Date de réception"), moment(data["submitted_at"])),
        *_about(data),
        (_("Service compétent"), department_name(department, _locale()) or _("La mairie")),
        (_("Courriel du service"), department.get("email", "")),
        (_("Adresse postale"), department.get("postal_address", "")),
        (_("Téléphone"), department.get("telephone", "")),
        (_("Réponse prévue au plus tard le"), day(data["due_at"])),
    ]


def _about(data: dict[str, Any]) -> list[tuple[str, str]]:
    case = data.get("case")
    if case is None:
        return [(_("Référence"), data["reference"]), (_("Objet"), data["title"])]
    return facts_of(case).rows


def _written(data: dict[str, Any]) -> list[Block]:
    case = data.get("case")
    return words_of(case) if case is not None else []


def _waiting(data: dict[str, Any]) -> list[Block]:
    case = data.get("case")
    if case.is_held if case is not None else data.get("is_held"):
        waiting = _(
            "Avant d’être visible de tous, votre texte est relu par une personne. Le service "
            "le reçoit sans attendre."
        )
    elif case is not None and case.has_held_photos:
        waiting = _(
            "Avant d’être visibles de tous, vos photos sont regardées par une personne. Le service "
            "les reçoit sans attendre."
        )
    else:
        return []
    return [Paragraph(waiting)]


def _follow_up(*, is_private: bool) -> str:
    if is_private:
        return _(
            "Pour suivre votre demande, la compléter, la corriger ou la retirer, utilisez le "
            "lien ci-dessous. Il est privé : gardez-le, ne le transmettez pas."
        )
    return _(
        "Pour suivre votre demande, la compléter, la corriger ou la retirer, utilisez le lien "
        "ci-dessous."
    )


def _words(data: dict[str, Any]) -> list[Block]:
    """What was written, unless it was redacted while the mail waited."""
    if not data.get("comment"):
        return []
    by = department_name(data.get("department"), _locale()) or data.get("by")
    return [Quote(data["comment"], by=by or _("Une personne qui reste anonyme"))]


def _reference(data: dict[str, Any]) -> dict[str, str]:
    return {"reference": data["reference"]}


def _locale() -> str:
    locale = get_locale()
    return locale.language if locale else "fr"
