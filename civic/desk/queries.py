"""What my departments owe: the queue of cases, one case, its notes and replies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, joinedload, lazyload

from civic.accounts.actor import Actor, Role
from civic.accounts.models import Account, RoleGrant
from civic.accounts.queries import list_areas_around
from civic.contributions.models import (
    IS_OPEN,
    IS_UNACKNOWLEDGED,
    Channel,
    Contribution,
    Deadline,
    HistoryEntry,
    StatusChange,
)
from civic.database import utcnow
from civic.database.keyset import follows
from civic.desk.filters import PAST, VIEWS, in_charge, took_twice_its_time, within
from civic.desk.models import InternalNote, SavedReply
from civic.desk.search import saying
from civic.errors import require
from civic.i18n import N_
from civic.text.references import normalise_reference

PAGE = 50
SORTS = {"due": N_("Échéance"), "support": N_("Soutiens"), "newest": N_("Plus récents")}

Key = tuple[datetime | None, int] | tuple[int, int] | tuple[int]


@dataclass(frozen=True, slots=True)
class DeskFilters:
    """What to show: a view, words or a reference, an order."""

    view: str = "open"
    q: str = ""
    sort: str = "due"


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of cases; ``last`` is the case after which the next one begins, None at the end."""

    cases: list[Contribution]
    last: Contribution | None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the whole history, internal ones too."""

    at: datetime
    change: StatusChange | None = None
    entry: HistoryEntry | None = None


def order_for(actor: Actor, sort: str) -> str:
    """Return the order in force: by due date, mediators read first what took twice its time."""
    return "mediation" if sort == "due" and actor.has(Role.MEDIATOR) else sort


def list_cases(
    session: Session,
    actor: Actor,
    filters: DeskFilters,
    *,
    after: tuple[object, ...] | None = None,
    limit: int = PAGE,
) -> CasePage:
    """Return the page of cases that follows ``after`` (see :func:`key_of`)."""
    query = (
        select(Contribution)
        .where(in_charge(actor), within(filters.view, actor))
        .options(
            joinedload(Contribution.area),
            joinedload(Contribution.assigned_to).options(lazyload(Account.grants)),
        )
    )
    if filters.q:
        query = query.where(saying(session, filters.q))
    order = order_for(actor, filters.sort)
    if order == "due":
        rows = _by_due_date(session, query, after, limit + 1)
    else:
        query = _ordered(query, order)
        if after is not None:
            query = query.where(_beyond(order, after))
        rows = list(session.scalars(query.limit(limit + 1)))
    return CasePage(rows[:limit], rows[limit - 1] if len(rows) > limit else None)


def _by_due_date(
    session: Session,
    query: Select[Contribution],
    after: tuple[object, ...] | None,
    limit: int,
) -> list[Contribution]:
    """Return first what has a date, then what has none: each of them from the index alone."""
    at, id = Contribution.due_at, Contribution.id
    found: list[Contribution] = []
    if after is None or after[0] is not None:
        dated = query.where(at.is_not(None)).order_by(at, id)
        if after is not None:
            dated = dated.where(follows((at, id), after))
        found = list(session.scalars(dated.limit(limit)))
        after = None
    if len(found) < limit:
        undated = query.where(at.is_(None)).order_by(id)
        if after is not None:
            undated = undated.where(id > after[1])
        found += session.scalars(undated.limit(limit - len(found)))
    return found


def find_next(
    session: Session, actor: Actor, filters: DeskFilters, case: Contribution
) -> Contribution | None:
    """Return the case that comes after ``case`` in a list, None at its end."""
    after = key_of(case, order_for(actor, filters.sort))
    found = list_cases(session, actor, filters, after=after, limit=1).cases
    return found[0] if found else None


def key_of(contribution: Contribution, sort: str) -> tuple[datetime | int | None, ...]:
    """Return where ``contribution`` stands in an order, to go on from there."""
    if sort == "support":
        return (contribution.vote_count, contribution.id)
    if sort == "newest":
        return (contribution.id,)
    if sort == "mediation":
        return (_rank_of(contribution), contribution.due_at, contribution.id)
    return (contribution.due_at, contribution.id)


def _rank_of(contribution: Contribution) -> int:
    due_at, now = contribution.due_at, utcnow()
    if due_at is None or due_at >= now or not contribution.is_open or contribution.is_set_aside:
        return 1
    is_ours = contribution.channel is not Channel.IMPORT
    return int(not (is_ours and (now - due_at).days >= (due_at - contribution.submitted_at).days))


def count_views(session: Session, actor: Actor, words: str = "") -> dict[str, int]:
    """Count the cases of each view that answer ``words``, in one statement.

    Those that are not due any more are counted only where something is looked for.
    """
    names = [name for name in VIEWS if words or name not in PAST]
    sums = [func.coalesce(func.sum(case((within(name, actor), 1), else_=0)), 0) for name in names]
    among = saying(session, words) if words else IS_OPEN
    row = session.execute(select(*sums).where(in_charge(actor), among)).one()
    return {name: int(count) for name, count in zip(names, row, strict=True)}


def list_acknowledgements_due(
    session: Session, cases: Sequence[Contribution]
) -> dict[int, datetime]:
    """Return until when those of ``cases`` that nobody has taken in charge yet are to be."""
    rows = session.execute(
        select(Deadline.contribution_id, Deadline.due_at).where(
            Deadline.contribution_id.in_([one.id for one in cases if one.is_open]),
            IS_UNACKNOWLEDGED,
        )
    )
    return {row[0]: row[1] for row in rows}


def find_cases(session: Session, actor: Actor, references: Sequence[str]) -> list[Contribution]:
    """Return the cases known by these references that this person is in charge of."""
    codes = {found for text in references if (found := normalise_reference(text))}
    if not codes:
        return []
    query = select(Contribution).where(Contribution.reference.in_(codes), in_charge(actor))
    return list(session.scalars(query.order_by(Contribution.id)))


def list_history(session: Session, contribution_id: int) -> list[Event]:
    """Return every step and change, the latest first, with who did it."""
    changes = session.scalars(
        select(StatusChange).where(StatusChange.contribution_id == contribution_id)
    ).all()
    entries = session.scalars(
        select(HistoryEntry)
        .where(HistoryEntry.contribution_id == contribution_id)
        .options(joinedload(HistoryEntry.actor).options(lazyload(Account.grants)))
    ).all()
    events = [Event(change.at, change=change) for change in changes]
    events += [Event(entry.at, entry=entry) for entry in entries]
    return sorted(events, key=lambda event: event.at, reverse=True)


def get_names(session: Session, account_ids: Sequence[int | None]) -> dict[int, str]:
    """Return the display names of accounts."""
    ids = {id for id in account_ids if id is not None}
    if not ids:
        return {}
    rows = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def list_notes(session: Session, contribution_id: int) -> Sequence[InternalNote]:
    """Return the internal notes, the latest first."""
    return session.scalars(
        select(InternalNote)
        .where(InternalNote.contribution_id == contribution_id)
        .options(joinedload(InternalNote.author).options(lazyload(Account.grants)))
        .order_by(InternalNote.id.desc())
    ).all()


def list_colleagues(session: Session, contribution: Contribution) -> Sequence[Account]:
    """Return who can be assigned, as civic.desk.policies.works_for says of each of them."""
    areas = list_areas_around(session, contribution.area_id)
    return session.scalars(
        select(Account)
        .where(
            Account.id.in_(
                select(RoleGrant.account_id).where(
                    RoleGrant.role == Role.AGENT,
                    or_(
                        RoleGrant.department_id.is_(None),
                        RoleGrant.department_id == contribution.department_id,
                    ),
                    or_(RoleGrant.area_id.is_(None), RoleGrant.area_id.in_(sorted(areas))),
                )
            ),
            Account.erased_at.is_(None),
        )
        .order_by(Account.display_name, Account.id)
        .options(lazyload(Account.grants))
    ).all()


def list_replies(
    session: Session, actor: Actor, case: Contribution | None = None
) -> Sequence[SavedReply]:
    """Return the replies that suit ``case``, or all those of the actor's departments."""
    query = select(SavedReply).order_by(SavedReply.title, SavedReply.id)
    wanted = set(actor.department_ids)
    if case is not None:
        wanted = {case.department_id} if case.department_id is not None else wanted
        query = query.where(
            SavedReply.kind.in_(["", case.kind]),
            or_(SavedReply.category_id.is_(None), SavedReply.category_id == case.category_id),
        )
    if wanted:
        query = query.where(
            or_(SavedReply.department_id.is_(None), SavedReply.department_id.in_(sorted(wanted)))
        )
    return session.scalars(query).all()


def get_reply(session: Session, reply_id: int) -> SavedReply:
    """Return one reply; raises NotFound."""
    return require(session.get(SavedReply, reply_id), N_("Cette réponse n’existe pas."))


def get_colleague(session: Session, account_id: int) -> Account:
    """Return an account to assign; raises NotFound."""
    return require(session.get(Account, account_id), N_("Ce compte n’existe pas."))


def _ordered(query: Select[Contribution], sort: str) -> Select[Contribution]:
    if sort == "support":
        return query.order_by(Contribution.vote_count.desc(), Contribution.id.desc())
    if sort == "newest":
        return query.order_by(Contribution.id.desc())
    by_date = (Contribution.due_at.is_(None), Contribution.due_at, Contribution.id)
    return query.order_by(_rank(), *by_date)


def _rank() -> ColumnElement[int]:
    return case((took_twice_its_time(utcnow()), 0), else_=1)


def _beyond(sort: str, after: tuple[object, ...]) -> ColumnElement[bool]:
    *head, last = after
    if sort == "newest":
        return Contribution.id < last
    if sort == "support":
        return follows((Contribution.vote_count, Contribution.id), after, descending=True)
    if sort == "mediation":
        rank = _rank()
        return or_(rank > head[0], and_(rank == head[0], _beyond("due", (head[1], last))))
    if head[0] is None:
        return and_(Contribution.due_at.is_(None), Contribution.id > last)
    dated = follows((Contribution.due_at, Contribution.id), after)
    return or_(dated, Contribution.due_at.is_(None))
