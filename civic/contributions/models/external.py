"""Where a contribution came from, if from elsewhere, and with which run of an import."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civic.database import Base, utcnow
from civic.database.base import BigId


class ImportRun(Base):
    """One run of an import: of which file, by which mapping, by whom, and what came of it.

    ``finished_at`` is null while it runs, and stays so where it was interrupted; ``undone_at`` says
    when it was taken back.
    """

    __tablename__ = "import_run"
    is_shown = False
    __table_args__ = (CheckConstraint("finished_at >= started_at", name="ends_after_start"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String(60))
    file: Mapped[str] = mapped_column(String(250), default="")
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    who: Mapped[str] = mapped_column(String(80), default="")
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class ExternalRef(Base):
    """The identity of a contribution in another system; one contribution may have several.

    ``row_hash`` is the hash of the row that it was read from (empty where that is not known), and
    ``changed_since`` when the source was first seen to say something else.
    """

    __tablename__ = "external_ref"
    is_shown = False
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String(60))
    external_id: Mapped[str] = mapped_column(String(120))
    contribution_id: Mapped[int] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE"), index=True
    )
    run_id: Mapped[int | None] = mapped_column(ForeignKey("import_run.id"), index=True)
    row_hash: Mapped[str] = mapped_column(String(64), default="")
    changed_since: Mapped[datetime | None]


class ImportChange(Base):
    """What the run of a newer file changed of a contribution that an earlier one had brought.

    ``before`` holds the columns that were changed, as they were, and ``row_hash`` the hash of the
    row that they were read from. A redaction deletes it.
    """

    __tablename__ = "import_change"
    is_shown = False

    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"), primary_key=True)
    ref_id: Mapped[int] = mapped_column(
        ForeignKey("external_ref.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    row_hash: Mapped[str] = mapped_column(String(64), default="")
    step_id: Mapped[int | None] = mapped_column(
        ForeignKey("status_change.id", ondelete="SET NULL"), index=True
    )
