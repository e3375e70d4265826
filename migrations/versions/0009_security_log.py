"""The security log.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade():
    op.create_table(
        "security_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("network_key", sa.String(64), nullable=True),
        sa.Column("details", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name="fk_security_event_account_id_account",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["account.id"],
            name="fk_security_event_actor_id_account",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_security_event"),
    )
    for columns in (["account_id"], ["actor_id"], ["at"], ["network_key"], ["event", "id"]):
        op.create_index(f"ix_security_event_{'_'.join(columns)}", "security_event", columns)


def downgrade():
    op.drop_table("security_event")
