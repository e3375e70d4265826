"""Accounts, the roles they hold, and the one-time codes they sign in with."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.accounts.actor import Role
from civic.database import Base, text_enum, utcnow
from civic.database.base import BigId


class Account(Base):
    """One person. The public sees ``display_name`` only, never the address.

    ``session_token`` is part of the login identity: changing it signs out everywhere.
    ``email`` is null once the account was erased.
    """

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("email", name="uq_account_email"),
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254))
    display_name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    session_token: Mapped[str] = mapped_column(String(64))
    verified_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_seen_at: Mapped[datetime | None]
    inactivity_warned_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    suspended_until: Mapped[datetime | None]
    wants_mail: Mapped[bool] = mapped_column(default=True)
    flags_upheld: Mapped[int] = mapped_column(default=0)
    flags_rejected: Mapped[int] = mapped_column(default=0)
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)

    grants: Mapped[list["RoleGrant"]] = relationship(
        back_populates="account", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def roles(self) -> frozenset[Role]:
        """The roles this account holds."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def is_verified(self) -> bool:
        """Whether the person has shown that the address is theirs."""
        return self.verified_at is not None

    @property
    def is_suspended(self) -> bool:
        """Whether a decision keeps this person from writing at the moment."""
        return self.suspended_until is not None and self.suspended_until > utcnow()


class RoleGrant(Base):
    """A role held by an account; an agent's grant can be narrowed to a department and an area.

    Null means all: an agent with neither department nor area works for the whole town.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        Index(
            "uq_role_grant_account_id_role_department_id_area_id",
            "account_id",
            "role",
            "department_id",
            "area_id",
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(text_enum(Role))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    granted_at: Mapped[datetime] = mapped_column(default=utcnow)

    account: Mapped[Account] = relationship(back_populates="grants")


class SignInCode(Base):
    """A link and a six-digit code sent by mail, good once and for a short time.

    Only keyed hashes are stored. ``attempts`` counts wrong codes.
    """

    __tablename__ = "sign_in_code"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    link_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    next_path: Mapped[str] = mapped_column(String(500), default="/")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
