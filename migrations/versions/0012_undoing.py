"""A step of an action can be undone: what it changed is kept, and a line compensates it.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade():
    with op.batch_alter_table("action_update") as batch:
        batch.add_column(sa.Column("before", JSON, nullable=True))
        batch.add_column(sa.Column("undoes_id", ID, nullable=True))
        batch.create_foreign_key(
            "fk_action_update_undoes_id_action_update", "action_update", ["undoes_id"], ["id"]
        )
        batch.create_unique_constraint("uq_action_update_undoes_id", ["undoes_id"])
        batch.create_check_constraint("undoes_another", "undoes_id <> id")


def downgrade():
    op.execute("DELETE FROM action_update WHERE undoes_id IS NOT NULL")
    with op.batch_alter_table("action_update") as batch:
        batch.drop_constraint(op.f("ck_action_update_undoes_another"), type_="check")
        batch.drop_constraint("uq_action_update_undoes_id", type_="unique")
        batch.drop_constraint("fk_action_update_undoes_id_action_update", type_="foreignkey")
        batch.drop_column("undoes_id")
        batch.drop_column("before")
