"""One waiting job of a kind, and each file once among the photos of a form.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INDEXES = (
    ("uq_job_kind_waiting", "job", ["kind"], "state = 'waiting'"),
    ("uq_photo_draft_token_sha256", "photo", ["draft_token", "sha256"], "draft_token <> 'removed'"),
)


def upgrade():
    op.execute(
        "DELETE FROM job WHERE state = 'waiting' AND id NOT IN "
        "(SELECT min(id) FROM job WHERE state = 'waiting' GROUP BY kind)"
    )
    # The files of those taken away go with the next purge.
    op.execute(
        "UPDATE photo SET draft_token = 'removed' WHERE draft_token <> 'removed' AND id NOT IN "
        "(SELECT min(id) FROM photo WHERE draft_token <> 'removed' GROUP BY draft_token, sha256)"
    )
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
