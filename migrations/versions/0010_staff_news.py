"""What the staff have yet to be told.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade():
    op.create_table(
        "staff_news",
        sa.Column("id", ID, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("contribution_id", ID, nullable=True),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("data", JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name="fk_staff_news_contribution_id_contribution",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["account.id"],
            name="fk_staff_news_actor_id_account",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_staff_news"),
    )
    for column in ("contribution_id", "actor_id"):
        op.create_index(f"ix_staff_news_{column}", "staff_news", [column])


def downgrade():
    op.drop_table("staff_news")
