"""An index of what is read at the desk alone, apart from the public one.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    # The worker fills it (civic.desk.schedule); what is stored now is found after its first hour.
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE desk_text "
            "USING fts5(terms, detail=none, columnsize=0, tokenize='ascii')"
        )
        return
    op.execute(
        "CREATE TABLE desk_text (id BIGINT CONSTRAINT pk_desk_text PRIMARY KEY "
        "CONSTRAINT fk_desk_text_id_contribution REFERENCES contribution (id) ON DELETE CASCADE, "
        "terms TSVECTOR NOT NULL)"
    )
    op.execute("CREATE INDEX ix_desk_text_terms ON desk_text USING gin (terms)")


def downgrade():
    op.execute("DROP TABLE desk_text")
