"""One matrix for everybody: group of news, scope, channel and rhythm.

A line has its default unless somebody chose otherwise. Residents, the staff and the mailboxes of
departments differ by their lines.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from civic.accounts.actor import Role
from civic.i18n import N_


class Channel(StrEnum):
    """By which way news come."""

    MAIL = "mail"
    SITE = "site"


class Rhythm(StrEnum):
    """How often: at once, gathered in a digest, or not at all."""

    AT_ONCE = "at_once"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    OFF = "off"


class Scope(StrEnum):
    """About what: of one's own or followed; assigned to oneself, of one's department, of all."""

    OWN = "own"
    FOLLOWED = "followed"
    MINE = "mine"
    SERVICE = "service"
    TOWN = "town"


RHYTHM_LABELS: Final[Mapping[Rhythm, str]] = {
    Rhythm.AT_ONCE: N_("Tout de suite"),
    Rhythm.HOUR: N_("Réunies, chaque heure"),
    Rhythm.DAY: N_("Réunies, chaque jour"),
    Rhythm.WEEK: N_("Réunies, chaque semaine"),
    Rhythm.OFF: N_("Jamais"),
}
MORNING: Final = 7
"""The hour of the town at which daily and weekly digests leave."""
_EVERY_RHYTHM = tuple(Rhythm)
_DAILY = (Rhythm.DAY, Rhythm.OFF)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the matrix, with the rhythms that its mails can have.

    News that are mails only, or those of a mailbox, are not ``on_site``.
    """

    group: str
    scope: Scope
    label: str
    rhythms: tuple[Rhythm, ...] = _EVERY_RHYTHM
    on_site: bool = True

    @property
    def name(self) -> str:
        """What its fields are called."""
        return f"{self.group}-{self.scope.value}"


@dataclass(frozen=True, slots=True)
class Part:
    """Lines under one heading."""

    title: str
    lines: tuple[Line, ...]


RESIDENT: Final = Part(
    N_("Les contributions"),
    (
        Line("status", Scope.OWN, N_("Ce que deviennent les miennes")),
        Line("status", Scope.FOLLOWED, N_("Ce que deviennent celles que je soutiens ou suis")),
        Line("comments", Scope.OWN, N_("Les commentaires sur les miennes, et les réponses")),
        Line("comments", Scope.FOLLOWED, N_("Les commentaires sur celles que je suis")),
        Line("actions", Scope.OWN, N_("Les actions de la ville pour les miennes")),
        Line(
            "actions",
            Scope.FOLLOWED,
            N_("Les actions de la ville pour celles que je soutiens ou suis"),
        ),
    ),
)
_CASES: Final = (
    Line("cases", Scope.SERVICE, N_("Un dossier est nouveau, ou réorienté vers le service")),
    Line("contested", Scope.SERVICE, N_("Une clôture est contestée")),
    Line("answered", Scope.SERVICE, N_("Un auteur répond à une question")),
    Line("deadlines", Scope.SERVICE, N_("Une échéance approche ou passe"), _DAILY, on_site=False),
)
MAILBOX: Final = Part(
    N_("Ce que reçoit le service"),
    tuple(Line(one.group, one.scope, one.label, one.rhythms, on_site=False) for one in _CASES),
)
_OF_ROLES: Final[Mapping[Role, Part]] = {
    Role.AGENT: Part(
        N_("Mes dossiers et ceux de mes services"),
        (
            Line("assigned", Scope.MINE, N_("Un dossier m’est attribué")),
            Line("contested", Scope.MINE, N_("La clôture d’un de mes dossiers est contestée")),
            Line("answered", Scope.MINE, N_("L’auteur d’un de mes dossiers répond")),
            *_CASES,
        ),
    ),
    Role.MODERATOR: Part(
        N_("La modération"),
        (
            Line("held", Scope.TOWN, N_("Un texte ou une photo attend une relecture")),
            Line("flagged", Scope.TOWN, N_("Un contenu est signalé aux modérateurs")),
        ),
    ),
    Role.MEDIATOR: Part(
        N_("La médiation"), (Line("appeals", Scope.TOWN, N_("Un recours attend une réponse")),)
    ),
    Role.ADMINISTRATOR: Part(
        N_("L’administration"),
        (
            Line(
                "cases",
                Scope.TOWN,
                N_("Un dossier arrive là où personne ne travaille encore"),
            ),
        ),
    ),
}
_GROUPS_OF_PEOPLE: Final = {line.group for line in RESIDENT.lines}


def parts_for(roles: Collection[Role]) -> list[Part]:
    """Return the parts of the matrix of a person with ``roles``; the last is every resident's."""
    return [part for role, part in _OF_ROLES.items() if role in roles] + [RESIDENT]


def scope_of(
    group: str | None, *, is_own: bool, is_assigned: bool, stands_in: bool = False
) -> Scope:
    """Return the scope in which a person hears of news of ``group``."""
    if group in _GROUPS_OF_PEOPLE:
        return Scope.OWN if is_own else Scope.FOLLOWED
    if group in {"held", "flagged", "appeals"} or stands_in:
        return Scope.TOWN
    if group == "assigned" or (group in {"contested", "answered"} and is_assigned):
        return Scope.MINE
    return Scope.SERVICE


def default_rhythm(group: str) -> Rhythm:
    """Return the rhythm of mails of ``group`` for whoever has chosen nothing."""
    return Rhythm.DAY if group == "deadlines" else Rhythm.AT_ONCE


def digest_due(now: datetime, rhythm: Rhythm, zone: tzinfo) -> datetime:
    """Return when what happens ``now`` leaves.

    At the next full hour, on the next morning of the town, or on that of the next Monday.
    """
    if rhythm is Rhythm.HOUR:
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    here = now.astimezone(zone)
    day = here.date() if here.hour < MORNING else here.date() + timedelta(days=1)
    if rhythm is Rhythm.WEEK:
        day += timedelta(days=-day.weekday() % 7)
    return datetime.combine(day, time(MORNING), tzinfo=zone).astimezone(UTC)


def lines_about(groups: Collection[str]) -> list[Line]:
    """Return every line of ``groups``, whoever has it."""
    parts = [*_OF_ROLES.values(), RESIDENT]
    return [line for part in parts for line in part.lines if line.group in groups]
