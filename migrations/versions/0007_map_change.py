"""A log of what changes on the map, which snapshots in memory follow, instead of stored counts.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PUBLISHED = sa.text("moderation_state = 'published'")


def upgrade():
    op.drop_table("map_period_count")
    op.drop_table("map_facet_count")
    op.drop_table("map_count")
    op.drop_index("ix_contribution_map_period", table_name="contribution")
    op.create_table(
        "map_change",
        sa.Column(
            "number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("txid", sa.BigInteger(), nullable=True),
        sa.Column("layer", sa.String(length=40), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_map_change")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_map_change_txid", "map_change", ["txid"])


def downgrade():
    """The counts come back empty: the version before fills them by ``civic map rebuild``."""
    op.drop_table("map_change")
    op.create_index(
        "ix_contribution_map_period",
        "contribution",
        [
            "submitted_at",
            "cell",
            "kind",
            "status_type",
            "lat",
            "lon",
            "category_id",
            "area_id",
            "department_id",
            "status",
            "moderation_state",
        ],
        sqlite_where=PUBLISHED,
        postgresql_where=PUBLISHED,
        postgresql_include=["id"],
    )
    op.create_table('map_count',
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('cell', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('status_type', sa.Enum('open', 'fixed', 'closed', name='status_type', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('shard', sa.Integer(), nullable=False),
    sa.Column('n', sa.BigInteger(), nullable=False),
    sa.Column('sum_lat', sa.BigInteger(), nullable=False),
    sa.Column('sum_lon', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('level', 'cell', 'kind', 'status_type', 'shard', name=op.f('pk_map_count')),
    sqlite_with_rowid=False
    )
    op.create_table('map_facet_count',
    sa.Column('category_id', sa.Integer(), nullable=False),
    sa.Column('area_id', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('cell', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('status_type', sa.Enum('open', 'fixed', 'closed', name='status_type', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('shard', sa.Integer(), nullable=False),
    sa.Column('n', sa.BigInteger(), nullable=False),
    sa.Column('sum_lat', sa.BigInteger(), nullable=False),
    sa.Column('sum_lon', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('level', 'category_id', 'cell', 'area_id', 'department_id', 'status', 'kind', 'status_type', 'shard', name=op.f('pk_map_facet_count')),
    sqlite_with_rowid=False
    )
    op.create_table('map_period_count',
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('first_day', sa.Integer(), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('cell', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('status_type', sa.Enum('open', 'fixed', 'closed', name='status_type', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('shard', sa.Integer(), nullable=False),
    sa.Column('n', sa.BigInteger(), nullable=False),
    sa.Column('sum_lat', sa.BigInteger(), nullable=False),
    sa.Column('sum_lon', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('level', 'days', 'first_day', 'cell', 'kind', 'status_type', 'shard', name=op.f('pk_map_period_count')),
    sqlite_with_rowid=False
    )
