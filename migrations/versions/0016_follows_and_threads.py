"""What a follow came of; which mails are about one contribution.

A follow of somebody who supports, and has neither written the contribution nor commented on it, is
taken for one that came of the support.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    origin = sa.Enum(
        "choice",
        "support",
        "taking_part",
        name="origin",
        native_enum=False,
        create_constraint=True,
        length=24,
    )
    with op.batch_alter_table("follow") as follow:
        follow.add_column(sa.Column("origin", origin, nullable=False, server_default="choice"))
    op.execute(
        """
        UPDATE follow SET origin = 'support'
        WHERE EXISTS (
            SELECT 1 FROM vote
            WHERE vote.contribution_id = follow.contribution_id
            AND vote.account_id = follow.account_id
        ) AND NOT EXISTS (
            SELECT 1 FROM contribution
            WHERE contribution.id = follow.contribution_id
            AND contribution.author_id = follow.account_id
        ) AND NOT EXISTS (
            SELECT 1 FROM comment
            WHERE comment.contribution_id = follow.contribution_id
            AND comment.author_id = follow.account_id
        )
        """
    )
    op.add_column(
        "outgoing_email",
        sa.Column("thread", sa.String(40), nullable=False, server_default=""),
    )
    op.create_index("ix_outgoing_email_recipient_thread", "outgoing_email", ["recipient", "thread"])


def downgrade():
    op.drop_index("ix_outgoing_email_recipient_thread", "outgoing_email")
    op.drop_column("outgoing_email", "thread")
    with op.batch_alter_table("follow") as follow:
        follow.drop_constraint(op.f("ck_follow_origin"), type_="check")
        follow.drop_column("origin")
