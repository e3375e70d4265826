"""Sessions and capability tokens are rows; codes know who asked; wrong passwords are counted.

Everybody signs in once more: what the cookies held until now is not known any more.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade():
    op.create_table(
        "account_session",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("device", sa.String(80), nullable=False),
        sa.Column("device_hash", sa.String(64), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("proved_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name="fk_account_session_account_id_account",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account_session"),
        sa.UniqueConstraint("key_hash", name="uq_account_session_key_hash"),
    )
    op.create_index("ix_account_session_account_id", "account_session", ["account_id"])
    op.create_table(
        "capability_token",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("scope", JSON, nullable=False),
        sa.Column("session_id", ID, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "uses_left >= 0", name="ck_capability_token_uses_are_counted_down_to_none"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["account_session.id"],
            name="fk_capability_token_session_id_account_session",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_capability_token"),
        sa.UniqueConstraint("token_hash", name="uq_capability_token_token_hash"),
    )
    op.create_index(
        "ix_capability_token_purpose_subject", "capability_token", ["purpose", "subject"]
    )
    op.create_index("ix_capability_token_session_id", "capability_token", ["session_id"])
    op.create_index("ix_capability_token_expires_at", "capability_token", ["expires_at"])
    op.create_table(
        "password_failure",
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", MOMENT, nullable=False),
        sa.Column("again_at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name="fk_password_failure_account_id_account",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key_hash", name="pk_password_failure"),
    )
    op.create_index("ix_password_failure_account_id", "password_failure", ["account_id"])
    # What waits in mailboxes was sent to nobody known: asked for again, it comes at once.
    op.drop_table("sign_in_code")
    _create_codes(
        sa.Column("purpose", _purpose(), nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
    )
    op.drop_column("account", "session_token")


def downgrade():
    op.add_column(
        "account", sa.Column("session_token", sa.String(64), nullable=False, server_default="")
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("UPDATE account SET session_token = md5(random()::text || id)")
        op.alter_column("account", "session_token", server_default=None)
    else:
        op.execute("UPDATE account SET session_token = lower(hex(randomblob(16)))")
    op.drop_table("sign_in_code")
    _create_codes()
    op.drop_table("password_failure")
    op.drop_table("capability_token")
    op.drop_table("account_session")


def _create_codes(*more):
    op.create_table(
        "sign_in_code",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("link_hash", sa.String(64), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(5), nullable=False),
        sa.Column("next_path", sa.String(500), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        *more,
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_code"),
        sa.UniqueConstraint("link_hash", name="uq_sign_in_code_link_hash"),
    )
    op.create_index("ix_sign_in_code_email", "sign_in_code", ["email"])


def _purpose():
    return sa.Enum(
        "sign_in", "proof", name="code_purpose", native_enum=False, create_constraint=True, length=24
    )
