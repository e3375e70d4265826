"""What was taken down may still be due; a kept reply knows its kind and category.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("status_type = 'open'")
BEFORE = [
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
]


def index_open(*more):
    op.create_index(
        "ix_contribution_open",
        "contribution",
        [*BEFORE, *more],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
        postgresql_include=[],
    )


def upgrade():
    # A plain column with a default: the table is not rebuilt.
    op.add_column(
        "contribution",
        sa.Column("stays_due", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.drop_index("ix_contribution_open", "contribution")
    index_open("moderation_state", "stays_due")
    with op.batch_alter_table("saved_reply") as batch:
        batch.add_column(sa.Column("kind", sa.String(20), server_default="", nullable=False))
        batch.add_column(sa.Column("category_id", ID, nullable=True))
        batch.create_foreign_key(
            "fk_saved_reply_category_id_category",
            "category",
            ["category_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch.create_index("ix_saved_reply_category_id", ["category_id"])


def downgrade():
    with op.batch_alter_table("saved_reply") as batch:
        batch.drop_index("ix_saved_reply_category_id")
        batch.drop_constraint("fk_saved_reply_category_id_category", type_="foreignkey")
        batch.drop_column("category_id")
        batch.drop_column("kind")
    op.drop_index("ix_contribution_open", "contribution")
    op.drop_column("contribution", "stays_due")
    index_open()
