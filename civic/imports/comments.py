"""Comments from a file, on contributions imported before. Deeper replies become one level."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from civic.comments.models import Comment, Stance
from civic.contributions.counters import store_heats
from civic.contributions.hotness import COMMENT_WEIGHT, hot_after, wilson_lower_bound
from civic.contributions.models import Contribution, ExternalRef, ImportRun, ModerationState
from civic.database import Pace, read_only, reserve_ids, table_of, utcnow
from civic.imports.convert import LONGEST_ID, Rejected, has_nul, to_count, to_moment
from civic.imports.mapping import ROW_NUMBER, Mapping
from civic.imports.readers import Row
from civic.imports.rejects import Rejects
from civic.imports.taxonomy import departments_by_key
from civic.imports.totals import BATCH, FIRST_PART, SHOWN, Totals
from civic.places.queries import get_town_zone
from civic.text.slugs import slugify

LONGEST = 10_000
NO_PARENT = frozenset({"", "-1", "0"})


@dataclass(frozen=True, slots=True)
class _Understood:
    row: Row
    external_id: str
    parent: str
    contribution: str
    body: str
    at: datetime
    helpful: int
    unhelpful: int
    stance: Stance
    department: str


def import_comments(
    session: Session,
    rows: Iterator[Row],
    mapping: Mapping,
    rejects: Rejects,
    *,
    commit: Callable[[], None],
    progress: Callable[[int], None],
    run: ImportRun | None = None,
    is_trial: bool = False,
) -> Totals:
    """Take the comments of one file, batch by batch; what is known by its id is left alone.

    ``run`` is what goes on record. A trial writes nothing.
    """
    totals = Totals()
    with read_only():
        mapping = mapping.in_zone(get_town_zone(session))
        departments = {key: one.id for key, one in departments_by_key(session).items()}
        commit()
    run = run or ImportRun(source=mapping.name)
    run.mapping = {
        "kind": mapping.kind,
        "columns": dict(mapping.columns),
    }
    if not is_trial:
        session.add(run)
        commit()
    pace = Pace(first=FIRST_PART, most=BATCH)
    while batch := list(islice(rows, BATCH)):
        totals.read += len(batch)
        understood = []
        for row in batch:
            try:
                understood.append(_understand(row, mapping))
            except Rejected as reason:
                rejects.add(row.line, str(reason), row.values)
        for part in pace.parts(understood, commit):
            ready = _ready(session, part, mapping, rejects, totals, is_trial=is_trial)
            for item, values in ready:
                values["department_id"] = _department(item, mapping, departments, totals)
            totals.added += len(ready)
            if not is_trial:
                _store(session, [values | {"import_run_id": run.id} for _, values in ready])
        progress(totals.read)
    totals.rejected, totals.reasons = rejects.total, rejects.reasons
    if not is_trial:
        run.counts, run.finished_at = totals.as_dict(), utcnow()
        commit()
    return totals


def _understand(row: Row, mapping: Mapping) -> _Understood:
    if row.problem:
        raise Rejected(row.problem)
    if has_nul(row.values):
        raise Rejected("a NUL character")
    cells = {ROW_NUMBER: row.line} | row.values
    values = {name: mapping.value(name, cells) for name in mapping.columns}
    body = values.get("body", "")
    if not values.get("external_id"):
        raise Rejected("no id")
    if len(values["external_id"]) > LONGEST_ID:
        raise Rejected(f"an id of {len(values['external_id'])} characters")
    if not body or len(body) > LONGEST:
        raise Rejected("no text" if not body else f"a text of {len(body)} characters")
    at = to_moment(values.get("submitted_at", ""), mapping)
    if at is None:
        raise Rejected("no date")
    stance = values.get("stance", "")
    return _Understood(
        row=row,
        external_id=values["external_id"],
        parent=values.get("parent", ""),
        contribution=values.get("contribution", ""),
        body=body,
        at=at,
        helpful=to_count(values.get("helpful", ""), "helpful votes"),
        unhelpful=to_count(values.get("unhelpful", ""), "unhelpful votes"),
        stance=Stance(stance) if stance in set(Stance) else Stance.NEITHER,
        department=values.get("department", ""),
    )


def _ready(
    session: Session,
    understood: Sequence[_Understood],
    mapping: Mapping,
    rejects: Rejects,
    totals: Totals,
    *,
    is_trial: bool,
) -> list[tuple[_Understood, dict[str, Any]]]:
    """Return what is to be stored, with its row: whose contribution is here, and who are not."""
    source = mapping.scope or mapping.name
    contributions = _ids(session, source, {item.contribution for item in understood})
    wanted = {item.external_id for item in understood} | {item.parent for item in understood}
    threads = _threads(session, mapping.name, wanted)
    new = []
    for item in understood:
        if item.external_id in threads:
            totals.known += 1
        elif item.contribution not in contributions:
            rejects.add(item.row.line, "its contribution is not here", item.row.values)
        else:
            new.append(item)
            threads[item.external_id] = (0, None)
    is_dry = is_trial or not new
    ids = range(1, len(new) + 1) if is_dry else reserve_ids(session, Comment, len(new))
    ready = []
    for item, id_ in zip(new, ids, strict=True):
        parent = _root(item, threads, totals)
        threads[item.external_id] = (id_, parent)
        here = contributions[item.contribution]
        ready.append((item, _values(item, id_, parent, here, mapping.name)))
        if is_trial and len(totals.shown) < SHOWN:
            said = {"contribution": item.contribution, "submitted_at": item.at}
            totals.shown.append(said | {"line": item.row.line, "body": item.body})
    return ready


def _department(
    item: _Understood, mapping: Mapping, departments: dict[str, int], totals: Totals
) -> int | None:
    """Return the department that says it; who that is is never guessed."""
    if not item.department:
        return None
    name = mapping.departments.get(item.department, item.department)
    found = departments.get(slugify(name)[:80])
    if found is None:
        totals.remarks["an answer of a department that is not here is a comment"] += 1
    return found


def _store(session: Session, ready: list[dict[str, Any]]) -> None:
    if not ready:
        return
    # A thread's first comment has to stand before its replies.
    ready.sort(key=lambda values: values["parent_id"] is not None)
    session.connection().execute(insert(table_of(Comment)), ready)
    recount(session, {values["contribution_id"] for values in ready})
    _heat(session, ready)


def _root(
    item: _Understood, threads: dict[str, tuple[int, int | None]], totals: Totals
) -> int | None:
    """Return the id of the comment that begins the thread."""
    if item.parent in NO_PARENT:
        return None
    known = threads.get(item.parent)
    if known is None or known[0] == 0:
        totals.remarks["a reply whose comment is not here stands alone"] += 1
        return None
    id_, parent = known
    if parent is not None:
        totals.remarks["a deeper reply was put under its thread"] += 1
    return parent or id_


def _threads(
    session: Session, source: str, external_ids: set[str]
) -> dict[str, tuple[int, int | None]]:
    rows = session.execute(
        select(Comment.external_id, Comment.id, Comment.parent_id).where(
            Comment.external_source == source, Comment.external_id.in_(external_ids)
        )
    )
    return {external_id: (id_, parent_id) for external_id, id_, parent_id in rows if external_id}


def _ids(session: Session, source: str, external_ids: set[str]) -> dict[str, int]:
    rows = session.execute(
        select(ExternalRef.external_id, ExternalRef.contribution_id).where(
            ExternalRef.source == source, ExternalRef.external_id.in_(external_ids)
        )
    )
    return {row.external_id: row.contribution_id for row in rows}


def _values(
    item: _Understood, id_: int, parent: int | None, contribution: int, source: str
) -> dict[str, Any]:
    return {
        "id": id_,
        "contribution_id": contribution,
        "parent_id": parent,
        "body": item.body,
        "stance": item.stance,
        "moderation_state": ModerationState.PUBLISHED,
        "created_at": item.at,
        "helpful_count": item.helpful,
        "unhelpful_count": item.unhelpful,
        "score": wilson_lower_bound(item.helpful, item.helpful + item.unhelpful),
        "external_source": source,
        "external_id": item.external_id,
    }


def recount(session: Session, contribution_ids: set[int]) -> None:
    """Make the number of public comments of some contributions anew."""
    number = (
        select(func.count())
        .where(
            Comment.contribution_id == Contribution.id,
            Comment.moderation_state == ModerationState.PUBLISHED,
        )
        .correlate(Contribution)
        .scalar_subquery()
    )
    session.execute(
        update(Contribution)
        .where(Contribution.id.in_(contribution_ids))
        .values(comment_count=number)
        .execution_options(synchronize_session=False)
    )


def _heat(session: Session, ready: Sequence[dict[str, Any]]) -> None:
    """Comments of a file weigh in the order « hot » as those that are written here."""
    moments: dict[int, list[datetime]] = defaultdict(list)
    for values in ready:
        moments[values["contribution_id"]].append(values["created_at"])
    heats: dict[int, float] = {}
    for id_, before in session.execute(
        select(Contribution.id, Contribution.hot).where(Contribution.id.in_(moments))
    ):
        heat = before
        for at in moments[id_]:
            heat = hot_after(heat, at, COMMENT_WEIGHT)
        heats[id_] = heat
    store_heats(session, heats)
