"""What people are told, and the mails that wait to be sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civic.database import Base, text_enum, utcnow
from civic.database.base import BigId
from civic.notifications.matrix import Channel, Rhythm, Scope


class Notification(Base):
    """One thing that one person is told. ``event_key`` keeps the same news from coming twice.

    ``event`` names the template; ``data`` holds what it needs to be written in any language.
    """

    __tablename__ = "notification"
    is_shown = False
    __table_args__ = (
        Index("uq_notification_account_id_event_key", "account_id", "event_key", unique=True),
        Index("ix_notification_account_id_at", "account_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    contribution_id: Mapped[int | None] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE"), index=True
    )
    event: Mapped[str] = mapped_column(String(40))
    event_key: Mapped[str] = mapped_column(String(120))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    read_at: Mapped[datetime | None]


class StaffNews(Base):
    """What happened to a case, until the worker has told the staff whom it concerns.

    ``event`` is a code of civic.notifications.events. ``actor_id`` is who did it and does not hear
    of it; ``data`` what the contribution does not say itself.
    """

    __tablename__ = "staff_news"
    is_shown = False

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event: Mapped[str] = mapped_column(String(40))
    contribution_id: Mapped[int | None] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE"), index=True
    )
    actor_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(default=utcnow)


class NewsChoice(Base):
    """What somebody, or a department for its mailbox, wants otherwise than the default.

    ``topic`` is a group of civic.notifications.events.
    """

    __tablename__ = "news_choice"
    is_shown = False
    __table_args__ = (
        CheckConstraint("(account_id IS NULL) <> (department_id IS NULL)", name="one_owner"),
        UniqueConstraint(
            "account_id", "topic", "scope", "channel", name="uq_news_choice_of_account"
        ),
        UniqueConstraint(
            "department_id", "topic", "scope", "channel", name="uq_news_choice_of_department"
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    department_id: Mapped[int | None] = mapped_column(
        ForeignKey("department.id", ondelete="CASCADE")
    )
    topic: Mapped[str] = mapped_column(String(40))
    scope: Mapped[Scope] = mapped_column(text_enum(Scope))
    channel: Mapped[Channel] = mapped_column(text_enum(Channel))
    rhythm: Mapped[Rhythm] = mapped_column(text_enum(Rhythm))


class DigestLine(Base):
    """One piece of news that waits until ``due_at`` for a digest, of a person or a mailbox."""

    __tablename__ = "digest_line"
    is_shown = False
    __table_args__ = (
        CheckConstraint("(account_id IS NULL) <> (department_id IS NULL)", name="one_owner"),
        UniqueConstraint("account_id", "event_key", name="uq_digest_line_of_account"),
        UniqueConstraint("department_id", "event_key", name="uq_digest_line_of_department"),
        Index("ix_digest_line_due_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    department_id: Mapped[int | None] = mapped_column(
        ForeignKey("department.id", ondelete="CASCADE")
    )
    contribution_id: Mapped[int | None] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE"), index=True
    )
    event: Mapped[str] = mapped_column(String(40))
    event_key: Mapped[str] = mapped_column(String(120))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    due_at: Mapped[datetime]


class OutgoingEmail(Base):
    """One mail, written in the transaction that caused it and delivered by the worker.

    Delivered at least once: ``message_id`` stays the same when a try is repeated. ``thread`` is the
    reference of the contribution, the action or the decision that it is about, or nothing.
    """

    __tablename__ = "outgoing_email"
    is_shown = False
    __table_args__ = (
        Index("ix_outgoing_email_sent_at_next_try_at", "sent_at", "next_try_at"),
        Index("ix_outgoing_email_recipient_thread", "recipient", "thread"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    dedupe_key: Mapped[str | None] = mapped_column(String(160), unique=True)
    recipient: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    template: Mapped[str] = mapped_column(String(60))
    thread: Mapped[str] = mapped_column(String(40), default="", server_default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    next_try_at: Mapped[datetime] = mapped_column(default=utcnow)
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
