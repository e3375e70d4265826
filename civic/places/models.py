"""The town, its areas, and the address file."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from civic.database import Base, plain_string, text_enum, utcnow
from civic.database.base import BigId


class Town(Base):
    """The one local authority that this installation serves (a single row, id 1).

    ``legal`` holds the texts of the legal pages (publisher, director, host, contacts…), ``theme``
    the town's colour and logo. ``zone`` is an IANA time zone. ``outlines_version`` grows with each
    change of an outline, ``addresses_version`` with each import of addresses, so that what is kept
    of them in memory is read anew. ``version`` grows with each change in the settings.
    ``blocked_words`` (one a line) hold a text for a moderator, besides those that come with civic.
    """

    __tablename__ = "town"
    is_named = True

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    zone: Mapped[str] = mapped_column(String(60), default="Europe/Paris")
    counts_alsace_moselle: Mapped[bool] = mapped_column(default=False)
    insee_code: Mapped[str] = mapped_column(String(5), default="")
    population: Mapped[int | None]
    south: Mapped[float]
    west: Mapped[float]
    north: Mapped[float]
    east: Mapped[float]
    theme: Mapped[dict[str, Any]] = mapped_column(default=dict)
    legal: Mapped[dict[str, Any]] = mapped_column(default=dict)
    blocked_words: Mapped[str] = mapped_column(default="")
    is_demo: Mapped[bool] = mapped_column(default=False)
    outlines_version: Mapped[int] = mapped_column(default=0)
    addresses_version: Mapped[int] = mapped_column(default=0, server_default="0")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class AreaLevel(StrEnum):
    """How large an area is; a contribution belongs to the smallest that contains it."""

    TOWN = "town"
    DISTRICT = "district"
    NEIGHBOURHOOD = "neighbourhood"
    WATER = "water"
    PARK = "park"


class Area(Base):
    """An outline: the town, a district, a neighbourhood (or water and parks, drawn only).

    ``outline`` is a GeoJSON geometry at full precision, ``drawing`` a simplified one for the map.
    A retired area holds nothing any more; its row stays, so that its old address has an answer. An
    outline that is estimated was drawn around addresses, because there was no better one.
    """

    __tablename__ = "area"
    is_named = True
    __table_args__ = (Index("ix_area_level", "level"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    code: Mapped[str] = mapped_column(String(40), default="")
    level: Mapped[AreaLevel] = mapped_column(text_enum(AreaLevel))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    population: Mapped[int | None]
    outline: Mapped[dict[str, Any]]
    drawing: Mapped[dict[str, Any]]
    south: Mapped[float]
    west: Mapped[float]
    north: Mapped[float]
    east: Mapped[float]
    label_lat: Mapped[float]
    label_lon: Mapped[float]
    retired_at: Mapped[datetime | None]
    is_estimated: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1)


class Street(Base):
    """A street of the town; ``key`` is its folded, abbreviation-free name for look-ups.

    Two streets of one name and postcode differ by the commune (``insee_code``) or the former one
    (``former_city``: the village). ``code`` is what the address file calls it, ``35238_1234``: it
    stays when the spelling is corrected.
    """

    __tablename__ = "street"
    __table_args__ = (Index("ix_street_key", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(plain_string(200))
    postcode: Mapped[str] = mapped_column(String(10), default="")
    city: Mapped[str] = mapped_column(String(120), default="")
    insee_code: Mapped[str] = mapped_column(String(5), default="", server_default="")
    former_city: Mapped[str] = mapped_column(String(120), default="", server_default="")
    code: Mapped[str] = mapped_column(String(24), default="", server_default="")
    lat: Mapped[float]
    lon: Mapped[float]
    address_count: Mapped[int] = mapped_column(default=0)


class StreetWord(Base):
    """One word of a street's key, so that any word of a name can begin a look-up."""

    __tablename__ = "street_word"
    __table_args__ = (Index("ix_street_word_word_street_id", "word", "street_id"),)

    street_id: Mapped[int] = mapped_column(
        ForeignKey("street.id", ondelete="CASCADE"), primary_key=True
    )
    word: Mapped[str] = mapped_column(plain_string(80), primary_key=True)


class Address(Base):
    """One numbered address with its position; ``cell`` is the Morton code at zoom 20."""

    __tablename__ = "address"
    __table_args__ = (
        Index("uq_address_street_id_number_suffix", "street_id", "number", "suffix", unique=True),
        Index("ix_address_cell", "cell"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    street_id: Mapped[int] = mapped_column(ForeignKey("street.id", ondelete="CASCADE"))
    number: Mapped[int]
    suffix: Mapped[str] = mapped_column(String(10), default="")
    lat: Mapped[float]
    lon: Mapped[float]
    cell: Mapped[int] = mapped_column(BigInteger)


class GeocoderAnswer(Base):
    """A kept answer of an outside geocoder, when the town has turned one on."""

    __tablename__ = "geocoder_answer"
    is_shown = False

    question: Mapped[str] = mapped_column(String(300), primary_key=True)
    answer: Mapped[list[Any]]
    asked_at: Mapped[datetime] = mapped_column(default=utcnow)
