"""What happens to cases, kept as one row each for the worker, who finds out whom it concerns.

The request that causes it writes that row and nothing more.
"""

from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions import signals
from civic.contributions.kinds import kind_of
from civic.contributions.models import Channel, Contribution, StatusChange
from civic.contributions.workflow import Party
from civic.flags.models import Flag
from civic.incidents.workflow import IncidentStatus
from civic.notifications.models import StaffNews
from civic.notifications.operations import note_for_staff


def note_new(session: Session, *, contribution: Contribution, actor: Actor, **_: Any) -> None:
    """A case came in, held or not; imported ones are another system's past."""
    if contribution.channel is not Channel.IMPORT:
        note_for_staff(session, "case_new", contribution.id, actor_id=actor.account_id)


def note_rerouted(session: Session, *, contribution: Contribution, actor: Actor, why: str) -> None:
    """A case is another department's from now on."""
    data = {"sentence": why}
    note_for_staff(session, "case_rerouted", contribution.id, actor_id=actor.account_id, data=data)


def note_assigned(session: Session, *, contribution: Contribution, actor: Actor) -> None:
    """A case has somebody who does it."""
    note_for_staff(session, "case_assigned", contribution.id, actor_id=actor.account_id)


def note_step(
    session: Session, *, contribution: Contribution, change: StatusChange, **_: Any
) -> None:
    """A closing was contested, or the author has answered what the department asked."""
    if change.from_status is None:
        return
    before = kind_of(contribution).workflow[change.from_status]
    if change.to_status == IncidentStatus.CONTESTED:
        event = "case_contested"
    elif before.stops_clock and change.party is Party.AUTHOR:
        event = "case_answered"
    else:
        return
    data = {"sentence": change.sentence, "step": change.id}
    note_for_staff(session, event, contribution.id, actor_id=change.actor_id, data=data)


def forget_step(session: Session, *, change: StatusChange, **_: Any) -> None:
    """A step was undone before the staff was told of it."""
    session.execute(
        delete(StaffNews)
        .where(
            StaffNews.contribution_id == change.contribution_id,
            StaffNews.data["step"].as_integer() == change.id,
        )
        .execution_options(synchronize_session=False)
    )


def note_private_answer(
    session: Session, *, contribution: Contribution, actor: Actor, **_: Any
) -> None:
    """The author has answered in private: what they say is read at the desk alone."""
    data = {"is_private": True}
    note_for_staff(session, "case_answered", contribution.id, actor_id=actor.account_id, data=data)


def note_held(
    session: Session, *, contribution_id: int, actor: Actor, comment_id: int | None, reason: str
) -> None:
    """A text or photos wait for a moderator."""
    event = "held_comment" if comment_id else "held"
    data = {"comment_id": comment_id, "reason": reason}
    note_for_staff(session, event, contribution_id, actor_id=actor.account_id, data=data)


def note_flag(session: Session, *, contribution: Contribution, flag: Flag, actor: Actor) -> None:
    """Somebody asks the moderators to look."""
    event = "flagged_comment" if flag.comment_id else "flagged"
    data = {"comment_id": flag.comment_id, "flag": flag.reason.value, "sentence": flag.text}
    note_for_staff(session, event, contribution.id, actor_id=actor.account_id, data=data)


def note_appeal(
    session: Session,
    *,
    contribution: Contribution | None,
    decider_id: int | None,
    actor: Actor,
    data: dict[str, Any],
) -> None:
    """Somebody contests a decision; who took it does not answer."""
    note_for_staff(
        session,
        "appeal",
        contribution.id if contribution is not None else None,
        actor_id=actor.account_id,
        data={**data, "decider_id": decider_id},
    )


def connect() -> None:
    """Listen; connecting twice changes nothing."""
    signals.contribution_submitted.connect(note_new)
    signals.department_changed.connect(note_rerouted)
    signals.assigned.connect(note_assigned)
    signals.status_changed.connect(note_step)
    signals.step_undone.connect(forget_step)
    signals.author_wrote.connect(note_private_answer)
    signals.held_for_review.connect(note_held)
    signals.flag_raised.connect(note_flag)
    signals.appeal_submitted.connect(note_appeal)
