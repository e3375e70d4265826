"""Who hears of what by which way and how often; what waits for a digest.

The groups of mails that people had refused become choices.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)
REFUSED = "refused_mail"
ACCOUNT = sa.table("account", sa.column("id", ID), sa.column("preferences", JSON))
CHOICE = sa.table(
    "news_choice",
    *(sa.column(name) for name in ("account_id", "topic", "scope", "channel", "rhythm")),
)


def enum(name, *values):
    return sa.Enum(
        *values, name=name, native_enum=False, create_constraint=True, length=24
    )


def owners(table):
    return [
        sa.ForeignKeyConstraint(
            [f"{owner}_id"],
            [f"{owner}.id"],
            name=f"fk_{table}_{owner}_id_{owner}",
            ondelete="CASCADE",
        )
        for owner in ("account", "department")
    ] + [
        sa.CheckConstraint(
            "(account_id IS NULL) <> (department_id IS NULL)", name="one_owner"
        )
    ]


def upgrade():
    op.create_table(
        "news_choice",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("department_id", ID, nullable=True),
        sa.Column("topic", sa.String(40), nullable=False),
        sa.Column(
            "scope",
            enum("scope", "own", "followed", "mine", "service", "town"),
            nullable=False,
        ),
        sa.Column("channel", enum("channel", "mail", "site"), nullable=False),
        sa.Column(
            "rhythm",
            enum("rhythm", "at_once", "hour", "day", "week", "off"),
            nullable=False,
        ),
        *owners("news_choice"),
        sa.PrimaryKeyConstraint("id", name="pk_news_choice"),
        sa.UniqueConstraint(
            "account_id", "topic", "scope", "channel", name="uq_news_choice_of_account"
        ),
        sa.UniqueConstraint(
            "department_id", "topic", "scope", "channel", name="uq_news_choice_of_department"
        ),
    )
    op.create_table(
        "digest_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("department_id", ID, nullable=True),
        sa.Column("contribution_id", ID, nullable=True),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("event_key", sa.String(120), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        *owners("digest_line"),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name="fk_digest_line_contribution_id_contribution",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_digest_line"),
        sa.UniqueConstraint("account_id", "event_key", name="uq_digest_line_of_account"),
        sa.UniqueConstraint("department_id", "event_key", name="uq_digest_line_of_department"),
    )
    op.create_index("ix_digest_line_due_at", "digest_line", ["due_at"])
    op.create_index("ix_digest_line_contribution_id", "digest_line", ["contribution_id"])
    refused_become_choices(op.get_bind())


def refused_become_choices(bind):
    for account_id, preferences in bind.execute(sa.select(ACCOUNT)).all():
        if not preferences or REFUSED not in preferences:
            continue
        rows = [
            {
                "account_id": account_id,
                "topic": topic,
                "scope": scope,
                "channel": "mail",
                "rhythm": "off",
            }
            for topic in preferences[REFUSED]
            for scope in ("own", "followed")
        ]
        if rows:
            op.bulk_insert(CHOICE, rows)
        kept = {name: value for name, value in preferences.items() if name != REFUSED}
        bind.execute(sa.update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(preferences=kept))


def downgrade():
    bind = op.get_bind()
    refused = {}
    off = sa.select(CHOICE.c.account_id, CHOICE.c.topic).where(
        CHOICE.c.account_id.is_not(None),
        CHOICE.c.channel == "mail",
        CHOICE.c.rhythm == "off",
        CHOICE.c.scope.in_(["own", "followed"]),
    )
    for account_id, topic in bind.execute(off):
        refused.setdefault(account_id, set()).add(topic)
    for account_id, topics in refused.items():
        own = ACCOUNT.c.id == account_id
        preferences = bind.scalar(sa.select(ACCOUNT.c.preferences).where(own)) or {}
        bind.execute(
            sa.update(ACCOUNT)
            .where(own)
            .values(preferences={**preferences, REFUSED: sorted(topics)})
        )
    op.drop_table("digest_line")
    op.drop_table("news_choice")
