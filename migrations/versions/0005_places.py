"""Streets know their commune, areas can be retired.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("street", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("insee_code", sa.String(length=5), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("former_city", sa.String(length=120), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("code", sa.String(length=24), server_default="", nullable=False)
        )
    with op.batch_alter_table("town", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("addresses_version", sa.Integer(), server_default="0", nullable=False)
        )
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.add_column(sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.drop_column("retired_at")
    with op.batch_alter_table("town", schema=None) as batch_op:
        batch_op.drop_column("addresses_version")
    with op.batch_alter_table("street", schema=None) as batch_op:
        batch_op.drop_column("code")
        batch_op.drop_column("former_city")
        batch_op.drop_column("insee_code")
