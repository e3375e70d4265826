"""Writing what was drawn: in bulk, with the counters and due dates that the verbs would keep."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from civic.calendar import due_at
from civic.comments.models import Comment
from civic.contributions.hotness import (
    COMMENT_WEIGHT,
    SUBMISSION_WEIGHT,
    VOTE_WEIGHT,
    hot_without,
)
from civic.contributions.kinds import kinds
from civic.contributions.models import (
    Contribution,
    Deadline,
    Due,
    ModerationState,
    StatusChange,
)
from civic.contributions.workflow import Party, StatusType, Workflow
from civic.database import Base, table_of
from civic.demo.lives import Case, Step
from civic.demo.sample import ZONE
from civic.follows.models import Follow
from civic.ideas.models import Idea
from civic.ideas.workflow import IdeaStatus
from civic.people.operations import person_of_account
from civic.taxonomy.models import Category, Department
from civic.votes.models import Vote

_CONTRIBUTION = table_of(Contribution)


def read_cases(session: Session) -> list[Case]:
    """Return the contributions that there are, the oldest first."""
    rows = session.execute(
        select(
            _CONTRIBUTION.c.id,
            _CONTRIBUTION.c.kind,
            Category.code,
            Department.code,
            _CONTRIBUTION.c.department_id,
            _CONTRIBUTION.c.area_id,
            _CONTRIBUTION.c.lat,
            _CONTRIBUTION.c.lon,
            _CONTRIBUTION.c.submitted_at,
        )
        .join(Category, Category.id == _CONTRIBUTION.c.category_id)
        .join(Department, Department.id == _CONTRIBUTION.c.department_id)
        .order_by(_CONTRIBUTION.c.submitted_at, _CONTRIBUTION.c.id)
    )
    return [Case(*row) for row in rows]


def write_lives(session: Session, cases: Sequence[Case], agent_id: int | None) -> None:
    """Write authors, steps, votes and follows of ``cases``, and what follows from them."""
    categories = {category.code: category for category in session.scalars(select(Category))}
    author_ids = sorted({case.author_id for case in cases if case.author_id is not None})
    person_ids: dict[int | None, int] = {
        account_id: person_of_account(session, account_id).id for account_id in author_ids
    }
    changes: list[dict[str, Any]] = []
    states: list[dict[str, Any]] = []
    for case in cases:
        workflow = kinds[case.kind].workflow
        changes += _changes(case, workflow, agent_id)
        states.append(_state(case, workflow, categories[case.category]))
        states[-1]["person_id"] = person_ids.get(case.author_id)
    _insert(session, StatusChange, changes)
    columns: dict[str, Any] = {name: bindparam(name) for name in states[0] if name != "key"}
    session.connection().execute(
        update(_CONTRIBUTION).where(_CONTRIBUTION.c.id == bindparam("key")).values(columns), states
    )
    _insert(session, Deadline, _deadlines(states, cases, categories))
    _insert(session, Vote, _votes(cases))
    _insert(session, Follow, _follows(cases))
    session.expire_all()


def _changes(case: Case, workflow: Workflow, agent_id: int | None) -> Iterable[dict[str, Any]]:
    before: str = workflow.initial
    for step in case.steps:
        if workflow.edge(before, step.to) is None:
            raise ValueError(f"no step from {before} to {step.to}")
        yield {
            "contribution_id": case.id,
            "from_status": before,
            "to_status": step.to,
            "at": step.at,
            "actor_id": _actor_id(step, case, agent_id),
            "party": step.party,
            "department_id": case.department_id,
            "is_automatic": step.party is Party.SYSTEM,
            "sentence": step.sentence,
            "reason": step.reason,
            "recipient": step.recipient,
            "claimed_by": step.claimed_by,
            "verified_by": step.verified_by,
            "cause": "",
        }
        before = step.to


def _actor_id(step: Step, case: Case, agent_id: int | None) -> int | None:
    return {Party.AGENT: agent_id, Party.AUTHOR: case.author_id}.get(step.party)


def _state(case: Case, workflow: Workflow, category: Category) -> dict[str, Any]:
    last = case.steps[-1] if case.steps else None
    status = workflow[last.to if last else workflow.initial]
    since = last.at if last else case.submitted_at
    recipients = [step.recipient for step in case.steps if step.recipient]
    return {
        "key": case.id,
        "author_id": case.author_id,
        "status": status.code,
        "status_type": status.type,
        "status_since": since,
        "updated_at": since,
        "closed_at": None if status.type is StatusType.OPEN else since,
        "acknowledged_at": next((s.at for s in case.steps if s.party is Party.AGENT), None),
        "due_at": _due(case, category.days_to_resolve, _pauses(case, workflow)),
        "forwarded_to": recipients[-1] if recipients else "",
        "vote_count": len(case.votes),
    }


def _deadlines(
    states: Sequence[dict[str, Any]], cases: Sequence[Case], categories: dict[str, Category]
) -> Iterable[dict[str, Any]]:
    for state, case in zip(states, cases, strict=True):
        category = categories[case.category]
        acknowledge = _due(case, category.days_to_acknowledge, [])
        # While the clock of a resolution stands, what was promised before is on record.
        resolve = state["due_at"] or _due(case, category.days_to_resolve, [])
        for what, due, met in (
            (Due.ACKNOWLEDGE, acknowledge, state["acknowledged_at"] or state["closed_at"]),
            (Due.RESOLVE, resolve, state["closed_at"]),
        ):
            if due is None:
                continue
            stands = met is None and state["due_at"] is None
            yield {
                "contribution_id": case.id,
                "what": what,
                "due_at": due,
                "met_at": met,
                "paused_at": state["status_since"] if stands else None,
            }


def _due(case: Case, days: int, pauses: list[tuple[datetime, datetime | None]]) -> datetime | None:
    if not kinds[case.kind].has_deadlines:
        return None
    return due_at(case.submitted_at, days, working=True, pauses=pauses, zone=ZONE)


def _pauses(case: Case, workflow: Workflow) -> list[tuple[datetime, datetime | None]]:
    ends = [step.at for step in case.steps[1:]]
    return [
        (step.at, end)
        for step, end in zip(case.steps, [*ends, None], strict=False)
        if workflow[step.to].stops_clock
    ]


def _votes(cases: Iterable[Case]) -> list[dict[str, Any]]:
    return [
        {"contribution_id": case.id, "account_id": account_id, "at": at}
        for case in cases
        for account_id, at in case.votes
    ]


def _follows(cases: Iterable[Case]) -> list[dict[str, Any]]:
    rows = []
    for case in cases:
        people = dict(case.votes)
        if case.author_id is not None:
            people[case.author_id] = case.submitted_at
        rows += [
            {"contribution_id": case.id, "account_id": account_id, "at": at, "is_muted": False}
            for account_id, at in people.items()
        ]
    return rows


def settle_promises(session: Session, now: datetime) -> None:
    """Date what was promised of the ideas: the sample gives the year of its edition to each.

    An idea that the town has not retained has neither period nor cost.
    """
    for idea in session.scalars(select(Idea)):
        if idea.status == IdeaStatus.DONE and idea.closed_at is not None:
            idea.period = str(idea.closed_at.year)
        elif idea.status in {IdeaStatus.ACCEPTED, IdeaStatus.IN_PROGRESS}:
            idea.period = str(now.year + (idea.status == IdeaStatus.ACCEPTED))
        else:
            idea.period, idea.cost = "", None
    session.flush()


def settle_figures(session: Session) -> None:
    """Count the comments and make the heat of everything anew, from the rows themselves."""
    session.flush()
    public = Comment.moderation_state == ModerationState.PUBLISHED
    supports: dict[int, list[tuple[datetime, float]]] = defaultdict(list)
    comments: dict[int, int] = defaultdict(int)
    for contribution_id, at in session.execute(select(Vote.contribution_id, Vote.at)):
        supports[contribution_id].append((at, VOTE_WEIGHT))
    for contribution_id, at in session.execute(
        select(Comment.contribution_id, Comment.created_at).where(public)
    ):
        supports[contribution_id].append((at, COMMENT_WEIGHT))
        comments[contribution_id] += 1
    rows = [
        {
            "key": id_,
            "hot": hot_without([(at, SUBMISSION_WEIGHT), *supports[id_]]),
            "comment_count": comments[id_],
        }
        for id_, at in session.execute(select(_CONTRIBUTION.c.id, _CONTRIBUTION.c.submitted_at))
    ]
    values: dict[str, Any] = {"hot": bindparam("hot"), "comment_count": bindparam("comment_count")}
    session.connection().execute(
        update(_CONTRIBUTION).where(_CONTRIBUTION.c.id == bindparam("key")).values(values), rows
    )
    session.expire_all()


def _insert(session: Session, model: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    values = list(rows)
    if values:
        session.connection().execute(insert(table_of(model)), values)
