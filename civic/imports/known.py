"""What a row says, and what is here under its id already."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from civic.contributions.models import Contribution, ExternalRef, ImportChange
from civic.imports.convert import Record
from civic.imports.readers import Row
from civic.places.geometry import Position


def hash_of(row: Row) -> str:
    """Return the hash of what ``row`` says, in whatever order its columns stand."""
    text = json.dumps(row.values, sort_keys=True, default=str, ensure_ascii=False)
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Known:
    """What is here under an id of the source; ``is_of_this_run``: this very file brought it."""

    row_hash: str
    title: str
    submitted_at: datetime
    is_of_this_run: bool = True
    ref_id: int = 0
    contribution_id: int = 0
    address: str = ""
    position: Position | None = None


@dataclass(slots=True)
class Understood:
    """A record, the row it is from with its hash, and the area it lies in."""

    record: Record
    row: Row
    row_hash: str
    area_id: int | None = None

    def is_other_than(self, known: Known) -> bool:
        """Whether the id is used again, for something else."""
        title, at = self.record.title != known.title, self.record.submitted_at != known.submitted_at
        return (title or at) if known.is_of_this_run else (title and at)

    def as_known(self) -> Known:
        """Return what a later row of this file is compared with."""
        return Known(self.row_hash, self.record.title, self.record.submitted_at)


def known_among(
    session: Session, source: str, ids: Sequence[str], run_id: int | None
) -> dict[str, Known]:
    """Return what is here under those ``ids`` of ``source``; ``run_id`` is of the present run."""
    changed_by_us = and_(ImportChange.ref_id == ExternalRef.id, ImportChange.run_id == run_id)
    rows = session.execute(
        select(
            ExternalRef.external_id,
            ExternalRef.row_hash,
            Contribution.title,
            Contribution.submitted_at,
            or_(ExternalRef.run_id == run_id, ImportChange.run_id.is_not(None)),
            ExternalRef.id,
            ExternalRef.contribution_id,
            Contribution.address,
            Contribution.lat,
            Contribution.lon,
        )
        .join(Contribution, Contribution.id == ExternalRef.contribution_id)
        .outerjoin(ImportChange, changed_by_us)
        .where(ExternalRef.source == source, ExternalRef.external_id.in_(ids))
    )
    known: dict[str, Known] = {}
    for external_id, row_hash, title, at, is_ours, ref_id, here, address, lat, lon in rows:
        position = None if lat is None or lon is None else Position(lat, lon)
        known[external_id] = Known(
            row_hash, title, at, bool(is_ours), ref_id, here, address, position
        )
    return known
