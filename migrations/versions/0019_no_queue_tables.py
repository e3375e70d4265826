"""The tables of the former queue go: what is asked for is a row of job.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    # The library that owned them made them when it first needed them, on PostgreSQL alone.
    for name in ("queue_task", "queue_schedule", "queue_kv", "queue_counter"):
        op.execute(f"DROP TABLE IF EXISTS {name}")


def downgrade():
    pass
