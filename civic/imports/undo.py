"""Taking an import back: what it brought goes, what it changed is as before, where nobody was."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import Session

from civic.comments.models import Comment
from civic.contributions.kinds import kinds
from civic.contributions.models import (
    Contribution,
    ExternalRef,
    ImportChange,
    ImportRun,
    StatusChange,
)
from civic.contributions.operations import report_step
from civic.database import Pace, UTCDateTime, read_only, table_of, utcnow
from civic.imports.comments import recount
from civic.imports.touched import answered_here, changed_here, used_here
from civic.imports.updates import STEP_AT, STEP_SENTENCE, VOTES, correct_step, set_columns

BATCH = 500
FIRST_PART = 2


@dataclass(slots=True)
class Undone:
    """What was taken back, and the references of what stays since people here touched it."""

    removed: int = 0
    restored: int = 0
    kept: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the totals for a script."""
        return {"removed": self.removed, "restored": self.restored, "kept": self.kept}


class Undoing:
    """Takes back one run, in short transactions that ``commit`` ends."""

    def __init__(self, session: Session, run: ImportRun, commit: Callable[[], None]) -> None:
        self.session, self.run, self._commit = session, run, commit
        self.undone = Undone()

    def take_back(self, progress: Callable[[int], None]) -> Undone:
        """Remove what the run brought and restore what it changed; ``progress`` hears how many."""
        refs = self._refs()
        changes = self._read(select(ImportChange.ref_id).where(ImportChange.run_id == self.run.id))
        # Replies before what they answer: a comment that still has one stays.
        ours = select(Comment.id).where(Comment.import_run_id == self.run.id)
        comments = self._read(ours.order_by(Comment.parent_id.is_(None), Comment.id))
        done = 0
        for ids, take in (
            (refs, self._remove),
            (changes, self._restore),
            (comments, self._remove_comments),
        ):
            pace = Pace(first=FIRST_PART, most=BATCH)
            for part in pace.parts(ids, self._commit):
                take(part)
                done += len(part)
                progress(done)
        self.run.undone_at = utcnow()
        self.run.counts = {**self.run.counts, "undone": self.undone.as_dict()}
        self._commit()
        return self.undone

    def _refs(self) -> Sequence[int]:
        """Return what the run added: duplicates before what they are duplicates of."""
        with read_only():
            rows = self.session.execute(
                select(ExternalRef.id, Contribution.id, Contribution.duplicate_of_id)
                .join(Contribution, Contribution.id == ExternalRef.contribution_id)
                .where(ExternalRef.run_id == self.run.id)
                .order_by(ExternalRef.id)
            ).all()
            self._commit()
        leads = {id_: other for _, id_, other in rows if other is not None}
        return [ref_id for ref_id, id_, _ in sorted(rows, key=lambda row: -_depth(leads, row[1]))]

    def _read(self, ids: Select[int]) -> Sequence[int]:
        with read_only():
            found = self.session.scalars(ids).all()
            self._commit()
        return found

    def _remove(self, ref_ids: Sequence[int]) -> None:
        named = select(ExternalRef.contribution_id).where(ExternalRef.id.in_(ref_ids))
        contributions = self._locked(named)
        used = used_here(self.session, self.run.source, list(contributions))
        used |= self._needed(set(contributions) - used)
        gone = [contributions[id_] for id_ in contributions if id_ not in used]
        for contribution in gone:
            contribution.duplicate_of_id = None
        self.session.flush()
        for contribution in gone:
            self.session.delete(contribution)
        self.session.flush()
        self.undone.removed += len(gone)
        self.undone.kept += [contributions[id_].reference for id_ in contributions if id_ in used]

    def _needed(self, gone: set[int]) -> set[int]:
        """Return those of ``gone`` that something which stays is a duplicate of."""
        needed: set[int] = set()
        while True:
            column = Contribution.duplicate_of_id
            staying = select(column).where(
                column.in_(gone - needed), Contribution.id.not_in(gone - needed)
            )
            more = {id_ for id_ in self.session.scalars(staying) if id_ is not None}
            if not more:
                return needed
            needed |= more

    def _locked(self, ids: Select[int]) -> dict[int, Contribution]:
        """Return contributions that nobody else changes until this transaction ends."""
        table = table_of(Contribution)
        mine = select(table.c.id).where(table.c.id.in_(ids)).order_by(table.c.id)
        self.session.execute(mine.with_for_update())
        model = kinds[self.run.mapping["kind"]].model
        found = self.session.scalars(
            select(model)
            .where(model.id.in_(ids))
            .order_by(model.id)
            .execution_options(populate_existing=True)
        )
        return {contribution.id: contribution for contribution in found}

    def _restore(self, ref_ids: Sequence[int]) -> None:
        named = select(ExternalRef.contribution_id).where(ExternalRef.id.in_(ref_ids))
        contributions = self._locked(named)
        touched = changed_here(self.session, self.run.source, list(contributions))
        later = set(
            self.session.scalars(
                select(ImportChange.ref_id).where(
                    ImportChange.ref_id.in_(ref_ids), ImportChange.run_id > self.run.id
                )
            )
        )
        changes = self.session.execute(
            select(ImportChange, ExternalRef)
            .join(ExternalRef, ExternalRef.id == ImportChange.ref_id)
            .where(ImportChange.run_id == self.run.id, ImportChange.ref_id.in_(ref_ids))
        )
        for change, ref in changes.all():
            contribution = contributions[ref.contribution_id]
            if contribution.id in touched or ref.id in later:
                self.undone.kept.append(contribution.reference)
                continue
            self._restore_one(contribution, change)
            ref.row_hash, ref.changed_since = change.row_hash, None
            self.session.delete(change)
            self.undone.restored += 1
        self.session.flush()

    def _restore_one(self, contribution: Contribution, change: ImportChange) -> None:
        columns = inspect(type(contribution)).columns
        before = {
            name: _from_json(columns[name].type, value)
            for name, value in change.before.items()
            if name in columns
        }
        step = self.session.get(StatusChange, change.step_id or 0)
        closed_at = before.pop("closed_at", None)
        more = change.before.get(VOTES)
        if more is not None:
            before["vote_count"] = max(0, contribution.vote_count - more)
        set_columns(self.session, contribution, before, why=self.run.source)
        if step is None:
            return
        if STEP_AT in change.before:
            at = datetime.fromisoformat(change.before[STEP_AT])
            correct_step(contribution, step, change.before[STEP_SENTENCE], at)
        elif step.from_status is not None:
            back, source = step.from_status, self.run.source
            report_step(self.session, contribution, back, cause=source, undoes=step)
            contribution.closed_at = closed_at

    def _remove_comments(self, comment_ids: Sequence[int]) -> None:
        comments = self.session.scalars(select(Comment).where(Comment.id.in_(comment_ids))).all()
        used = answered_here(self.session, comment_ids)
        for comment in comments:
            if comment.id in used or comment.edited_at is not None:
                self.undone.kept.append(f"{comment.contribution.reference} #{comment.id}")
            else:
                self.session.delete(comment)
                self.undone.removed += 1
        self.session.flush()
        recount(self.session, {comment.contribution_id for comment in comments})


def _depth(leads: Mapping[int, int], id_: int) -> int:
    """Return how many others ``id_`` leads to, one after the other; a circle ends at its first."""
    seen: set[int] = set()
    while id_ in leads and id_ not in seen:
        seen.add(id_)
        id_ = leads[id_]
    return len(seen)


def _from_json(kind: Any, value: Any) -> Any:
    """Return ``value`` as a column of this type holds it."""
    if value is None:
        return None
    if isinstance(kind, UTCDateTime):
        return datetime.fromisoformat(value)
    return kind.enum_class(value) if getattr(kind, "enum_class", None) else value
