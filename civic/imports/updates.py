"""What a newer file of the same source says of contributions that an earlier one brought."""

from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, lazyload

from civic.accounts.actor import SYSTEM
from civic.contributions import signals
from civic.contributions.hotness import VOTE_WEIGHT, hot_after
from civic.contributions.kinds import Kind
from civic.contributions.models import (
    Contribution,
    ExternalRef,
    ImportChange,
    ImportRun,
    StatusChange,
)
from civic.contributions.operations import follow_source, record, report_step
from civic.database import table_of, utcnow
from civic.imports.convert import Record
from civic.imports.mapping import Mapping
from civic.imports.touched import changed_here
from civic.taxonomy.models import Category, Department
from civic.votes.models import Vote

PLACE = ("scope", "area_id", "lat", "lon", "cell", "address")
OWNED = ("title", "body", "category_id", "department_id", *PLACE, "submitted_at")
"""The columns that are the source's, as long as nobody here has changed any of them."""

VOTES, STEP_SENTENCE, STEP_AT = "votes", "step.sentence", "step.at"
"""What a change keeps besides columns: how many votes came, and what its step said before."""


@dataclass(frozen=True, slots=True)
class Newer:
    """A row of a known id that says something else: the columns it would be stored with now."""

    record: Record
    row_hash: str
    category: Category
    values: Table[str, Any]
    own: Table[str, Any]
    ref_id: int
    contribution_id: int


@dataclass(slots=True)
class Outcome:
    """How many rows changed something, changed nothing, or stay since people here were first."""

    updated: int = 0
    known: int = 0
    changed_since: int = 0


@dataclass(frozen=True, slots=True)
class _Said:
    """What a newer row changes: columns, and the step that it takes or corrects."""

    columns: dict[str, Any]
    status: str = ""
    corrects: StatusChange | None = None

    def __bool__(self) -> bool:
        return bool(self.columns or self.status or self.corrects)


class Updates:
    """Brings what is known up to date, for one run of one file."""

    def __init__(self, session: Session, kind: Kind, mapping: Mapping, run: ImportRun) -> None:
        self.session, self.kind, self.mapping, self.run = session, kind, mapping, run

    def take(self, newer: Sequence[Newer], *, is_trial: bool) -> Outcome:
        """Update what nobody here has touched; what somebody has is marked, and stays.

        A trial counts what would be and writes nothing.
        """
        outcome = Outcome()
        if not newer:
            return outcome
        ids = [item.contribution_id for item in newer]
        contributions = self._contributions(ids, locked=not is_trial)
        touched = changed_here(self.session, self.mapping.name, ids)
        steps, votes = self._steps(ids), self._votes(ids)
        left, same = [], []
        for item in newer:
            contribution = contributions[item.contribution_id]
            last = steps.get(contribution.id)
            said = self._said(contribution, item, last, votes.get(contribution.id, 0))
            if not said:
                same.append(item)
            elif contribution.id in touched:
                left.append(item.ref_id)
            else:
                outcome.updated += 1
                if not is_trial:
                    self._apply(contribution, item, said)
        outcome.known, outcome.changed_since = len(same), len(left)
        if not is_trial:
            self._mark(left, changed_since=func.coalesce(ExternalRef.changed_since, utcnow()))
            for item in same:
                self._mark([item.ref_id], row_hash=item.row_hash, changed_since=None)
        return outcome

    def _contributions(self, ids: Sequence[int], *, locked: bool) -> dict[int, Contribution]:
        table = table_of(Contribution)
        if locked:
            # People who are changing one of these right now come first.
            rows = select(table.c.id).where(table.c.id.in_(ids)).order_by(table.c.id)
            self.session.execute(rows.with_for_update())
        model = self.kind.model
        found = self.session.scalars(
            select(model)
            .where(model.id.in_(ids))
            .options(lazyload(model.category), lazyload(model.department))
            .execution_options(populate_existing=True)
        )
        return {contribution.id: contribution for contribution in found}

    def _steps(self, ids: Sequence[int]) -> dict[int, StatusChange]:
        """Return the last step of each that the source itself has told."""
        steps = self.session.scalars(
            select(StatusChange)
            .where(
                StatusChange.contribution_id.in_(ids),
                StatusChange.cause == self.mapping.name,
                StatusChange.actor_id.is_(None),
            )
            .options(lazyload(StatusChange.department))
            .order_by(StatusChange.id)
        )
        return {step.contribution_id: step for step in steps}

    def _votes(self, ids: Sequence[int]) -> dict[int, int]:
        """Return how many people here support each."""
        if "votes" not in self.mapping.columns:
            return {}
        counted = (
            select(Vote.contribution_id, func.count())
            .where(Vote.contribution_id.in_(ids))
            .group_by(Vote.contribution_id)
        )
        return {row[0]: row[1] for row in self.session.execute(counted)}

    def _said(
        self, contribution: Contribution, item: Newer, last: StatusChange | None, votes: int
    ) -> _Said:
        wanted = {name: item.values[name] for name in OWNED} | dict(item.own)
        if not item.record.department and item.category.id == contribution.category_id:
            # The source names none: it is the town that has chosen it.
            del wanted["department_id"]
        if "votes" in self.mapping.columns:
            wanted["vote_count"] = item.record.votes + votes
        if "moderation" in self.mapping.columns:
            wanted["moderation_state"] = item.values["moderation_state"]
        if "due_at" in self.mapping.columns:
            wanted["due_at"] = item.values["due_at"]
        if item.record.detail:
            wanted["answers"] = {**contribution.answers, "detail": item.record.detail}
        columns = {
            name: value for name, value in wanted.items() if getattr(contribution, name) != value
        }
        before = last.to_status if last else self.kind.workflow.initial
        status = item.values["status"]
        if "status" not in self.mapping.columns:
            return _Said(columns)
        if status != before:
            return _Said(columns, status=status)
        is_corrected = last is not None and (
            (item.record.sentence or last.sentence) != last.sentence
            or (item.record.closed_at or last.at) != last.at
        )
        return _Said(columns, corrects=last if is_corrected else None)

    def _apply(self, contribution: Contribution, item: Newer, said: _Said) -> None:
        before = set_columns(self.session, contribution, said.columns, why=self.mapping.name)
        if "vote_count" in before:
            # Votes of people here may come meanwhile: what came from the source is what goes.
            before[VOTES] = contribution.vote_count - before.pop("vote_count")
        contribution.updated_at = utcnow()
        step = self._step(contribution, item, said, before)
        ref = self.session.get_one(ExternalRef, item.ref_id)
        self.session.add(
            ImportChange(
                run_id=self.run.id,
                ref_id=ref.id,
                before={name: _as_json(value) for name, value in before.items()},
                row_hash=ref.row_hash,
                step_id=step.id if step is not None else None,
            )
        )
        ref.row_hash, ref.changed_since = item.row_hash, None
        self.session.flush()

    def _step(
        self, contribution: Contribution, item: Newer, said: _Said, before: dict[str, Any]
    ) -> StatusChange | None:
        """Take the step that the source has taken, or correct the one that it has told before."""
        closed_at, sentence = item.record.closed_at, item.record.sentence
        if said.status:
            before["closed_at"] = contribution.closed_at
            is_later = closed_at is not None and closed_at >= contribution.status_since
            return report_step(
                self.session,
                contribution,
                said.status,
                cause=self.mapping.name,
                sentence=sentence,
                at=closed_at if is_later else None,
            )
        step = said.corrects
        if step is not None:
            before |= {STEP_SENTENCE: step.sentence, STEP_AT: step.at}
            correct_step(contribution, step, sentence or step.sentence, closed_at or step.at)
        return step

    def _mark(self, ref_ids: Sequence[int], **values: Any) -> None:
        if ref_ids:
            self.session.execute(
                update(ExternalRef)
                .where(ExternalRef.id.in_(ref_ids))
                .values(**values)
                .execution_options(synchronize_session=False)
            )


def set_columns(
    session: Session, contribution: Contribution, columns: Table[str, Any], *, why: str
) -> dict[str, Any]:
    """Give columns other values, with the lines of the history that a correction by hand has.

    Returns what was there before. ``why`` names the source.
    """
    before = {name: getattr(contribution, name) for name in columns}
    for name, values in _lines_of(session, contribution, columns).items():
        record(session, contribution, name, *values, SYSTEM, why=why)
    for name, value in columns.items():
        setattr(contribution, name, value)
    if "due_at" in columns:
        follow_source(session, contribution)
    if "submitted_at" in columns:
        _move_beginning(session, contribution)
    if "moderation_state" in columns:
        _show_or_hide(session, contribution)
    more = contribution.vote_count - before.get("vote_count", contribution.vote_count)
    if more > 0:
        at = contribution.submitted_at
        contribution.hot = hot_after(contribution.hot, at, VOTE_WEIGHT * more)
    session.flush()
    session.expire(contribution, ["category", "department", "area"])
    return before


def _lines_of(
    session: Session, contribution: Contribution, columns: Table[str, Any]
) -> dict[str, tuple[str, str]]:
    """Return what the history says of ``columns``: (before, after) by its field."""
    lines: dict[str, tuple[str, str]] = {
        name: (getattr(contribution, name), columns[name])
        for name in ("title", "body")
        if name in columns
    }
    if "category_id" in columns:
        new = session.get_one(Category, columns["category_id"])
        lines["category"] = (contribution.category.name, new.name)
    if "department_id" in columns:
        old, to = contribution.department, session.get(Department, columns["department_id"] or 0)
        lines["department"] = (old.name if old else "", to.name if to else "")
    if not columns.keys().isdisjoint(PLACE):
        lines["place"] = (contribution.address, columns.get("address", contribution.address))
    return lines


def _move_beginning(session: Session, contribution: Contribution) -> None:
    """Let what the source dates anew have begun then."""
    at = contribution.submitted_at
    if contribution.is_public:
        contribution.published_at = at
    session.execute(
        update(StatusChange)
        .where(StatusChange.contribution_id == contribution.id, StatusChange.from_status.is_(None))
        .values(at=at)
        .execution_options(synchronize_session=False)
    )


def _show_or_hide(session: Session, contribution: Contribution) -> None:
    """Follow what the moderators of the source have decided meanwhile."""
    session.flush()
    if contribution.is_public:
        contribution.published_at = contribution.published_at or utcnow()
        told = signals.contribution_published
    else:
        told = signals.contribution_hidden
    told.send(session, contribution=contribution, actor=SYSTEM)


def correct_step(
    contribution: Contribution, step: StatusChange, sentence: str, at: datetime
) -> None:
    """Give a step that the source has told another sentence or time."""
    step.sentence, step.at = sentence, at
    if contribution.status == step.to_status:
        contribution.status_since = at
        contribution.closed_at = None if contribution.is_open else at


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
