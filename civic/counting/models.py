"""The log of what changed on the map, which every snapshot follows."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from civic.database import Base, utcnow
from civic.database.base import BigId
from civic.database.changelog import current_transaction
from civic.database.tables import NUMBERED_ONCE


class MapChange(Base):
    """A row of a layer of the map that was added, changed or deleted; ``row_id`` 0 means all.

    Rows of one transaction bear its number ``txid`` where commits do not follow ``number``.
    """

    __tablename__ = "map_change"
    is_shown = False
    __table_args__ = (
        Index("ix_map_change_txid", "txid"),
        NUMBERED_ONCE,
    )

    number: Mapped[int] = mapped_column(BigId, primary_key=True)
    txid: Mapped[int | None] = mapped_column(BigInteger, default=current_transaction())
    layer: Mapped[str] = mapped_column(String(40))
    row_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(default=utcnow)
