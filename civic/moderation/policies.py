"""Who decides about what: small predicates, default no. Nobody decides about their own content."""

from datetime import datetime, timedelta

from civic.accounts.actor import Actor, Role
from civic.accounts.models import Account
from civic.comments.models import Comment
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.policies import is_author, parties
from civic.contributions.workflow import Party
from civic.moderation.models import Appeal, Decision, Measure

APPEAL_DAYS = 183
"""Six months, as in article 20 of the Digital Services Act."""

APPEALABLE = frozenset({Measure.HIDE, Measure.REDACT, Measure.LOCK, Measure.MERGE, Measure.SUSPEND})
"""What restricts somebody. The other measures give back."""


def may_moderate(actor: Actor, contribution: Contribution) -> bool:
    """Moderators decide about what others wrote for the public."""
    is_private = contribution.moderation_state == ModerationState.PRIVATE
    return actor.has(Role.MODERATOR) and not is_private and not is_author(actor, contribution)


def may_moderate_comment(actor: Actor, comment: Comment) -> bool:
    """Moderators decide about comments of others."""
    own = actor.account_id is not None and actor.account_id == comment.author_id
    return actor.has(Role.MODERATOR) and not own


def may_merge(actor: Actor, source: Contribution) -> bool:
    """Moderators and the agents in charge of ``source`` say what it is a duplicate of."""
    standing = parties(actor, source, is_supporter=False)
    return not standing.isdisjoint({Party.AGENT, Party.MODERATOR})


def may_suspend(actor: Actor, account: Account) -> bool:
    """Moderators suspend residents; roles are withdrawn by an administrator first."""
    return (
        actor.has(Role.MODERATOR)
        and account.id != actor.account_id
        and not account.roles
        and account.erased_at is None
    )


def is_concerned(actor: Actor, decision: Decision) -> bool:
    """Whether the decision is about this person, or about what they wrote."""
    if actor.account_id is not None and actor.account_id == decision.account_id:
        return True
    return (
        decision.comment_id is None
        and decision.contribution is not None
        and is_author(actor, decision.contribution)
    )


def may_see_decision(actor: Actor, decision: Decision) -> bool:
    """The person concerned, moderators and mediators."""
    return is_concerned(actor, decision) or actor.has(Role.MODERATOR, Role.MEDIATOR)


def appeal_ends_at(decision: Decision) -> datetime:
    """Return until when the decision can be contested."""
    return decision.at + timedelta(days=APPEAL_DAYS)


def may_appeal(actor: Actor, decision: Decision, *, now: datetime) -> bool:
    """The person concerned contests a restriction once, within six months."""
    return (
        is_concerned(actor, decision)
        and decision.measure in APPEALABLE
        and decision.reversed_at is None
        and not decision.appeals
        and now <= appeal_ends_at(decision)
    )


def may_answer(actor: Actor, appeal: Appeal) -> bool:
    """A mediator answers, never the decider, never the person concerned."""
    decision = appeal.decision
    return (
        decision is not None
        and actor.has(Role.MEDIATOR)
        and appeal.decided_at is None
        and actor.account_id not in {decision.decider_id, appeal.author_id}
        and not is_concerned(actor, decision)
    )
