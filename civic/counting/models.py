"""Counts kept in step with every change, so that the map never counts what is stored.

Three groupings of the same things, each as fine as the filters that it answers. In all of them
``level`` is a Web-Mercator zoom and ``cell`` a Morton code of that zoom; at level 0, cell 0 is
everything placed and cell -1 everything without a place. ``sum_lat`` and ``sum_lon`` are in 1e-7
degrees, for the centre of a cluster. Rows are sharded so that concurrent writers do not queue for
the coarse ones: only the sum over the shards means anything, one of them may be negative.
"""

from sqlalchemy import BigInteger, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from civic.contributions.workflow import StatusType
from civic.database import Base, text_enum
from civic.database.tables import CLUSTERED


class _Counts:
    """What every grouping has."""

    level: Mapped[int]
    cell: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(20))
    status_type: Mapped[StatusType] = mapped_column(text_enum(StatusType))
    shard: Mapped[int]
    n: Mapped[int] = mapped_column(BigInteger)
    sum_lat: Mapped[int] = mapped_column(BigInteger)
    sum_lon: Mapped[int] = mapped_column(BigInteger)


class MapCount(_Counts, Base):
    """How many visible things a cell holds, by kind and status type."""

    __tablename__ = "map_count"
    __table_args__ = (
        PrimaryKeyConstraint("level", "cell", "kind", "status_type", "shard"),
        CLUSTERED,
    )


class MapFacetCount(_Counts, Base):
    """How many visible things a cell holds of one category, area, department and status.

    0 stands for none: without a category, in no area, of no department.
    """

    __tablename__ = "map_facet_count"
    __table_args__ = (
        PrimaryKeyConstraint(
            "level",
            "category_id",
            "cell",
            "area_id",
            "department_id",
            "status",
            "kind",
            "status_type",
            "shard",
        ),
        CLUSTERED,
    )

    category_id: Mapped[int]
    area_id: Mapped[int]
    department_id: Mapped[int]
    status: Mapped[str] = mapped_column(String(24))


class MapPeriodCount(_Counts, Base):
    """How many visible things of some days a cell holds.

    ``first_day`` counts days of UTC from 1970-01-01 on, ``days`` says how many are meant.
    """

    __tablename__ = "map_period_count"
    __table_args__ = (
        PrimaryKeyConstraint("level", "days", "first_day", "cell", "kind", "status_type", "shard"),
        CLUSTERED,
    )

    days: Mapped[int]
    first_day: Mapped[int]
