"""The verbs of service actions. They flush, they never commit, they raise domain errors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.actions.following import bring_along
from civic.actions.models import (
    Action,
    ActionContribution,
    ActionFollow,
    ActionUpdate,
    ActionUpdatePhoto,
    Milestone,
)
from civic.actions.queries import find_free_slug, list_concerned_account_ids
from civic.actions.undoing import kept_of
from civic.actions.workflow import WORKFLOW
from civic.attachments.models import Photo
from civic.contributions import signals
from civic.contributions.models import Contribution
from civic.contributions.workflow import Party, StatusType
from civic.database import insert_or_ignore, read_again, utcnow
from civic.database.tables import lock_against_writers
from civic.errors import Conflict, Invalid
from civic.i18n import N_
from civic.idempotency.queries import find_repeated
from civic.places.geometry import Position, morton_cell
from civic.places.queries import get_town_day
from civic.taxonomy.models import Department
from civic.text.markdown import readable

COMMITMENT = (
    "La ville s’engage à agir\N{NO-BREAK SPACE}: «\N{NO-BREAK SPACE}%s\N{NO-BREAK SPACE}».",
    "The town commits to act: “%s”.",
)
"""The public sentence of a contribution that an action answers: in French, in English."""


@dataclass(frozen=True, slots=True)
class MilestoneDraft:
    """A step that the public can look forward to."""

    title: str
    due_on: date | None = None
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class ActionDraft:
    """What an agent says of an action. ``cost`` is in whole euros."""

    title: str
    body: str
    department: Department
    start_on: date | None = None
    end_on: date | None = None
    cost: int | None = None
    budget_line: str = ""
    address: str = ""
    area_id: int | None = None
    position: Position | None = None
    milestones: Sequence[MilestoneDraft] = ()


def create_action(
    session: Session,
    draft: ActionDraft,
    contributions: Iterable[Contribution],
    *,
    actor: Actor,
) -> Action:
    """Commit the town to something, link what asked for it, move it along and tell its people.

    The place is that of the draft, or else of the first contribution that has one. Sent twice
    within minutes, it is one. Raises Invalid for an empty title or an end before the start.
    """
    _check(draft)
    lock_against_writers(session, Action)
    written = {
        "title": draft.title.strip(),
        "body": draft.body.strip(),
        "department_id": draft.department.id,
        "created_by_id": actor.account_id,
    }
    if (taken := find_repeated(session, Action, Action.created_at, **written)) is not None:
        return taken
    linked = list(contributions)
    placed = next((c for c in linked if c.lat is not None), None)
    action = Action(
        slug=find_free_slug(session, draft.title),
        title=draft.title.strip(),
        status=WORKFLOW.initial,
        status_type=WORKFLOW[WORKFLOW.initial].type,
        first_start_on=draft.start_on,
        first_end_on=draft.end_on,
        created_by_id=actor.account_id,
        department=draft.department,
    )
    _fill(action, draft)
    if action.lat is None and placed is not None and placed.lat is not None:
        action.lat, action.lon, action.cell = placed.lat, placed.lon, placed.cell
        action.address = action.address or placed.address
    if action.area_id is None and placed is not None:
        action.area_id = placed.area_id
    session.add(action)
    session.flush()
    _write_milestones(session, action, draft.milestones)
    for contribution in linked:
        _link(session, action, contribution, actor=actor)
    _tell(session, action, "action_linked", f"action:{action.id}", readable(action.body))
    return action


def edit_action(session: Session, action: Action, draft: ActionDraft, *, actor: Actor) -> None:
    """Correct what is said of it. The dates as published first never change."""
    _check(draft)
    action.title = draft.title.strip()
    action.department = draft.department
    _fill(action, draft)
    if action.first_start_on is None:
        action.first_start_on = draft.start_on
    if action.first_end_on is None:
        action.first_end_on = draft.end_on
    _write_milestones(session, action, draft.milestones)
    action.updated_at = utcnow()
    session.flush()


def link(
    session: Session, action: Action, contributions: Iterable[Contribution], *, actor: Actor
) -> list[Contribution]:
    """Link more contributions; their people hear of it once. Returns those that are new."""
    new = [c for c in contributions if _link(session, action, c, actor=actor)]
    if new:
        numbers = "-".join(str(c.id) for c in new[:10])
        _tell(
            session,
            action,
            "action_linked",
            f"action:{action.id}:link:{numbers}"[:120],
            readable(action.body),
            of=[c.id for c in new],
        )
    return new


def unlink(session: Session, action: Action, contribution: Contribution) -> None:
    """Take a link away; the contribution stays where it stands."""
    session.execute(
        delete(ActionContribution).where(
            ActionContribution.action_id == action.id,
            ActionContribution.contribution_id == contribution.id,
        )
    )
    session.expire(action, ["contributions"])


def post_update(
    session: Session,
    action: Action,
    *,
    actor: Actor,
    body: str,
    to: str = "",
    reason: str = "",
    progress: int | None = None,
    start_on: date | None = None,
    end_on: date | None = None,
    photos: Sequence[Photo] = (),
) -> ActionUpdate:
    """Publish news of an action; with ``to`` it takes a step, and its contributions with it.

    Everyone concerned hears once, however many of the linked contributions they touched. The same
    news sent twice within minutes are one. Raises Invalid for a missing sentence or reason,
    Conflict when there is no such step.
    """
    read_again(session, action)
    _check_news(action, body, to, reason, start_on, end_on)
    written = {"action_id": action.id, "actor_id": actor.account_id, "body": body.strip()}
    said = None if to else find_repeated(session, ActionUpdate, ActionUpdate.at, **written)
    if said is not None:
        return said
    update = ActionUpdate(
        **written,
        from_status=action.status if to else None,
        to_status=to or action.status,
        reason=reason,
        start_on=start_on,
        end_on=end_on,
        before=kept_of(action) if to else None,
    )
    _apply(session, action, update, progress)
    session.add(update)
    session.flush()
    for photo in photos:
        session.add(ActionUpdatePhoto(action_update_id=update.id, photo_id=photo.id))
    if to:
        for contribution in action.contributions:
            bring_along(session, action, contribution, actor=actor, sentence=update.body)
    session.flush()
    session.expire(action, ["updates"])
    event = "action_updated" if action.status_type is StatusType.OPEN else "action_closed"
    _tell(session, action, event, f"action-update:{update.id}", update.body, waits=bool(to))
    return update


def follow(session: Session, action: Action, *, actor: Actor) -> None:
    """Hear about it from now on."""
    insert_or_ignore(
        session,
        ActionFollow,
        {"action_id": action.id, "account_id": actor.account_id, "at": utcnow()},
    )


def unfollow(session: Session, action: Action, *, actor: Actor) -> None:
    """Hear about it no more."""
    session.execute(
        delete(ActionFollow).where(
            ActionFollow.action_id == action.id, ActionFollow.account_id == actor.account_id
        )
    )


def _check(draft: ActionDraft) -> None:
    if not draft.title.strip():
        raise Invalid(N_("Donnez un titre, en quelques mots."), field="title")
    if draft.start_on and draft.end_on and draft.end_on < draft.start_on:
        raise Invalid(N_("La fin ne peut pas être avant le début."), field="end_on")


def _check_news(
    action: Action, body: str, to: str, reason: str, start_on: date | None, end_on: date | None
) -> None:
    if not body.strip():
        raise Invalid(N_("Écrivez ce que les habitants liront."), field="body")
    _check_step(action, to, reason)
    if start_on and end_on and end_on < start_on:
        raise Invalid(N_("La fin ne peut pas être avant le début."), field="end_on")


def _check_step(action: Action, to: str, reason: str) -> None:
    if not to:
        return
    edge = WORKFLOW.edge(action.status, to)
    if edge is None or Party.AGENT not in edge.by:
        raise Conflict(N_("Cette étape n’est plus possible : la situation a changé entre-temps."))
    if edge.reason and reason not in WORKFLOW.reasons:
        raise Invalid(N_("Choisissez un motif de la liste."), field="reason")


def _fill(action: Action, draft: ActionDraft) -> None:
    action.body = draft.body.strip()
    action.start_on, action.end_on = draft.start_on, draft.end_on
    action.cost, action.budget_line = draft.cost, draft.budget_line.strip()
    action.address = draft.address.strip()
    action.area_id = draft.area_id
    if draft.position is not None:
        action.lat, action.lon = draft.position.lat, draft.position.lon
        action.cell = morton_cell(draft.position.lat, draft.position.lon)


def _apply(session: Session, action: Action, update: ActionUpdate, progress: int | None) -> None:
    now = utcnow()
    if update.from_status:
        action.status = update.to_status
        action.status_type = WORKFLOW[update.to_status].type
        action.status_since = now
        action.finished_on = None
    if progress is not None:
        action.progress = progress
    if action.status_type is StatusType.FIXED:
        action.progress = 100
        action.finished_on = get_town_day(session, now)
    if update.start_on:
        action.start_on = update.start_on
        action.first_start_on = action.first_start_on or update.start_on
    if update.end_on:
        action.end_on = update.end_on
        action.first_end_on = action.first_end_on or update.end_on
    update.progress = action.progress
    action.updated_at = now


def _link(session: Session, action: Action, contribution: Contribution, *, actor: Actor) -> bool:
    values = {
        "action_id": action.id,
        "contribution_id": contribution.id,
        "linked_by_id": actor.account_id,
        "linked_at": utcnow(),
    }
    if not insert_or_ignore(session, ActionContribution, values):
        return False
    session.expire(action, ["contributions"])
    sentence = COMMITMENT[contribution.locale == "en"] % action.title
    bring_along(session, action, contribution, actor=actor, sentence=sentence)
    return True


def _write_milestones(session: Session, action: Action, drafts: Sequence[MilestoneDraft]) -> None:
    known = {milestone.title: milestone for milestone in action.milestones}
    today = get_town_day(session)
    action.milestones = []
    session.flush()
    for position, draft in enumerate(d for d in drafts if d.title.strip()):
        before = known.get(draft.title.strip())
        done_on = (before.done_on if before else None) or today
        action.milestones.append(
            Milestone(
                title=draft.title.strip(),
                due_on=draft.due_on,
                done_on=done_on if draft.is_done else None,
                position=position,
            )
        )
    session.flush()


def _tell(
    session: Session,
    action: Action,
    event: str,
    event_key: str,
    sentence: str,
    of: Sequence[int] | None = None,
    *,
    waits: bool = False,
) -> None:
    account_ids = list_concerned_account_ids(session, action, contribution_ids=of)
    if not action.is_published or not account_ids:
        return
    signals.people_to_tell.send(
        session,
        event=event,
        event_key=event_key,
        account_ids=account_ids,
        contribution=None,
        data={
            "title": action.title,
            "path": f"/actions/{action.slug}",
            "action_id": action.id,
            "status": WORKFLOW[action.status].label,
            "sentence": sentence,
            "references": [contribution.reference for contribution in action.contributions],
        },
        waits=waits,
    )
