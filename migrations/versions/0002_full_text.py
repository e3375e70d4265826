"""Full text: an FTS5 table on the embedded engine, tsvector with GIN on PostgreSQL.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    if op.get_bind().dialect.name == "sqlite":
        # Only which rows hold a term is asked, never where in the text or how often.
        op.execute(
            "CREATE VIRTUAL TABLE contribution_text "
            "USING fts5(terms, detail=none, columnsize=0, tokenize='ascii')"
        )
        return
    op.execute(
        "CREATE TABLE contribution_text ("
        "id BIGINT CONSTRAINT pk_contribution_text PRIMARY KEY "
        "CONSTRAINT fk_contribution_text_id_contribution "
        "REFERENCES contribution (id) ON DELETE CASCADE, "
        "terms TSVECTOR NOT NULL)"
    )
    op.execute("CREATE INDEX ix_contribution_text_terms ON contribution_text USING gin (terms)")


def downgrade():
    op.execute(sa.text("DROP TABLE contribution_text"))
