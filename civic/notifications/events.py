"""What people hear of: one line each, with its sentence, its icon and its group of mails.

``sentence`` is a French msgid filled from the notification's data. ``group`` is what a person may
refuse mails about, line by line (civic.notifications.matrix); None is told in any case,
because the person has a right to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from civic.i18n import N_

TRANSLATED: Final = frozenset(
    {
        "status",
        "explanation",
        "reason",
        "measure_label",
        "scope",
        "rule_title",
        "rule_text",
        "origin_label",
        "outcome_label",
        "role_label",
    }
)
"""The keys of ``data`` that hold msgids, translated when shown."""

STAFF_GROUPS: Final = frozenset(
    {"cases", "assigned", "contested", "answered", "held", "flagged", "appeals"}
)
"""The groups of news that only the staff hears of."""


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of news; ``badge`` is what a list of cases says of it in a word.

    ``several`` is the sentence of as many as happened to one case at about the same time;
    ``official`` that of what a department has written.
    """

    code: str
    sentence: str
    icon: str = "bell"
    group: str | None = "status"
    badge: str = ""
    several: str = ""
    official: str = ""


_OFFICIAL: Final = N_("La ville répond sur « %(title)s ».")

EVENTS: Final[Mapping[str, Event]] = {
    event.code: event
    for event in (
        Event(
            "status_changed",
            N_("« %(title)s » est maintenant : %(status)s."),
            "arrow-clockwise",
        ),
        Event(
            "comment",
            N_("Un commentaire sur « %(title)s »."),
            "chat",
            "comments",
            official=_OFFICIAL,
        ),
        Event(
            "reply",
            N_("Une réponse à votre commentaire sur « %(title)s »."),
            "chat",
            "comments",
            official=_OFFICIAL,
        ),
        Event("merged", N_("« %(source_title)s » rejoint « %(target_title)s »."), "files"),
        Event("unmerged", N_("« %(source_title)s » est de nouveau à part."), "files"),
        Event(
            "action_linked",
            N_("La ville s’engage : « %(title)s » répond à ce que vous demandiez."),
            "cone-striped",
            "actions",
        ),
        Event(
            "action_updated",
            N_("Du nouveau sur l’action « %(title)s »."),
            "cone-striped",
            "actions",
        ),
        Event(
            "action_closed",
            N_("L’action « %(title)s » est close : %(status)s."),
            "cone-striped",
            "actions",
        ),
        Event("decision", N_("Décision de modération : %(measure_label)s."), "shield-check", None),
        Event("appeal_received", N_("Votre recours %(decision)s est reçu."), "inbox", None),
        Event("appeal_answered", N_("Réponse à votre recours %(decision)s."), "shield-check", None),
        Event("flag_answered", N_("Réponse à votre alerte %(receipt)s."), "shield-check", None),
        Event("role_given", N_("La ville vous confie un rôle : %(role_label)s."), "key", None),
        Event("message", N_("%(subject)s")),
        Event(
            "private_answer",
            N_("La ville vous répond en privé sur « %(title)s »."),
            "chat-dots",
            None,
        ),
        Event("case_new", N_("Nouveau dossier : « %(title)s »."), "inbox", "cases", N_("Nouveau")),
        Event(
            "case_rerouted",
            N_("« %(title)s » vous est réorienté."),
            "inbox",
            "cases",
            N_("Réorienté"),
        ),
        Event(
            "case_assigned",
            N_("« %(title)s » vous est attribué."),
            "person-check",
            "assigned",
            N_("Attribué à moi"),
        ),
        Event(
            "case_contested",
            N_("La clôture de « %(title)s » est contestée."),
            "exclamation-diamond",
            "contested",
            N_("Contesté"),
        ),
        Event(
            "case_answered",
            N_("L’auteur de « %(title)s » a répondu à votre question."),
            "chat",
            "answered",
        ),
        Event("held", N_("« %(title)s » attend une relecture."), "hourglass-split", "held"),
        Event(
            "held_comment",
            N_("Un commentaire sur « %(title)s » attend une relecture."),
            "hourglass-split",
            "held",
            several=N_("%(count)s commentaires sur « %(title)s » attendent une relecture."),
        ),
        Event(
            "flagged",
            N_("« %(title)s » est signalé aux modérateurs."),
            "flag",
            "flagged",
            several=N_("« %(title)s » est signalé %(count)s fois aux modérateurs."),
        ),
        Event(
            "flagged_comment",
            N_("Un commentaire sur « %(title)s » est signalé aux modérateurs."),
            "flag",
            "flagged",
            several=N_("Des commentaires sur « %(title)s » sont signalés %(count)s fois."),
        ),
        Event("appeal", N_("Un recours attend une réponse : %(decision)s."), "inbox", "appeals"),
    )
}


class _Lenient(dict[str, Any]):
    """A sentence is still readable when a sender forgot a value."""

    def __missing__(self, key: str) -> str:
        return "…"


def translated(data: Mapping[str, Any], translate: Any) -> dict[str, Any]:
    """Return ``data`` with its msgids in the language of ``translate``."""
    return {
        key: translate(value) if key in TRANSLATED and value else value
        for key, value in data.items()
    }


def sentence_of(event: str, data: Mapping[str, Any], translate: Any) -> str:
    """Return the sentence of ``event`` in the language of ``translate``."""
    known = EVENTS[event]
    values = translated(data, translate)
    values["count"] = 1 + len(data.get("also", ()))
    sentence = known.sentence
    if known.several and values["count"] > 1:
        sentence = known.several
    elif known.official and data.get("department"):
        sentence = known.official
    return str(translate(sentence)) % _Lenient(values)
