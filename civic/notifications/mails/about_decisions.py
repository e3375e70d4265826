"""Mails that carry a statement of reasons, and what follows from it."""

from typing import Any

from flask_babel import gettext as _

from civic.notifications.mails.words import Block, Facts, Mail, Paragraph, Quote, day, translated


def decision(data: dict[str, Any]) -> Mail:
    """What was done, to what, for how long, why, on which ground, and how to appeal.

    Expects decision (its reference), measure, measure_label, scope, rule_title, rule_text, clause,
    facts, origin_label, is_automated, until, appeal_until; title and reference of the contribution
    where there is one.
    """
    said = translated(data)
    subject = _("Décision de modération : %(measure)s", measure=said["measure_label"])
    if data["measure"] == "publish" and data.get("title"):
        subject = _("« %(title)s » est publié", title=data["title"])
    # What is published breaks no rule: the one that was looked at would read like a reproach.
    restricts = bool(data.get("appeal_until"))
    automated = _("oui") if data.get("is_automated") else _("non, une personne a décidé")
    blocks: list[Block] = [
        Paragraph(said["scope"]),
        Facts(
            [
                (_("Contenu concerné"), _content(data)),
                (_("Durée"), _duration(data)),
                (_("Faits"), data.get("facts", "")),
                (_("Origine"), said.get("origin_label", "")),
                (_("Décision automatisée"), automated),
                (_("Règle appliquée"), _rule(data, said)),
                (_("Réunie avec"), _merged_into(data)),
                (_("Numéro de la décision"), data["decision"]),
            ]
        ),
    ]
    if restricts and said.get("rule_text"):
        blocks.append(Quote(said["rule_text"]))
    label = _("Voir la décision")
    if restricts:
        blocks.append(
            Paragraph(
                _(
                    "Vous n’êtes pas d’accord ? Le recours est gratuit, jusqu’au %(day)s. Une "
                    "autre personne que celle qui a décidé vous répondra.",
                    day=day(data["appeal_until"], "long"),
                )
            )
        )
        label = _("Voir la décision ou faire un recours")
    return Mail(
        subject=subject,
        blocks=blocks,
        action=(label, f"/decisions/{data['decision']}"),
        reason=_("Vous recevez ce courriel parce que cette décision vous concerne."),
    )


def _rule(data: dict[str, Any], said: dict[str, Any]) -> str:
    if not (data.get("clause") and data.get("appeal_until")):
        return ""
    return _(
        "Article %(number)s des conditions d’utilisation : %(title)s",
        number=data["clause"],
        title=said["rule_title"],
    )


def _merged_into(data: dict[str, Any]) -> str:
    if not data.get("target_title"):
        return ""
    return _("« %(title)s », %(reference)s", title=data["target_title"], reference=data["target"])


def appeal_received(data: dict[str, Any]) -> Mail:
    """An appeal arrived. Expects decision."""
    return Mail(
        subject=_("Votre recours %(decision)s est bien reçu", decision=data["decision"]),
        blocks=[
            Paragraph(
                _(
                    "Il sera lu par une autre personne que celle qui a décidé. Vous recevrez sa "
                    "réponse par courriel."
                )
            )
        ],
        action=(_("Voir la décision"), f"/decisions/{data['decision']}"),
        reason=_("Vous recevez ce courriel parce que vous avez fait un recours."),
    )


def appeal_answered(data: dict[str, Any]) -> Mail:
    """An appeal was answered. Expects decision, outcome_label, answer."""
    said = translated(data)
    return Mail(
        subject=_("Réponse à votre recours %(decision)s", decision=data["decision"]),
        blocks=[Paragraph(said["outcome_label"]), Quote(data.get("answer", ""))],
        action=(_("Voir la décision"), f"/decisions/{data['decision']}"),
        reason=_("Vous recevez ce courriel parce que vous avez fait un recours."),
    )


def flag_answered(data: dict[str, Any]) -> Mail:
    """A request to look at something was answered. Expects receipt, outcome, sentence, path."""
    upheld = data["outcome"] == "upheld"
    blocks: list[Block] = [
        Paragraph(
            _("Merci : après vérification, le contenu a été traité comme vous le demandiez.")
            if upheld
            else _("Merci : après vérification, le contenu reste tel qu’il est.")
        )
    ]
    if data.get("sentence"):
        blocks.append(Quote(data["sentence"]))
    return Mail(
        subject=_("Réponse à votre alerte %(receipt)s", receipt=data["receipt"]),
        blocks=blocks,
        action=(_("Voir la page"), data["path"]) if data.get("path") else None,
        reason=_("Vous recevez ce courriel parce que vous avez demandé une vérification."),
    )


def _content(data: dict[str, Any]) -> str:
    if not data.get("title"):
        return ""
    if data.get("is_about_comment"):
        return _("Votre commentaire sur « %(title)s »", title=data["title"])
    return _("« %(title)s », %(reference)s", title=data["title"], reference=data["reference"])


def _duration(data: dict[str, Any]) -> str:
    if data.get("until"):
        return _("jusqu’au %(day)s", day=day(data["until"], "long"))
    return "" if data["measure"] in {"publish", "restore", "reinstate"} else _("sans limite")
