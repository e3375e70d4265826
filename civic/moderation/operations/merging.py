"""Merging duplicates: reversible, never a deletion, each person counted once."""

from sqlalchemy import delete, func, literal, select, update
from sqlalchemy.orm import Session, aliased

from civic.accounts.actor import Actor
from civic.contributions import operations as contributions
from civic.contributions import signals
from civic.contributions.counters import remake_heat
from civic.contributions.kinds import kind_of
from civic.contributions.models import IS_IN_FORCE, Contribution, StatusChange
from civic.contributions.policies import UNDO_WINDOW, parties
from civic.contributions.workflow import CommonStatus, Party
from civic.database import insert_missing, read_again, utcnow
from civic.errors import Conflict, Forbidden, Invalid
from civic.follows.models import Follow
from civic.follows.operations import follow_along
from civic.i18n import N_
from civic.moderation.models import Decision, Measure, Merge
from civic.moderation.operations.measures import OWN
from civic.moderation.operations.statements import Grounds, decide
from civic.moderation.policies import may_merge
from civic.places.geometry import Position, haversine_m
from civic.votes.models import Vote

FAR_M = 300
"""Two places further apart (metres) are seldom the same problem: the merge asks."""


def merge_as_duplicate(
    session: Session,
    source: Contribution,
    target: Contribution,
    *,
    actor: Actor,
    grounds: Grounds,
    is_far: bool = False,
) -> Merge:
    """Say that ``source`` is a duplicate of ``target``.

    ``is_far`` says that it is known when the places are more than ``FAR_M`` metres apart.

    Supporters and followers of the source are counted at the target too, once per person, and
    hear about it; the source keeps its page, its author and its own supporters, so that the merge
    can be undone. Raises Invalid when the two cannot be the same thing.
    """
    if not may_merge(actor, source):
        raise Forbidden(OWN)
    for one in sorted((source, target), key=lambda one: one.id):
        # In one order: of two merges that cross, the second sees the first.
        read_again(session, one)
    _check_pair(source, target, is_far=is_far)
    source.duplicate_of = target
    decision = decide(session, Measure.MERGE, actor=actor, grounds=grounds, contribution=source)
    merge = Merge(source_id=source.id, target_id=target.id, decision_id=decision.id)
    session.add(merge)
    session.flush()
    contributions.move(
        session,
        source,
        CommonStatus.DUPLICATE,
        actor=actor,
        standing=_standing(actor, source),
        cause=target.reference,
        announce=False,
    )
    _share_people(session, source, target)
    _tell(session, "merged", merge, source, target)
    return merge


def unmerge(session: Session, source: Contribution, *, actor: Actor, grounds: Grounds) -> Decision:
    """Undo the merge: the source stands for itself again, the target loses what it lent."""
    if not may_merge(actor, source):
        raise Forbidden(OWN)
    merge, target = _open_merge(session, source)
    decision = decide(session, Measure.UNMERGE, actor=actor, grounds=grounds, contribution=source)
    undo(session, source, merge, target, actor=actor, standing=_standing(actor, source))
    return decision


def take_merge_back(
    session: Session, source: Contribution, step_id: int | None, *, actor: Actor
) -> Decision:
    """Undo a merge that ``actor`` made a few minutes ago: nobody hears of either.

    ``step_id`` is the step that the page showed. Raises Conflict when it is too late.
    """
    if source.status != CommonStatus.DUPLICATE:
        raise Conflict(contributions.TOO_LATE)
    contributions.undo_step(session, source, step_id, actor=actor)
    merge, target = _open_merge(session, source)
    merged = session.get(Decision, merge.decision_id) if merge.decision_id else None
    decision = decide(
        session,
        Measure.UNMERGE,
        actor=actor,
        grounds=Grounds(origin=merged.origin) if merged else Grounds(),
        contribution=source,
        undoes=merged,
        tells=False,
    )
    _separate(session, source, merge, target)
    told = [(target, f"merged:{merge.id}")]
    if merged is not None:
        told.append((source, f"decision:{merged.reference}"))
    for about, key in told:
        signals.news_taken_back.send(session, event_keys=[key], contribution=about)
    return decision


def _separate(session: Session, source: Contribution, merge: Merge, target: Contribution) -> None:
    """Say that the merge is over, and take back what was lent."""
    merge.undone_at = utcnow()
    source.duplicate_of = None
    session.flush()
    settle_lent(session, target)


def undo_merge_of(session: Session, source: Contribution, *, actor: Actor) -> None:
    """Undo the merge because an appeal was upheld; a mediator need not be in charge."""
    merge, target = _open_merge(session, source)
    undo(session, source, merge, target, actor=actor, standing={Party.MODERATOR})


def undo(
    session: Session,
    source: Contribution,
    merge: Merge,
    target: Contribution,
    *,
    actor: Actor,
    standing: set[Party],
) -> None:
    """Take the lent votes and follows back; ``source`` goes on where it stood before."""
    if source.status != CommonStatus.DUPLICATE:
        raise Conflict(N_("Cette étape n’est plus possible : la situation a changé entre-temps."))
    back = _status_before(session, source)
    _separate(session, source, merge, target)
    contributions.move(
        session,
        source,
        back,
        actor=actor,
        standing=standing,
        cause=target.reference,
        announce=False,
    )
    if back == kind_of(source).workflow.initial:
        # The merge counted as an acknowledgement; nobody has given another.
        source.acknowledged_at = None
    if utcnow() - merge.at < UNDO_WINDOW:
        # Nobody has had a mail of the merge yet: whoever it was for need not hear of either.
        signals.news_taken_back.send(
            session, event_keys=[f"merged:{merge.id}"], contribution=target
        )
    else:
        _tell(session, "unmerged", merge, source, target)


def _status_before(session: Session, source: Contribution) -> str:
    """Return the status from which ``source`` became a duplicate, or the first way out."""
    workflow = kind_of(source).workflow
    before = session.scalars(
        select(StatusChange.from_status)
        .where(
            StatusChange.contribution_id == source.id,
            StatusChange.to_status == CommonStatus.DUPLICATE,
            IS_IN_FORCE,
        )
        .order_by(StatusChange.id.desc())
    ).first()
    if before is not None and workflow.edge(CommonStatus.DUPLICATE, before) is not None:
        return before
    return workflow.edges[CommonStatus.DUPLICATE][0].to


def _check_pair(source: Contribution, target: Contribution, *, is_far: bool) -> None:
    if source.id == target.id:
        raise Invalid(
            N_("Indiquez une autre contribution que celle-ci."),
            field="target",
        )
    if source.duplicate_of_id is not None:
        raise Conflict(N_("Cette contribution est déjà réunie avec une autre."))
    if source.kind != target.kind:
        raise Invalid(N_("Un signalement et une idée ne peuvent pas être réunis."), field="target")
    if target.duplicate_of_id is not None:
        raise Invalid(
            N_("Cette contribution est elle-même un doublon : indiquez celle qui est restée."),
            field="target",
        )
    if not target.is_public:
        raise Invalid(
            N_("Cette contribution n’est pas publique : indiquez-en une que tous peuvent lire."),
            field="target",
        )
    metres = _metres_between(source, target)
    if metres > FAR_M and not is_far:
        raise Invalid(
            N_(
                "Les deux lieux sont à %(metres)s m l’un de l’autre. Si c’est bien le même "
                "sujet, cochez la case et validez de nouveau."
            ),
            field="is_far",
            metres=round(metres),
        )


def _metres_between(one: Contribution, other: Contribution) -> float:
    """Return the distance of two places in metres; 0 where one of them has no position."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return 0.0
    return haversine_m(Position(one.lat, one.lon), Position(other.lat, other.lon))


def _standing(actor: Actor, source: Contribution) -> set[Party]:
    return parties(actor, source, is_supporter=False)


def _open_merge(session: Session, source: Contribution) -> tuple[Merge, Contribution]:
    merge = session.scalars(
        select(Merge)
        .where(Merge.source_id == source.id, Merge.undone_at.is_(None))
        .order_by(Merge.id.desc())
    ).first()
    target = session.get(Contribution, merge.target_id) if merge is not None else None
    if merge is None or target is None:
        raise Conflict(N_("Cette contribution n’est pas un doublon."))
    return merge, target


def _share_people(session: Session, source: Contribution, target: Contribution) -> None:
    if source.author_id is not None:
        # The author hears what becomes of the problem, as the followers of the source do.
        follow_along(session, source, account_id=source.author_id)
    own = Vote.account_id != target.author_id if target.author_id is not None else literal(True)
    lend = (literal(target.id), literal(source.id))
    added = insert_missing(
        session,
        Vote,
        ["contribution_id", "moved_from_id", "account_id", "at"],
        select(*lend, Vote.account_id, Vote.at).where(Vote.contribution_id == source.id, own),
    )
    insert_missing(
        session,
        Follow,
        ["contribution_id", "moved_from_id", "account_id", "at", "is_muted", "origin"],
        select(*lend, Follow.account_id, Follow.at, Follow.is_muted, Follow.origin).where(
            Follow.contribution_id == source.id
        ),
    )
    _add_votes(session, target, added)


def settle_lent(session: Session, borrower: Contribution | None) -> None:
    """Leave at ``borrower``, and where it was merged into in turn, what is still lent to it.

    A vote or a follow that was lent stays as long as one of the duplicates that are merged into
    the borrower now has the same person; it is then said to come from that duplicate.
    """
    seen: set[int] = set()
    while borrower is not None and borrower.id not in seen:
        seen.add(borrower.id)
        _add_votes(session, borrower, -_settle(session, Vote, borrower))
        _settle(session, Follow, borrower)
        borrower = borrower.duplicate_of


def _settle(session: Session, model: type[Vote | Follow], borrower: Contribution) -> int:
    """Return how many lent rows of ``model`` nobody lends any more, and are removed."""
    lent = aliased(model)
    lender = (
        select(func.min(lent.contribution_id))
        .join(Contribution, Contribution.id == lent.contribution_id)
        .where(Contribution.duplicate_of_id == borrower.id, lent.account_id == model.account_id)
        .scalar_subquery()
    )
    here = (model.contribution_id == borrower.id, model.moved_from_id.is_not(None))
    gone = session.execute(
        delete(model).where(*here, lender.is_(None)).returning(model.account_id)
    ).all()
    session.execute(update(model).where(*here).values(moved_from_id=lender))
    return len(gone)


def _add_votes(session: Session, contribution: Contribution, count: int) -> None:
    """Count the lent votes and make the heat anew: they keep the day they were given."""
    if not count:
        return
    session.execute(
        update(Contribution)
        .where(Contribution.id == contribution.id)
        .values(vote_count=Contribution.vote_count + count)
        .execution_options(synchronize_session="fetch")
    )
    session.refresh(contribution, ["vote_count"])
    remake_heat(session, contribution)


def _tell(
    session: Session, event: str, merge: Merge, source: Contribution, target: Contribution
) -> None:
    """Supporters and followers hear; the author, who gets the decision, only of the undoing."""
    voters = select(Vote.account_id).where(Vote.contribution_id == source.id)
    followers = select(Follow.account_id).where(
        Follow.contribution_id == source.id, Follow.is_muted.is_(False)
    )
    people = set(session.scalars(voters.union(followers)))
    people.discard(source.author_id or 0)
    if not people:
        return
    signals.people_to_tell.send(
        session,
        event=event,
        event_key=f"{event}:{merge.id}",
        account_ids=sorted(people),
        contribution=target if event == "merged" else source,
        data={
            "source": source.reference,
            "source_title": source.title,
            "target": target.reference,
            "target_title": target.title,
        },
        waits=event == "merged",
    )
