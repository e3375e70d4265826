"""From records to rows: what is read and looked up first, then written in short transactions.

The log of the map and the index of the search are written in the same transaction. A run that
is interrupted has stored whole batches; running it again goes on where it stopped, because what
is known by its external id is compared, and left alone where it says the same.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM
from civic.contributions.indexing import FoundBy, index_many
from civic.contributions.kinds import Kind
from civic.contributions.models import (
    Contribution,
    Deadline,
    ExternalRef,
    ImportRun,
    ModerationState,
    Scope,
    StatusChange,
)
from civic.contributions.operations import Draft, Past, first_steps_of, promises_of, row_of
from civic.contributions.screening_registry import HoldReason
from civic.counting.listeners import note_changed
from civic.database import (
    Pace,
    fill_defaults,
    insert_rows,
    read_only,
    reserve_ids,
    table_of,
    utcnow,
)
from civic.imports.convert import Record, Rejected, to_record
from civic.imports.geocoding import find_position
from civic.imports.known import Known, Understood, hash_of, known_among
from civic.imports.mapping import Mapping
from civic.imports.plausible import FAR_AWAY, check_positions
from civic.imports.readers import Row
from civic.imports.references import references_for
from civic.imports.rejects import Rejects
from civic.imports.taxonomy import Taxonomy
from civic.imports.totals import BATCH, FIRST_PART, SHOWN, Totals
from civic.imports.updates import Newer, Updates
from civic.moderation.listeners import HELD
from civic.moderation.operations.holds import hold_for
from civic.places.geometry import Bounds
from civic.places.queries import Outlines, get_outlines, get_town
from civic.search.operations import tidy
from civic.taxonomy.models import Category

REUSED = "an id that was there before, with other content"


class Importer:
    """Takes rows of one file into one town. ``commit`` ends each transaction.

    ``file`` and ``who`` are what the row of this run says of its origin. With ``is_trial`` nothing
    is written: the totals say what would be, and show the first rows.
    """

    def __init__(
        self,
        session: Session,
        kind: Kind,
        mapping: Mapping,
        rejects: Rejects,
        *,
        commit: Callable[[], None],
        file: str = "",
        who: str = "",
        is_trial: bool = False,
    ) -> None:
        # Outlines take a while to read, and nobody has to wait for that.
        with read_only():
            town = get_town(session)
            mapping = mapping.in_zone(ZoneInfo(town.zone))
            self.session, self.kind, self.mapping, self.rejects = session, kind, mapping, rejects
            self.bounds = Bounds(west=town.west, south=town.south, east=town.east, north=town.north)
            self.outlines: Outlines = get_outlines(session)
            self.taxonomy = Taxonomy(session, kind, mapping, adds=not is_trial)
            commit()
        self.totals = Totals()
        self._commit, self._is_trial = commit, is_trial
        self._seen: dict[str, Known] = {}
        self._duplicates: dict[int, str] = {}
        columns = {"kind": kind.code, "columns": dict(mapping.columns)}
        self._run = ImportRun(source=mapping.name, file=file[:250], mapping=columns, who=who[:80])
        self._updates = Updates(session, kind, mapping, self._run)

    def run(self, rows: Iterator[Row], progress: Callable[[int], None]) -> Totals:
        """Take all rows; ``progress`` is told how many were read so far.

        Raises MappingError before anything is stored when the projection is probably another.
        """
        first = list(islice(rows, BATCH))
        if not check_positions(first, self.mapping, self.bounds):
            self.totals.remarks[FAR_AWAY] += 1
        rows = chain(first, rows)
        if not self._is_trial:
            self.session.add(self._run)
            self._commit()
        pace = Pace(first=FIRST_PART, most=BATCH)
        while batch := list(islice(rows, BATCH)):
            self.totals.read += len(batch)
            understood = self._understand(batch)
            for part in pace.parts(understood, self._commit):
                self._take(part)
            progress(self.totals.read)
        self.totals.rejected = self.rejects.total
        self.totals.reasons = self.rejects.reasons
        if not self._is_trial:
            self._end()
        return self.totals

    def _end(self) -> None:
        pairs = list(self._duplicates.items())
        for part in Pace(first=FIRST_PART, most=BATCH).parts(pairs, self._commit):
            self._join(part)
        if self.totals.added:
            tidy(self.session, self._commit)
        self._run.counts, self._run.finished_at = self.totals.as_dict(), utcnow()
        self._commit()

    def _join(self, pairs: Sequence[tuple[int, str]]) -> None:
        """Lead duplicates to what they are duplicates of, by the source's ids."""
        others = known_among(
            self.session, self.mapping.name, [other for _, other in pairs], self._run.id
        )
        for id_, other in pairs:
            if other in others and others[other].contribution_id != id_:
                self.session.execute(
                    update(Contribution)
                    .where(Contribution.id == id_)
                    .values(duplicate_of_id=others[other].contribution_id)
                    .execution_options(synchronize_session=False)
                )

    def _understand(self, batch: Sequence[Row]) -> list[Understood]:
        """Do what takes long and writes nothing: nobody waits for the lock meanwhile."""
        understood: list[Understood] = []
        with read_only():
            for row in self._wanted(batch):
                try:
                    record = to_record(row, self.mapping, self.bounds)
                    understood.append(Understood(record, row, hash_of(row)))
                except Rejected as reason:
                    self.rejects.add(row.line, str(reason), row.values)
            known = self._known(understood)
            for item in understood:
                before = known.get(item.record.external_id)
                if before is None or before.row_hash != item.row_hash:
                    self._locate(item.record, before)
            areas = self._areas([item.record for item in understood])
            for item, area_id in zip(understood, areas, strict=True):
                item.area_id = area_id
            self._commit()
        return understood

    def _wanted(self, batch: Sequence[Row]) -> list[Row]:
        """Leave out the rows that the mapping does not speak of; a broken row is rejected."""
        wanted = [row for row in batch if row.problem or self.mapping.wants(row.values)]
        self.totals.left_out += len(batch) - len(wanted)
        return wanted

    def _take(self, part: Sequence[Understood]) -> None:
        """Sort some rows into new, newer, known and rejected, and write them."""
        known = self._known(part)
        new: list[tuple[Understood, Category]] = []
        newer: list[Newer] = []
        for item in part:
            external_id = item.record.external_id
            before = known.get(external_id)
            if before is not None and self._is_settled(item, before):
                continue
            try:
                category = self.taxonomy.category_of(item.record)
            except Rejected as reason:
                self.rejects.add(item.row.line, str(reason), item.row.values)
                continue
            known[external_id] = item.as_known()
            if self._is_trial:
                self._show(item, category)
                self._seen[external_id] = known[external_id]
            if before is None:
                new.append((item, category))
            else:
                newer.append(self._newer(item, category, before))
        if not self._is_trial:
            self._store(new)
        self.totals.added += len(new)
        for item, _ in new:
            self.totals.remarks.update(item.record.remarks)
        outcome = self._updates.take(newer, is_trial=self._is_trial)
        self.totals.updated += outcome.updated
        self.totals.known += outcome.known
        self.totals.changed_since += outcome.changed_since

    def _is_settled(self, item: Understood, before: Known) -> bool:
        """Count a row that says nothing new, and reject one whose id is used for something else."""
        if before.row_hash == item.row_hash:
            self.totals.known += 1
            return True
        if item.is_other_than(before):
            self.rejects.add(item.row.line, REUSED, item.row.values)
            return True
        self.totals.known += before.is_of_this_run
        return before.is_of_this_run

    def _known(self, items: Sequence[Understood]) -> dict[str, Known]:
        """Return what is here under the ids of ``items``, or was read before by this trial."""
        ids = [item.record.external_id for item in items]
        known = known_among(self.session, self.mapping.name, ids, self._run.id)
        return known | {id_: self._seen[id_] for id_ in ids if id_ in self._seen}

    def _newer(self, item: Understood, category: Category, before: Known) -> Newer:
        return Newer(
            record=item.record,
            row_hash=item.row_hash,
            category=category,
            values=self._row(item, category, ""),
            own=self._own(item.record),
            ref_id=before.ref_id,
            contribution_id=before.contribution_id,
        )

    def _show(self, item: Understood, category: Category) -> None:
        """Keep how the first rows of a trial would be stored."""
        if len(self.totals.shown) < SHOWN:
            row, record = self._row(item, category, ""), item.record
            self.totals.shown.append(
                {
                    "line": record.line,
                    "id": record.external_id,
                    "title": row["title"],
                    "body": row["body"],
                    "category": category.name,
                    "department": self.taxonomy.department_name(record, category),
                    "status": row["status"],
                    "state": row["moderation_state"],
                    "area": self.taxonomy.area_name(item.area_id),
                    "address": row["address"],
                    "lat": row["lat"],
                    "lon": row["lon"],
                    "submitted_at": row["submitted_at"],
                    "closed_at": row["closed_at"],
                    "due_at": row["due_at"],
                    "votes": row["vote_count"],
                    "remarks": record.remarks,
                }
            )

    def _store(self, new: Sequence[tuple[Understood, Category]]) -> None:
        if not new:
            return
        self.session.flush()
        ids = reserve_ids(self.session, Contribution, len(new))
        wanted = [item.record.reference for item, _ in new]
        references = references_for(self.session, self.kind, wanted, issued=ids[-1])
        base, own, steps, promises, texts = [], [], [], [], []
        for (item, category), id_, reference in zip(new, ids, references, strict=True):
            values = self._row(item, category, reference) | {"id": id_}
            base.append(fill_defaults(Contribution, values))
            own.append(self._own_row(item.record, id_))
            words = {"sentence": item.record.sentence, "cause": self.mapping.name}
            steps += first_steps_of(values, self.kind, **words)
            promises += promises_of(values)
            if item.record.duplicate_of:
                self._duplicates[id_] = item.record.duplicate_of
            if values["moderation_state"] is ModerationState.PUBLISHED:
                texts.append(self._found_by(values, category))
        insert_rows(self.session, Contribution, base)
        insert_rows(self.session, self.kind.model, own)
        steps = [fill_defaults(StatusChange, step) for step in steps]
        insert_rows(self.session, StatusChange, steps)
        insert_rows(self.session, Deadline, [fill_defaults(Deadline, one) for one in promises])
        insert_rows(self.session, ExternalRef, self._refs([item for item, _ in new], ids))
        for row in base:
            if row["moderation_state"] is ModerationState.HELD:
                hold_for(self.session, [HoldReason(HELD)], contribution_id=row["id"], actor=SYSTEM)
        note_changed(self.session, Contribution, ids)
        index_many(self.session, texts)

    def _refs(self, new: Sequence[Understood], ids: Sequence[int]) -> list[dict[str, Any]]:
        return [
            {
                "source": self.mapping.name,
                "external_id": item.record.external_id,
                "contribution_id": id_,
                "run_id": self._run.id,
                "row_hash": item.row_hash,
            }
            for item, id_ in zip(new, ids, strict=True)
        ]

    def _locate(self, record: Record, before: Known | None) -> None:
        """Find an address without a position in the address file, where it can be.

        A place that the source does not give any more stays where it was.
        """
        is_same = before is not None and record.address in {"", before.address}
        if record.position is None and before is not None and is_same:
            record.position = before.position
        elif record.position is None and record.address:
            record.position, remark = find_position(self.session, record.address)
            record.remarks.append(remark)
        elif record.position is None:
            record.remarks.append("no place")

    def _areas(self, records: Sequence[Record]) -> list[int | None]:
        placed = [record.position for record in records if record.position is not None]
        found = iter(self.outlines.index.find_many(placed))
        ids: list[int | None] = []
        for record in records:
            if record.position is None:
                ids.append(self.taxonomy.area_of(record))
                continue
            inside = next(found)
            if not inside:
                record.remarks.append("outside the town")
            ids.append(inside[0] if inside else None)
        return ids

    def _row(self, item: Understood, category: Category, reference: str) -> dict[str, Any]:
        record, area_id = item.record, item.area_id
        draft = Draft(
            record.title,
            record.body,
            category,
            Scope.PLACE if record.position else Scope.AREA if area_id else Scope.TOWN,
            record.position,
            area_id,
            record.address,
            {"detail": record.detail} if record.detail else {},
            locale=record.language,
            channel=self.taxonomy.channel_of(record),
        )
        status, since = self.taxonomy.status_of(record), record.closed_at or record.submitted_at
        return row_of(
            self.kind,
            draft,
            reference=reference,
            at=record.submitted_at,
            department_id=self.taxonomy.department_of(record, category),
            state=self.taxonomy.state_of(record),
            past=Past(status, since, record.votes, record.due_at),
        )

    def _found_by(self, values: dict[str, Any], category: Category) -> FoundBy:
        return FoundBy(
            id=values["id"],
            reference=values["reference"],
            title=values["title"],
            body=values["body"],
            address=values["address"],
            category=category.name,
            category_en=category.name_en,
            area=self.taxonomy.area_name(values["area_id"]),
        )

    def _own_row(self, record: Record, id_: int) -> dict[str, Any]:
        """Return what the table of its kind holds: of what the file says, what that has."""
        return fill_defaults(self.kind.model, {"id": id_} | self._own(record))

    def _own(self, record: Record) -> dict[str, Any]:
        columns = table_of(self.kind.model).columns
        said = {"cost": record.cost, "period": record.period}
        return {
            name: value
            for name, value in said.items()
            if name in columns and name in self.mapping.columns
        }
