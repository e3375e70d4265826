"""Changes and values in words, for the log and for comparing."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from civic.administration import labels
from civic.administration.models import SettingChange, Subject

LONGEST = 160


def shown_value(field: str, value: Any) -> str:
    """Return ``value`` of ``field`` as people read it."""
    if value is None or value in ("", []):
        return gettext("(vide)")
    if isinstance(value, bool):
        return gettext("oui") if value else gettext("non")
    if isinstance(value, list):
        return _short(", ".join(shown_value(field, part) for part in value))
    if field == "logo":
        return f"logo-{value}.png"
    words = labels.VALUES.get(field, {}).get(str(value))
    return gettext(words) if words else _short(str(value))


def shown_change(change: SettingChange, people: Mapping[int, str]) -> dict[str, Any]:
    """Return a line of the log; ``people`` are the names of those whose roles changed."""
    name = change.label
    if change.subject is Subject.PERSON:
        name = people.get(change.subject_id or 0, "")
    return {
        "at": change.at,
        "who": change.account.display_name if change.account else gettext("Ligne de commande"),
        "subject": gettext(labels.SUBJECTS[change.subject]),
        "name": name,
        "what": gettext(labels.CHANGES[change.what]),
        "details": [
            {
                "field": gettext(labels.FIELDS.get(field, field)),
                "before": shown_value(field, before),
                "after": shown_value(field, after),
            }
            for field, (before, after) in change.details.items()
        ],
    }


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
