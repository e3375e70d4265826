"""Accounts, the roles they hold, and the one-time codes they sign in with."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, inspect
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.accounts.actor import Role
from civic.database import Base, text_enum, utcnow
from civic.database.base import BigId

STAFF_LIFE = timedelta(hours=12)
"""How long somebody who works for the town stays signed in."""
PROOF_LIFE = timedelta(minutes=10)
"""How long what somebody showed opens what only the owner of the account may do."""


class Account(Base):
    """One person. The public sees ``display_name`` only, never the address.

    ``email`` is null once the account was erased.
    """

    __tablename__ = "account"
    is_shown = False
    __table_args__ = (
        UniqueConstraint("email", name="uq_account_email"),
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254))
    display_name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(5), default="fr")
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

    def shows(self) -> bool:
        """Only a name that changes is seen; the sign-in and the preferences are not."""
        return inspect(self).persistent and inspect(self).attrs.display_name.history.has_changes()

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

    Null means all: an agent with neither department nor area works for the whole town. An area
    stands for the areas inside it too.
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


class AccountSession(Base):
    """One browser in which somebody is signed in; it ends here, whatever cookie is left.

    ``key_hash`` is the keyed hash of what the cookie holds. ``proved_at`` is when the person last
    showed, by a code or the password, that the account is theirs. ``device_hash`` tells a browser
    that has signed in before from a new one.
    """

    __tablename__ = "account_session"
    is_shown = False

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(80), default="")
    device_hash: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    proved_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()

    @property
    def ends_at(self) -> datetime:
        """When it ends at the latest: soon for whoever works for the town."""
        if not self.account.grants:
            return self.expires_at
        return min(self.expires_at, self.created_at + STAFF_LIFE)

    @property
    def is_open(self) -> bool:
        """Whether its cookie still opens the account."""
        is_kept = self.ended_at is None and self.account.erased_at is None
        return is_kept and utcnow() < self.ends_at

    @property
    def is_freshly_proved(self) -> bool:
        """Whether the person showed a moment ago that the account is theirs."""
        return utcnow() - self.proved_at < PROOF_LIFE


class CapabilityToken(Base):
    """What whoever holds a token may do: one ``purpose``, about one ``subject``, so many times.

    Only the keyed hash of the token is stored. One with a session ends with that session.
    """

    __tablename__ = "capability_token"
    is_shown = False
    __table_args__ = (
        Index("ix_capability_token_purpose_subject", "purpose", "subject"),
        CheckConstraint("uses_left >= 0", name="uses_are_counted_down_to_none"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120))
    scope: Mapped[dict[str, Any]] = mapped_column(default=dict)
    session_id: Mapped[int | None] = mapped_column(
        ForeignKey("account_session.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    uses_left: Mapped[int] = mapped_column(default=1)
    revoked_at: Mapped[datetime | None]

    session: Mapped[AccountSession | None] = relationship()


class CodePurpose(StrEnum):
    """What a code is sent for: to sign in, or to show anew that the account is theirs."""

    SIGN_IN = "sign_in"
    PROOF = "proof"


class SignInCode(Base):
    """A link and a six-digit code sent by mail, good once and for a short time.

    Only keyed hashes are stored. The code opens only the browser that asked for it
    (``browser_hash``), where ``attempts`` counts wrong ones; the link opens any.
    """

    __tablename__ = "sign_in_code"
    is_shown = False

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    purpose: Mapped[CodePurpose] = mapped_column(text_enum(CodePurpose))
    link_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    browser_hash: Mapped[str] = mapped_column(String(64), default="")
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    next_path: Mapped[str] = mapped_column(String(500), default="/")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PasswordFailure(Base):
    """Wrong passwords of late for one address, whether it has an account or not.

    ``key_hash`` is a keyed hash of the address, and of the device where that is known to belong to
    the account: whoever guesses elsewhere does not slow the owner down. No password is tried
    before ``again_at``.
    """

    __tablename__ = "password_failure"
    is_shown = False

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    failures: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[datetime] = mapped_column(default=utcnow)
    again_at: Mapped[datetime] = mapped_column(default=utcnow)
    told_at: Mapped[datetime | None]


class SecurityEvent(Base):
    """One line of the security log; see civic.accounts.security for what it may hold."""

    __tablename__ = "security_event"
    is_shown = False
    __table_args__ = (
        Index("ix_security_event_event_id", "event", "id"),
        Index("ix_security_event_network_key", "network_key"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(default=utcnow, index=True)
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="SET NULL"), index=True
    )
    actor_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="SET NULL"), index=True
    )
    network_key: Mapped[str | None] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
