"""Merging duplicates: reversible, never a deletion, each person counted once."""

from sqlalchemy import delete, literal, select, update
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions import operations as contributions
from civic.contributions import signals
from civic.contributions.counters import remake_heat
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution
from civic.contributions.policies import parties
from civic.contributions.workflow import Party
from civic.database import insert_missing, utcnow
from civic.errors import Conflict, Forbidden, Invalid
from civic.follows.models import Follow
from civic.i18n import N_
from civic.moderation.models import Decision, Measure, Merge
from civic.moderation.operations.measures import OWN
from civic.moderation.operations.statements import Grounds, decide
from civic.moderation.policies import may_merge
from civic.votes.models import Vote

DUPLICATE = "duplicate"


def merge_as_duplicate(
    session: Session,
    source: Contribution,
    target: Contribution,
    *,
    actor: Actor,
    grounds: Grounds,
) -> Merge:
    """Say that ``source`` is a duplicate of ``target``.

    Supporters and followers of the source are counted at the target too, once per person, and
    hear about it; the source keeps its page, its author and its own supporters, so that the merge
    can be undone. Raises Invalid when the two cannot be the same thing.
    """
    if not may_merge(actor, source):
        raise Forbidden(OWN)
    _check_pair(source, target)
    decision = decide(session, Measure.MERGE, actor=actor, grounds=grounds, contribution=source)
    merge = Merge(source_id=source.id, target_id=target.id, decision_id=decision.id)
    session.add(merge)
    source.duplicate_of = target
    session.flush()
    contributions.move(
        session,
        source,
        DUPLICATE,
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
    """Take the lent votes and follows back and let ``source`` go on."""
    back = next(iter(kind_of(source).workflow.edges[DUPLICATE]), None)
    if source.status != DUPLICATE or back is None:
        raise Conflict(N_("Cette étape n’est plus possible : la situation a changé entre-temps."))
    merge.undone_at = utcnow()
    source.duplicate_of = None
    session.flush()
    contributions.move(
        session,
        source,
        back.to,
        actor=actor,
        standing=standing,
        cause=target.reference,
        announce=False,
    )
    _take_back(session, source, target)
    _tell(session, "unmerged", merge, source, target)


def _check_pair(source: Contribution, target: Contribution) -> None:
    if source.id == target.id:
        raise Invalid(
            N_("Indiquez une autre contribution que celle-ci."),
            field="target",
        )
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
    own = Vote.account_id != target.author_id if target.author_id is not None else literal(True)
    added = insert_missing(
        session,
        Vote,
        ["contribution_id", "account_id", "at", "moved_from_id"],
        select(literal(target.id), Vote.account_id, Vote.at, literal(source.id)).where(
            Vote.contribution_id == source.id, own
        ),
    )
    insert_missing(
        session,
        Follow,
        ["contribution_id", "account_id", "at", "is_muted", "moved_from_id"],
        select(
            literal(target.id), Follow.account_id, Follow.at, Follow.is_muted, literal(source.id)
        ).where(Follow.contribution_id == source.id),
    )
    if source.author_id is not None:
        insert_missing(
            session,
            Follow,
            ["contribution_id", "account_id", "at", "is_muted", "moved_from_id"],
            select(
                literal(target.id),
                Contribution.author_id,
                literal(utcnow()),
                literal(False),
                literal(source.id),
            ).where(Contribution.id == source.id),
        )
    _add_votes(session, target, added)


def _take_back(session: Session, source: Contribution, target: Contribution) -> None:
    """Remove at ``target``, and where it was merged into in turn, what came by ``source`` only."""
    lender, borrower, everyone = source, target, True
    seen = {source.id}
    while borrower.id not in seen:
        seen.add(borrower.id)
        for model in (Vote, Follow):
            lent = delete(model).where(
                model.contribution_id == borrower.id, model.moved_from_id == lender.id
            )
            if not everyone:
                kept = select(model.account_id).where(model.contribution_id == lender.id)
                lent = lent.where(model.account_id.not_in(kept))
            gone = session.execute(lent.returning(model.account_id)).all()
            if model is Vote:
                _add_votes(session, borrower, -len(gone))
        if borrower.duplicate_of is None:
            return
        lender, borrower, everyone = borrower, borrower.duplicate_of, False


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
    )
