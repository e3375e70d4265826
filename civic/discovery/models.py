"""Counts kept in step with every change, so that the map never counts what is stored."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from civic.contributions.workflow import StatusType
from civic.database import Base, text_enum
from civic.database.tables import CLUSTERED


class MapCount(Base):
    """How many visible things a cell holds, by kind, category and status type.

    ``level`` is a Web-Mercator zoom and ``cell`` a Morton code of that zoom; at level 0, cell 0 is
    everything placed and cell -1 everything without a place. ``category_id`` 0 is all categories
    together (and the only row of what has none). ``sum_lat`` and ``sum_lon`` are in 1e-7 degrees,
    for the centre of a cluster. Rows are sharded so that concurrent writers do not queue for the
    coarse ones: only the sum over the shards means anything, one of them may be negative.
    """

    __tablename__ = "map_count"
    __table_args__ = CLUSTERED

    level: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int] = mapped_column(primary_key=True)
    cell: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    status_type: Mapped[StatusType] = mapped_column(text_enum(StatusType), primary_key=True)
    shard: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)
    sum_lat: Mapped[int] = mapped_column(BigInteger)
    sum_lon: Mapped[int] = mapped_column(BigInteger)
