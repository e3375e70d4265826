"""The base row of every contribution, whatever its kind."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    and_,
    column,
    false,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from civic.accounts.models import Account
from civic.contributions.hotness import LITTLE_SEEN_VOTES
from civic.contributions.workflow import StatusType
from civic.database import Base, UTCDateTime, text_enum, utcnow
from civic.database.base import BigId, values_around
from civic.database.tables import partial_index
from civic.people.models import Person
from civic.places.models import Area
from civic.taxonomy.models import Category, Department


class ModerationState(StrEnum):
    """Whether the public may see it. Not to be mistaken for the status."""

    HELD = "held"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    PRIVATE = "private"
    """Between its author and the town, for good: it waits for no moderator."""


class Scope(StrEnum):
    """What a contribution is located by: a point, an area, or the whole town."""

    PLACE = "place"
    AREA = "area"
    TOWN = "town"


class Channel(StrEnum):
    """How it reached the town."""

    WEB = "web"
    API = "api"
    TELEPHONE = "telephone"
    LETTER = "letter"
    COUNTER = "counter"
    IMPORT = "import"
    EMAIL = "email"
    SMS = "sms"
    SOCIAL = "social"
    KIOSK = "kiosk"


class Audience(StrEnum):
    """Who may read a sentence or a message."""

    PUBLIC = "public"
    AUTHOR = "author"
    INTERNAL = "internal"


OPINION = "opinion"
"""The kind that a constraint keeps private, whatever the code does."""


_DEADLINE = table(
    "deadline",
    column("contribution_id", BigInteger),
    column("what", String),
    column("due_at", UTCDateTime),
)
"""The columns of civic.contributions.models.deadline.Deadline that are read from here."""


def _list_index(name: str, *columns: str, where: str = "") -> Index:
    """An index in the order of a list of what is public, from which a page is read."""
    return partial_index(
        f"ix_contribution_list_{name}",
        *columns,
        "id",
        where="moderation_state = 'published'" + (f" AND {where}" if where else ""),
    )


class Contribution(Base):
    """Anything a resident submits: what every kind has and what cross-kind pages read.

    ``cell`` is the Morton code of the zoom-20 Web-Mercator tile of the position (see
    civic.places.geometry); ``lat`` and ``lon`` are WGS84 degrees. ``hot`` is the time-invariant
    ranking score of civic.lists.ranking. ``author_id`` is null for a visitor who gave no
    address; ``person_id`` is who that is, with or without an account; ``hides_author`` keeps the
    pseudonym from the public. ``follow_hash`` is the keyed hash of the private follow-up link.
    ``stays_due``: taken down, but the problem that it names is still to be dealt with.
    ``due_at`` is derived from the deadlines, for the indexes. ``cover_key`` is the storage key of
    the first photo.
    """

    __tablename__ = "contribution"
    __mapper_args__ = {  # noqa: RUF012 (SQLAlchemy reads it from the class)
        "polymorphic_on": "kind",
    }
    __table_args__ = (
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="position_is_whole"),
        CheckConstraint("(lat IS NULL) = (cell IS NULL)", name="cell_follows_position"),
        CheckConstraint("lat BETWEEN -90 AND 90", name="lat_is_degrees"),
        CheckConstraint("lon BETWEEN -180 AND 180", name="lon_is_degrees"),
        CheckConstraint("vote_count >= 0", name="votes_are_not_negative"),
        CheckConstraint("duplicate_of_id <> id", name="duplicate_of_another"),
        CheckConstraint(
            f"kind <> '{OPINION}' OR moderation_state = 'private'", name="opinion_is_private"
        ),
        Index("ix_contribution_network_key", "network_key"),
        # What is due, and how much of it, is read from this alone.
        partial_index(
            "ix_contribution_open",
            "due_at",
            "id",
            "department_id",
            "area_id",
            "status",
            "kind",
            "assigned_to_id",
            "channel",
            "submitted_at",
            "status_type",
            "moderation_state",
            "stays_due",
            where="status_type = 'open'",
        ),
        partial_index(
            "ix_contribution_not_public", "category_id", where="moderation_state <> 'published'"
        ),
        # All that the map's snapshot reads: it is loaded from this alone.
        partial_index(
            "ix_contribution_map_cell",
            "cell",
            "kind",
            "status_type",
            "lat",
            "lon",
            "category_id",
            "area_id",
            "department_id",
            "status",
            "submitted_at",
            "moderation_state",
            where="moderation_state = 'published'",
            include=["id"],
        ),
        _list_index("category", "category_id", "area_id", "submitted_at"),
        _list_index("area", "area_id", "submitted_at"),
        _list_index("department", "department_id", "submitted_at"),
        _list_index("newest", "submitted_at"),
        _list_index("newest_kind", "kind", "submitted_at"),
        _list_index("hot", "hot"),
        _list_index("hot_kind", "kind", "hot"),
        _list_index("supported", "kind", "vote_count"),
        _list_index("discussed", "kind", "comment_count"),
        _list_index("closed", "status_type", "closed_at", "kind"),
        _list_index("waiting", "kind", "status_type", "submitted_at"),
        _list_index(
            "little_seen",
            "kind",
            "submitted_at",
            where=f"coalesce(status_type, '') = 'open' AND vote_count + 0 <= {LITTLE_SEEN_VOTES}",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(160))
    body: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    status: Mapped[str] = mapped_column(String(24))
    status_type: Mapped[StatusType] = mapped_column(text_enum(StatusType))
    moderation_state: Mapped[ModerationState] = mapped_column(text_enum(ModerationState))
    stays_due: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_locked: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    hides_author: Mapped[bool] = mapped_column(default=False)
    follow_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    scope: Mapped[Scope] = mapped_column(text_enum(Scope), default=Scope.PLACE)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    cell: Mapped[int | None] = mapped_column(BigInteger)
    address: Mapped[str] = mapped_column(String(250), default="")
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"), index=True)
    forwarded_to: Mapped[str] = mapped_column(String(160), default="")
    channel: Mapped[Channel] = mapped_column(text_enum(Channel), default=Channel.WEB)
    network_key: Mapped[str | None] = mapped_column(String(64))
    submitted_at: Mapped[datetime] = mapped_column(default=utcnow)
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    acknowledged_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    status_since: Mapped[datetime] = mapped_column(default=utcnow)
    vote_count: Mapped[int] = mapped_column(default=0)
    comment_count: Mapped[int] = mapped_column(default=0)
    photo_count: Mapped[int] = mapped_column(default=0)
    cover_key: Mapped[str | None] = mapped_column(String(120))
    hot: Mapped[float] = mapped_column(default=0.0)

    acknowledge_due_at: Mapped[datetime | None] = column_property(
        select(func.max(_DEADLINE.c.due_at))
        .where(_DEADLINE.c.contribution_id == id, _DEADLINE.c.what == "acknowledge")
        .correlate_except(_DEADLINE)
        .scalar_subquery(),
        deferred=True,
    )
    """Until when somebody is to take it in charge: read from the deadlines, when asked for."""

    category: Mapped[Category] = relationship(lazy="joined", innerjoin=True)
    department: Mapped[Department | None] = relationship(lazy="joined")
    area: Mapped[Area | None] = relationship(lazy="select")
    author: Mapped[Account | None] = relationship(foreign_keys=[author_id], lazy="select")
    person: Mapped[Person | None] = relationship(lazy="select")
    assigned_to: Mapped[Account | None] = relationship(foreign_keys=[assigned_to_id], lazy="select")
    duplicate_of: Mapped["Contribution | None"] = relationship(
        foreign_keys=[duplicate_of_id], remote_side=[id], lazy="select"
    )

    def shows(self) -> bool:
        """What was and stays held, hidden or private, the public sees nothing of."""
        states = values_around(self, "moderation_state")
        return not states or ModerationState.PUBLISHED in states

    @property
    def is_public(self) -> bool:
        """Whether the public may see it."""
        return self.moderation_state == ModerationState.PUBLISHED

    @property
    def is_set_aside(self) -> bool:
        """Whether it was taken down and nothing of it is left to be dealt with."""
        return self.moderation_state == ModerationState.HIDDEN and not self.stays_due

    @property
    def is_open(self) -> bool:
        """Whether something is still expected of the town."""
        return self.status_type == StatusType.OPEN


IS_PUBLISHED: ColumnElement[bool] = Contribution.moderation_state == literal_column(
    f"'{ModerationState.PUBLISHED.value}'"
)
"""What the public may see, written out so that the engines use the indexes of published rows."""


IS_NOT_PUBLIC: ColumnElement[bool] = Contribution.moderation_state != literal_column(
    f"'{ModerationState.PUBLISHED.value}'"
)
"""What is held, hidden or gone, written out for the index of those."""


IS_OPEN: ColumnElement[bool] = Contribution.status_type == literal_column(
    f"'{StatusType.OPEN.value}'"
)
"""What is still expected of the town, written out for the index of what is due."""


IS_SET_ASIDE: ColumnElement[bool] = and_(
    Contribution.moderation_state == literal_column(f"'{ModerationState.HIDDEN.value}'"),
    Contribution.stays_due.is_(False),
)
"""What was taken down with nothing of it left to be dealt with: nobody works on it, nobody is late.
"""


IS_LITTLE_SEEN: ColumnElement[bool] = and_(
    # Spelt so that the planner thinks of no other index: those would be read through or sorted.
    func.coalesce(Contribution.status_type, literal_column("''"))
    == literal_column(f"'{StatusType.OPEN.value}'"),
    Contribution.vote_count + literal_column("0") <= literal_column(str(LITTLE_SEEN_VOTES)),
)
"""What few have supported so far, written out for the index of the draw."""
