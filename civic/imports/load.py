"""From records to rows: in batches, each in its own transaction, each by a handful of statements.

The log of the map and the index of the search are written in the same transaction. A run that
is interrupted has stored whole batches; running it again goes on where it stopped, because what
is known by its external id is left alone.
"""

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.contributions.indexing import FoundBy, index_many
from civic.contributions.kinds import Kind
from civic.contributions.models import (
    Contribution,
    ExternalRef,
    ImportRun,
    Scope,
    StatusChange,
)
from civic.contributions.operations import Draft, Past, first_steps_of, row_of
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
from civic.imports.mapping import Mapping
from civic.imports.readers import Row
from civic.imports.rejects import Rejects
from civic.imports.taxonomy import Taxonomy
from civic.places.geometry import Bounds
from civic.places.queries import Outlines, get_town, outlines_of
from civic.search.operations import tidy
from civic.taxonomy.models import Category
from civic.text.references import new_reference, reference_length

BATCH = 4_000
"""Rows that are taken in together at most."""
FIRST_BATCH = 100
_random = secrets.SystemRandom()


@dataclass(slots=True)
class Totals:
    """What became of the rows of one file."""

    read: int = 0
    added: int = 0
    known: int = 0
    rejected: int = 0
    remarks: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """Return the totals for a script."""
        return {
            "read": self.read,
            "added": self.added,
            "known": self.known,
            "rejected": self.rejected,
            "remarks": dict(self.remarks),
            "reasons": dict(self.reasons),
        }


def hash_of(row: Row) -> str:
    """Return the hash of what ``row`` says, in whatever order its columns stand."""
    text = json.dumps(row.values, sort_keys=True, default=str, ensure_ascii=False)
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class _New:
    """A record that is to be stored, with the hash of its row and its category."""

    record: Record
    row_hash: str
    category: Category


class Importer:
    """Takes rows of one file into one town. ``commit`` ends each batch.

    ``file`` and ``who`` are what the row of this run says of its origin.
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
    ) -> None:
        # Outlines take a while to read, and nobody has to wait for that.
        with read_only():
            town = get_town(session)
            self.session, self.kind, self.mapping, self.rejects = session, kind, mapping, rejects
            self.bounds = Bounds(west=town.west, south=town.south, east=town.east, north=town.north)
            self.outlines: Outlines = outlines_of(session)
            self.taxonomy = Taxonomy(session, kind, mapping)
        self.totals = Totals()
        self._commit = commit
        columns = {"kind": kind.code, "columns": dict(mapping.columns)}
        self._run = ImportRun(source=mapping.name, file=file[:250], mapping=columns, who=who)

    def run(self, rows: Iterator[Row], progress: Callable[[int], None]) -> Totals:
        """Take all rows; ``progress`` is told how many were read so far."""
        self._commit()
        self.session.add(self._run)
        pace = Pace(first=FIRST_BATCH, most=BATCH)
        while batch := list(islice(rows, pace.size)):
            with pace.batch(len(batch)):
                self._take(batch)
                self._commit()
            progress(self.totals.read)
        if self.totals.added:
            tidy(self.session, self._commit)
        self.totals.rejected = self.rejects.total
        self.totals.reasons = self.rejects.reasons
        self._run.counts, self._run.finished_at = self.totals.as_dict(), utcnow()
        self._commit()
        return self.totals

    def _take(self, batch: Sequence[Row]) -> None:
        self.totals.read += len(batch)
        understood: list[tuple[Record, Row, Category]] = []
        for row in batch:
            try:
                record = to_record(row, self.mapping, self.bounds)
                understood.append((record, row, self.taxonomy.category_of(record)))
            except Rejected as reason:
                self.rejects.add(row.line, str(reason), row.values)
        new = self._new_ones(understood)
        if new:
            self._store(new)

    def _new_ones(self, understood: list[tuple[Record, Row, Category]]) -> list[_New]:
        """Leave alone what is known; reject an id that comes back with something else."""
        known = self._known([record.external_id for record, _, _ in understood])
        new: list[_New] = []
        changed: list[str] = []
        for record, row, category in understood:
            content = (record.title, record.submitted_at)
            row_hash = hash_of(row)
            before = known.get(record.external_id)
            if before is None:
                known[record.external_id] = (row_hash, content)
                new.append(_New(record, row_hash, category))
                continue
            if before[0] != row_hash:
                changed.append(record.external_id)
            if before[0] == row_hash or before[1] == content:
                self.totals.known += 1
            else:
                self.rejects.add(
                    row.line, "an id that was there before, with other content", row.values
                )
        self._note_changes(changed)
        return new

    def _known(self, external_ids: list[str]) -> dict[str, tuple[str, tuple[Any, ...]]]:
        """Return the hash of the row and the content of those of ``external_ids`` that are here."""
        return {
            external_id: (row_hash, (title, submitted_at))
            for external_id, row_hash, title, submitted_at in self.session.execute(
                select(
                    ExternalRef.external_id,
                    ExternalRef.row_hash,
                    Contribution.title,
                    Contribution.submitted_at,
                )
                .join(Contribution, Contribution.id == ExternalRef.contribution_id)
                .where(
                    ExternalRef.source == self.mapping.name,
                    ExternalRef.external_id.in_(external_ids),
                )
            )
        }

    def _note_changes(self, external_ids: list[str]) -> None:
        """Write down since when the source says something else than what was stored."""
        self.session.execute(
            update(ExternalRef)
            .where(
                ExternalRef.source == self.mapping.name,
                ExternalRef.external_id.in_(external_ids),
                ExternalRef.changed_since.is_(None),
                ExternalRef.row_hash != "",
            )
            .values(changed_since=utcnow())
            .execution_options(synchronize_session=False)
        )

    def _store(self, new: list[_New]) -> None:
        for item in new:
            self._locate(item.record)
        self.session.flush()
        areas = self._areas([item.record for item in new])
        ids = reserve_ids(self.session, Contribution, len(new))
        references = self._references(len(new), ids[-1])
        base, own, steps, texts = [], [], [], []
        for item, area_id, id_, reference in zip(new, areas, ids, references, strict=True):
            record, category = item.record, item.category
            values = self._row(record, category, area_id, reference) | {"id": id_}
            base.append(fill_defaults(Contribution, values))
            own.append(self._own_row(record, id_))
            words = {"sentence": record.sentence, "cause": self.mapping.name}
            steps += first_steps_of(values, self.kind, **words)
            texts.append(self._found_by(values, category))
        insert_rows(self.session, Contribution, base)
        insert_rows(self.session, self.kind.model, own)
        steps = [fill_defaults(StatusChange, step) for step in steps]
        insert_rows(self.session, StatusChange, steps)
        insert_rows(self.session, ExternalRef, self._refs(new, ids))
        note_changed(self.session, Contribution, ids)
        index_many(self.session, texts)
        self.totals.added += len(new)
        for item in new:
            self.totals.remarks.update(item.record.remarks)

    def _refs(self, new: list[_New], ids: Sequence[int]) -> list[dict[str, Any]]:
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

    def _locate(self, record: Record) -> None:
        """Find an address without a position in the address file, where it can be."""
        if record.position is None and record.address:
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

    def _references(self, number: int, issued: int) -> list[str]:
        length = reference_length(issued)
        fresh: dict[str, None] = {}
        while len(fresh) < number:
            drawn = {
                new_reference(self.kind.letter, _random, length=length): None
                for _ in range(number - len(fresh))
            }
            taken = self.session.scalars(
                select(Contribution.reference).where(Contribution.reference.in_(drawn))
            )
            for reference in taken:
                drawn.pop(reference)
            fresh |= drawn
        return list(fresh)

    def _row(
        self, record: Record, category: Category, area_id: int | None, reference: str
    ) -> dict[str, Any]:
        draft = Draft(
            record.title,
            record.body,
            category,
            Scope.PLACE if record.position else Scope.AREA if area_id else Scope.TOWN,
            record.position,
            area_id,
            record.address,
            {"detail": record.detail} if record.detail else {},
            locale=self.mapping.locale,
            channel=self.taxonomy.channel_of(record),
        )
        status, since = self.taxonomy.status_of(record), record.closed_at or record.submitted_at
        return row_of(
            self.kind,
            draft,
            reference=reference,
            at=record.submitted_at,
            department_id=self.taxonomy.department_of(record, category),
            past=Past(status, since, record.votes),
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
        columns = table_of(self.kind.model).columns
        said = {"cost": record.cost, "period": record.period}
        own = {name: value for name, value in said.items() if name in columns}
        return fill_defaults(self.kind.model, {"id": id_} | own)
