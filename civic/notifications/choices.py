"""What people and departments have chosen of the matrix: rows only where it is not the default."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from civic.accounts.actor import VISITOR, Actor
from civic.accounts.models import Account
from civic.database import insert_many_or_ignore
from civic.notifications.matrix import (
    MAILBOX,
    Channel,
    Line,
    Rhythm,
    Scope,
    default_rhythm,
    lines_about,
)
from civic.notifications.models import NewsChoice
from civic.taxonomy.models import Department
from civic.taxonomy.signals import mailbox_chosen

Owner = Account | Department


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choices of one owner, the defaults where there are none."""

    rhythms: Mapping[tuple[str, Scope, Channel], Rhythm]

    def mail(self, group: str, scope: Scope) -> Rhythm:
        """Return the rhythm of the mails."""
        return self.rhythms.get((group, scope, Channel.MAIL), default_rhythm(group))

    def on_site(self, group: str, scope: Scope) -> bool:
        """Whether the news are on the person's own page."""
        return self.rhythms.get((group, scope, Channel.SITE)) is not Rhythm.OFF


NOTHING = Chosen({})


def list_choices(session: Session, account_ids: Sequence[int], group: str) -> dict[int, Chosen]:
    """Return what each of these people chose of ``group``; who chose nothing is left out."""
    found: dict[int, dict[tuple[str, Scope, Channel], Rhythm]] = {}
    for start in range(0, len(account_ids), 500):
        rows = session.scalars(
            select(NewsChoice).where(
                NewsChoice.account_id.in_(account_ids[start : start + 500]),
                NewsChoice.topic == group,
            )
        )
        for row in rows:
            key = (row.topic, row.scope, row.channel)
            found.setdefault(row.account_id or 0, {})[key] = row.rhythm
    return {account_id: Chosen(rhythms) for account_id, rhythms in found.items()}


def find_choices(session: Session, owner: Owner) -> Chosen:
    """Return all that ``owner`` chose."""
    rows = session.scalars(select(NewsChoice).where(_of(owner)))
    return Chosen({(row.topic, row.scope, row.channel): row.rhythm for row in rows})


def choose(
    session: Session,
    owner: Owner,
    lines: Iterable[Line],
    mail: Mapping[str, Rhythm],
    on_site: Mapping[str, bool],
    *,
    actor: Actor = VISITOR,
) -> None:
    """Keep what ``owner`` wants of ``lines``: rhythms of mails and news of the site, by line."""
    before = find_choices(session, owner)
    for line in lines:
        wanted = mail.get(line.name, default_rhythm(line.group))
        _set(session, owner, line.group, line.scope, Channel.MAIL, wanted)
        shown = Rhythm.AT_ONCE if on_site.get(line.name, True) else Rhythm.OFF
        if line.on_site:
            _set(session, owner, line.group, line.scope, Channel.SITE, shown)
    _say(session, owner, before, actor)


def refuse_mails(session: Session, owner: Owner, groups: Iterable[str]) -> None:
    """Send ``owner`` no more mails of ``groups``, whatever the scope."""
    before = find_choices(session, owner)
    for line in lines_about(list(groups)):
        _set(session, owner, line.group, line.scope, Channel.MAIL, Rhythm.OFF)
    _say(session, owner, before, VISITOR)


def _say(session: Session, owner: Owner, before: Chosen, actor: Actor) -> None:
    """Tell whoever keeps a record what the mailbox of a department receives from now on."""
    if not isinstance(owner, Department):
        return
    was, now = (
        {f"mail_{line.group}": chosen.mail(line.group, line.scope).value for line in MAILBOX.lines}
        for chosen in (before, find_choices(session, owner))
    )
    mailbox_chosen.send(session, department=owner, actor=actor, before=was, after=now)


def _set(
    session: Session, owner: Owner, group: str, scope: Scope, channel: Channel, rhythm: Rhythm
) -> None:
    session.execute(
        delete(NewsChoice)
        .where(
            _of(owner),
            NewsChoice.topic == group,
            NewsChoice.scope == scope,
            NewsChoice.channel == channel,
        )
        .execution_options(synchronize_session=False)
    )
    default = default_rhythm(group) if channel is Channel.MAIL else Rhythm.AT_ONCE
    if rhythm is not default:
        row = {
            "account_id": owner.id if isinstance(owner, Account) else None,
            "department_id": owner.id if isinstance(owner, Department) else None,
            "topic": group,
            "scope": scope,
            "channel": channel,
            "rhythm": rhythm,
        }
        insert_many_or_ignore(session, NewsChoice, [row], returning="id")


def _of(owner: Owner) -> ColumnElement[bool]:
    column = NewsChoice.account_id if isinstance(owner, Account) else NewsChoice.department_id
    return column == owner.id
