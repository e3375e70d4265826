"""The story of a contribution, in words a child can read: what, when, who, why, and what next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext

from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution
from civic.contributions.workflow import Party, StatusType
from civic.database import utcnow
from civic.i18n import N_
from civic.participation.queries import Happening
from civic.web.dates import format_day
from civic.web.language import locale_code

PARTIES = {
    Party.AUTHOR: N_("L’auteur"),
    Party.SUPPORTER: N_("Une personne qui le soutient"),
    Party.AGENT: N_("La ville"),
    Party.MODERATOR: N_("La modération"),
    Party.MEDIATOR: N_("La médiation"),
}
VERIFIERS = {
    "department": N_("le service"),
    "action": N_("l’action de la ville"),
    "author": N_("l’auteur"),
    "neighbour": N_("des habitants"),
}
CHANGES = {
    "title": N_("Texte corrigé"),
    "body": N_("Texte corrigé"),
    "answers": N_("Réponses corrigées"),
    "place": N_("Lieu corrigé"),
    "photos": N_("Photos mises à jour"),
}
_THE_AUTHORS = {"title", "body", "answers", "photos", "place", "category"}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the story, as components/timeline.html draws it."""

    label: str
    icon: str = ""
    type: str = "open"
    when: datetime | str | None = None
    who: str = ""
    text: str = ""
    reason: str = ""
    verified_by: str = ""
    automatic: bool = False
    upcoming: bool = False
    photos: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def tell(
    contribution: Contribution,
    happenings: Iterable[Happening],
    photos: Mapping[int, Sequence[Mapping[str, Any]]],
    *,
    now: datetime | None = None,
) -> list[Step]:
    """Return the steps, oldest first, then what comes next; ``photos`` are by status change."""
    steps: list[Step] = []
    for happening in happenings:
        step = (
            _change(contribution, happening)
            if happening.field
            else _status(contribution, happening, photos.get(happening.id, ()))
        )
        # A title and a text corrected together are one thing that happened.
        if not (steps and happening.field and _is_same(steps[-1], step)):
            steps.append(step)
    return steps + _upcoming(contribution, now or utcnow())


def _status(
    contribution: Contribution, happening: Happening, photos: Sequence[Mapping[str, Any]]
) -> Step:
    workflow = kind_of(contribution).workflow
    status = workflow[happening.to]
    label = gettext(status.label)
    if happening.recipient:
        label = gettext("Transmis à %(recipient)s", recipient=happening.recipient)
    reason = workflow.reasons.get(happening.reason, "")
    verifier = VERIFIERS.get(happening.verified_by, "")
    return Step(
        label=label,
        icon=status.icon,
        type=status.type.value,
        when=happening.at,
        who="" if happening.is_automatic else _who(happening),
        text=happening.sentence,
        reason=gettext(reason) if reason else "",
        verified_by=gettext(verifier) if verifier else "",
        automatic=happening.is_automatic,
        photos=photos,
    )


def _who(happening: Happening) -> str:
    """A department, a quality, never a person's name."""
    party = Party(happening.party)
    if party is Party.AGENT and happening.department:
        return (happening.department_en if locale_code() == "en" else "") or happening.department
    return gettext(PARTIES[party]) if party in PARTIES else ""


def _change(contribution: Contribution, happening: Happening) -> Step:
    if happening.field == "category":
        label = gettext("Catégorie changée : %(category)s", category=happening.to)
    elif happening.field == "department":
        label = gettext("Confié à : %(department)s", department=happening.to)
    else:
        label = gettext(CHANGES[happening.field])
    by_author = (
        happening.actor_id == contribution.author_id
        if happening.actor_id is not None
        # Nobody else changes a text without an account: it was the private follow-up link.
        else happening.field in _THE_AUTHORS
    )
    return Step(
        label=label,
        icon="pencil",
        when=happening.at,
        who=""
        if happening.is_automatic
        else gettext(PARTIES[Party.AUTHOR if by_author else Party.AGENT]),
        text=happening.sentence,
        automatic=happening.is_automatic,
    )


def _is_same(before: Step, after: Step) -> bool:
    if not isinstance(before.when, datetime) or not isinstance(after.when, datetime):
        return False
    soon = (after.when - before.when).total_seconds() < 1
    return soon and (before.label, before.who) == (after.label, after.who)


def _upcoming(contribution: Contribution, now: datetime) -> list[Step]:
    """What comes next, and by when where a date was promised."""
    workflow = kind_of(contribution).workflow
    status = workflow[contribution.status]
    if status.stops_clock:
        return [
            Step(
                label=gettext("La réponse de l’auteur"),
                when=gettext("le délai reprendra alors"),
                upcoming=True,
            )
        ]
    automatic = next(
        (edge for edge in workflow.edges[contribution.status] if Party.SYSTEM in edge.by), None
    )
    if automatic is not None:
        target = workflow[automatic.to]
        return [
            Step(
                label=gettext(target.label),
                icon=target.icon,
                type=target.type.value,
                upcoming=True,
            )
        ]
    if contribution.status_type is not StatusType.OPEN:
        return []
    steps = []
    if contribution.acknowledged_at is None and contribution.acknowledge_due_at is not None:
        steps.append(
            Step(
                label=gettext("Le service compétent le prend en compte"),
                when=_by(contribution.acknowledge_due_at, now),
                upcoming=True,
            )
        )
    if contribution.due_at is not None:
        steps.append(
            Step(
                label=gettext("Une intervention, ou une réponse"),
                when=_by(contribution.due_at, now),
                upcoming=True,
            )
        )
    return steps


def _by(due: datetime, now: datetime) -> str:
    day = format_day(due, "long")
    if due < now:
        return gettext("attendu depuis le %(day)s", day=day)
    return gettext("d’ici au %(day)s", day=day)
