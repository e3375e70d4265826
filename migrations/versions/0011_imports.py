"""What imports change, and when one was taken back.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade():
    op.add_column("import_run", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "history_entry",
        sa.Column("is_automatic", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("comment", sa.Column("import_run_id", ID, nullable=True))
    op.create_index("ix_comment_import_run_id", "comment", ["import_run_id"])
    op.create_table(
        "import_change",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("ref_id", ID, nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("row_hash", sa.String(64), nullable=False),
        sa.Column("step_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name="fk_import_change_run_id_import_run"
        ),
        sa.ForeignKeyConstraint(
            ["ref_id"],
            ["external_ref.id"],
            name="fk_import_change_ref_id_external_ref",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["step_id"],
            ["status_change.id"],
            name="fk_import_change_step_id_status_change",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("run_id", "ref_id", name="pk_import_change"),
    )
    for column in ("ref_id", "step_id"):
        op.create_index(f"ix_import_change_{column}", "import_change", [column])


def downgrade():
    op.drop_table("import_change")
    op.drop_index("ix_comment_import_run_id", "comment")
    op.drop_column("comment", "import_run_id")
    op.drop_column("history_entry", "is_automatic")
    op.drop_column("import_run", "undone_at")
