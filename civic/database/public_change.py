"""The public change number: raised by what the public can see, and by nothing else.

It is the stamp of every cache. Each transaction that changes something public adds one to a row
of :class:`PublicChange` just before it commits; the number is the sum of the rows. Each commit
becomes visible together with what it added, so two readers that see the same sum see the same
public rows, in whatever order the commits came. Several rows instead of one keep writers on
PostgreSQL from waiting for each other.
"""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from civic.database.base import Base


class PublicChange(Base):
    """How often writers of one shard have changed what the public can see."""

    __tablename__ = "public_change"

    shard: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
