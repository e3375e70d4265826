"""Counts kept in step with every change, so that the map never counts what is stored."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from civic.contributions.workflow import StatusType
from civic.database import Base, text_enum


class MapCount(Base):
    """How many published contributions a cell holds, by kind, category and status type.

    ``level`` is a Web-Mercator zoom and ``cell`` a Morton code at that level (level 0, cell 0 is
    everything, placed or not: the totals of the lists). ``sum_x`` and ``sum_y`` are sums of the
    position inside the world square in units of 2**-30, for the centre of a cluster. Rows are
    sharded so that concurrent writers do not queue for the coarse ones.
    """

    __tablename__ = "map_count"

    level: Mapped[int] = mapped_column(primary_key=True)
    cell: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    category_id: Mapped[int] = mapped_column(primary_key=True)
    status_type: Mapped[StatusType] = mapped_column(text_enum(StatusType), primary_key=True)
    shard: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)
    sum_x: Mapped[int] = mapped_column(BigInteger)
    sum_y: Mapped[int] = mapped_column(BigInteger)
