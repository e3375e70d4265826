"""Photos that wait as they came, until their form is accepted.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    for column in (
        sa.Column("original_format", sa.String(length=4), nullable=False, server_default=""),
        sa.Column("original_bytes", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("original_name", sa.String(length=120), nullable=False, server_default=""),
    ):
        op.add_column("photo", column)


def downgrade():
    for name in ("original_name", "original_bytes", "original_format"):
        op.drop_column("photo", name)
