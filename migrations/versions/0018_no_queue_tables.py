"""The tables of the former queue go: what is asked for is a row of job.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    # The library that owned them made them when it first needed them, on PostgreSQL alone.
    for name in ("queue_task", "queue_schedule", "queue_kv", "queue_counter"):
        op.execute(f"DROP TABLE IF EXISTS {name}")


def downgrade():
    pass
