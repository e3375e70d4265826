"""The full text finds a contribution by any part of its reference.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BATCH = 5_000


def upgrade():
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.execute(
            "UPDATE contribution_text AS found SET terms = found.terms || array_to_tsvector("
            "ARRAY(SELECT 'ref' || substr(code, at) FROM generate_series(1, length(code) - 3) at)) "
            "FROM (SELECT id, lower(replace(reference, '-', '')) AS code FROM contribution) AS its "
            "WHERE its.id = found.id"
        )
        return
    rows = connection.execute(
        sa.text(
            "SELECT id, lower(replace(reference, '-', '')) FROM contribution "
            "WHERE id IN (SELECT rowid FROM contribution_text) ORDER BY id"
        )
    ).all()
    for start in range(0, len(rows), BATCH):
        parts = [
            (" ".join(f"ref{code[at:]}" for at in range(len(code) - 3)), id)
            for id, code in rows[start : start + BATCH]
        ]
        connection.exec_driver_sql(
            "UPDATE contribution_text SET terms = terms || ' ' || ? WHERE rowid = ?", parts
        )


def downgrade():
    """Leave the terms where they are: nothing else is found by them."""
