"""The desk finds a case by any part of a telephone number.

Cases that hold a number leave the index of the desk; the worker puts them in again within the hour.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade():
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DELETE FROM desk_text WHERE terms GLOB '*{'[0-9]' * 6}*'")
    else:
        op.execute(
            "DELETE FROM desk_text "
            "WHERE array_to_string(tsvector_to_array(terms), ' ') ~ '[0-9]{6}'"
        )


def downgrade():
    """Leave the terms: the version before finds less by them, and puts none in twice."""
