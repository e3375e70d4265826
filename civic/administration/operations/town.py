"""Changing the town: what it is called, how it looks, what the law wants it to say."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.administration.models import Subject
from civic.administration.operations.changes import claim, record_edit, require_administrator
from civic.errors import Invalid
from civic.i18n import N_
from civic.places.models import Town

COLUMNS = ("name", "locale", "zone", "counts_alsace_moselle", "insee_code", "population")
LEGAL_FIELDS = (
    "publisher",
    "publisher_address",
    "director",
    "contact_email",
    "contact_telephone",
    "host_name",
    "host_address",
    "host_telephone",
    "dpo_contact",
    "supervisory",
    "accessibility_status",
    "accessibility_date",
    "accessibility_contact",
    "accessibility_audit_date",
    "accessibility_auditor",
    "accessibility_rate",
    "accessibility_results",
    "accessibility_exceptions",
    "accessibility_burden",
    "accessibility_exempt",
    "accessibility_environment",
    "accessibility_tools",
    "accessibility_pages",
    "accessibility_scheme",
    "accessibility_plan",
)
"""The keys of ``town.legal``; all are texts, dates in ISO 8601, the rate a number of per cent."""
AUDIT_FIELDS = ("accessibility_audit_date", "accessibility_auditor", "accessibility_rate")
"""When a site was audited, by whom, and how much of the RGAA it met."""
LEAST_RATES = {"full": 100, "partial": 50}
MOST_WORDS = 1000
LONGEST_WORD = 100


def town_snapshot(town: Town) -> dict[str, Any]:
    """Return what the page of the town shows, by field."""
    values = {name: getattr(town, name) for name in COLUMNS}
    return values | {"colour": town.theme.get("colour", ""), "logo": town.theme.get("logo", "")}


def edit_town(
    session: Session, town: Town, values: Mapping[str, Any], *, version: int, actor: Actor
) -> None:
    """Change the town; ``values`` has the fields of :func:`town_snapshot`.

    Raises ChangedMeanwhile, or Invalid for a time zone that is none.
    """
    require_administrator(actor)
    try:
        ZoneInfo(values["zone"])
    except (ValueError, OSError):
        raise Invalid(N_("Choisissez un fuseau horaire de la liste."), field="zone") from None
    before = town_snapshot(town)
    claim(session, town, version)
    for name in COLUMNS:
        setattr(town, name, values[name])
    town.theme = town.theme | {"colour": values["colour"], "logo": values["logo"]}
    record_edit(
        session,
        actor=actor,
        subject=Subject.TOWN,
        subject_id=town.id,
        label=town.name,
        before=before,
        after=town_snapshot(town),
    )
    session.flush()


def legal_snapshot(town: Town) -> dict[str, str]:
    """Return the legal texts by field, empty where they are missing."""
    return {name: str(town.legal.get(name) or "") for name in LEGAL_FIELDS}


def edit_legal(
    session: Session, town: Town, values: Mapping[str, str], *, version: int, actor: Actor
) -> None:
    """Change the texts of the legal pages.

    Raises ChangedMeanwhile, and Invalid for a state of accessibility that no audit bears out.
    """
    require_administrator(actor)
    _require_audit(values)
    before = legal_snapshot(town)
    claim(session, town, version)
    town.legal = town.legal | {name: values.get(name, "").strip() for name in LEGAL_FIELDS}
    record_edit(
        session,
        actor=actor,
        subject=Subject.LEGAL,
        subject_id=town.id,
        label="",
        before=before,
        after=legal_snapshot(town),
    )
    session.flush()


def _require_audit(values: Mapping[str, str]) -> None:
    status, rate = values.get("accessibility_status", ""), values.get("accessibility_rate", "")
    lacking = [name for name in AUDIT_FIELDS if not values.get(name, "").strip()]
    if status == "full" and lacking:
        raise Invalid(
            N_("« Totalement conforme » suppose un audit : sa date, qui l’a mené, et son taux."),
            field=lacking[0],
        )
    if rate and float(rate) < LEAST_RATES.get(status, 0):
        raise Invalid(
            N_("Cet état demande au moins %(least)s %% des critères respectés."),
            field="accessibility_rate",
            least=LEAST_RATES[status],
        )


def edit_blocked_words(
    session: Session, town: Town, text: str, *, version: int, actor: Actor
) -> None:
    """Change the words that hold a text for a moderator, one a line; each is kept once.

    Raises Invalid for a line too long, a word too short or too many of them, and ChangedMeanwhile.
    """
    require_administrator(actor)
    words = _words(text)
    before = _words(town.blocked_words)
    claim(session, town, version)
    town.blocked_words = "\n".join(words)
    added = [word for word in words if word not in before]
    removed = [word for word in before if word not in words]
    record_edit(
        session,
        actor=actor,
        subject=Subject.BLOCKED_WORDS,
        subject_id=town.id,
        label="",
        before={"blocked_words": removed},
        after={"blocked_words": added},
    )
    session.flush()


def _words(text: str) -> list[str]:
    words = list(
        dict.fromkeys(filter(None, (" ".join(line.split()) for line in text.splitlines())))
    )
    if len(words) > MOST_WORDS:
        raise Invalid(N_("Gardez %(most)s lignes au plus."), field="words", most=MOST_WORDS)
    for word in words:
        if len(word) > LONGEST_WORD:
            raise Invalid(
                N_(
                    "Une ligne dépasse %(most)s caractères : mettez un mot ou une expression par "
                    "ligne."
                ),
                field="words",
                most=LONGEST_WORD,
            )
        if len(word) < 3:
            raise Invalid(
                N_("« %(word)s » est trop court : presque chaque texte serait retenu."),
                field="words",
                word=word,
            )
    return words
