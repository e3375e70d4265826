"""What can be open only once: a flag of a person, an appeal of a decision, a merge.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INDEXES = (
    (
        "uq_flag_contribution_id_account_id_open",
        "flag",
        ["contribution_id", "account_id"],
        "comment_id IS NULL AND resolved_at IS NULL",
    ),
    ("uq_flag_comment_id_account_id_open", "flag", ["comment_id", "account_id"], "resolved_at IS NULL"),
    ("uq_merge_source_id_open", "merge", ["source_id"], "undone_at IS NULL"),
)


def upgrade():
    op.create_index("uq_appeal_decision_id", "appeal", ["decision_id"], unique=True)
    for name, table, columns, where in INDEXES:
        op.create_index(
            name,
            table,
            columns,
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def downgrade():
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table_name=table)
    op.drop_index("uq_appeal_decision_id", table_name="appeal")
