"""What the capabilities to come stand on: people, messages, identities, deadlines, the ledger.

Each table that gets a new value or constraint is rebuilt once on the embedded engine.

Revision ID: 0003
Revises: 0002
"""

import json
import secrets
from datetime import UTC
from hashlib import sha256

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TIME = sa.DateTime(timezone=True)
CHANNELS = ("web", "api", "telephone", "letter", "counter", "import")
NEW_CHANNELS = {"email": "letter", "sms": "telephone", "social": "web", "kiosk": "counter"}
STATES = ("held", "published", "hidden")
AUDIENCES = ("public", "author", "internal")
BATCH = 1_000


def enum(name, *values):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def is_among(column, values):
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def on_sqlite():
    return op.get_bind().dialect.name == "sqlite"


def upgrade():
    create_people()
    create_identities()
    create_ledger_leaf()
    create_job_and_change()
    create_what_hangs_on_contributions()
    move_data_to_their_tables()
    change_contribution()
    change_states("comment", (*STATES, "private"))
    change_states("photo", (*STATES, "private"))
    change_steps()
    change_appeals()
    change_ledger_entry()


def create_people():
    op.create_table(
        "person",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_person_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("account_id", name="uq_person_account_id"),
    )
    op.create_table(
        "person_contact",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("kind", enum("contact_kind", "email", "telephone", "post"), nullable=False),
        sa.Column("value", sa.String(300), nullable=False),
        sa.Column("verified_at", TIME, nullable=True),
        sa.Column("added_at", TIME, nullable=False),
        sa.CheckConstraint("kind <> 'email' OR value = lower(value)", name="email_is_lower_case"),
        sa.CheckConstraint("value <> ''", name="value_is_not_empty"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name="fk_person_contact_person_id_person",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_person_contact"),
        sa.UniqueConstraint("person_id", "kind", "value", name="uq_person_contact_person_id_kind_value"),
    )
    op.create_index("ix_person_contact_kind_value", "person_contact", ["kind", "value"])


def create_identities():
    op.create_table(
        "idempotency",
        sa.Column("id", ID, nullable=False),
        sa.Column("scope", sa.String(40), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("result", sa.String(200), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_idempotency"),
        sa.UniqueConstraint("scope", "key", name="uq_idempotency_scope_key"),
    )
    op.create_index("ix_idempotency_expires_at", "idempotency", ["expires_at"])
    op.create_table(
        "import_run",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("file", sa.String(250), nullable=False),
        sa.Column("mapping", JSON, nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.CheckConstraint("finished_at >= started_at", name="ends_after_start"),
        sa.PrimaryKeyConstraint("id", name="pk_import_run"),
    )


def create_ledger_leaf():
    op.create_table(
        "ledger_leaf",
        sa.Column("number", ID, autoincrement=False, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.CheckConstraint("length(hash) = 64", name="hash_is_sha256"),
        sa.CheckConstraint("number >= 0", name="number_is_not_negative"),
        sa.PrimaryKeyConstraint("number", name="pk_ledger_leaf"),
    )
    refused = "a leaf of the ledger is neither changed nor deleted"
    if on_sqlite():
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER tr_ledger_leaf_{verb} BEFORE {verb.upper()} ON ledger_leaf "
                f"BEGIN SELECT RAISE(ABORT, '{refused}'); END"
            )
        # REPLACE deletes without telling the trigger of deletes.
        op.execute(
            "CREATE TRIGGER tr_ledger_leaf_replace BEFORE INSERT ON ledger_leaf "
            "WHEN EXISTS (SELECT 1 FROM ledger_leaf WHERE number = NEW.number) "
            f"BEGIN SELECT RAISE(ABORT, '{refused}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_change_of_leaf() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{refused}' USING ERRCODE = 'integrity_constraint_violation'; "
        "END $$"
    )
    op.execute(
        "CREATE TRIGGER tr_ledger_leaf_change BEFORE UPDATE OR DELETE ON ledger_leaf "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_leaf()"
    )


def create_job_and_change():
    op.create_table(
        "job",
        sa.Column("id", ID, nullable=False),
        sa.Column("lane", enum("lane", "light", "heavy"), nullable=False),
        sa.Column("kind", sa.String(120), nullable=False),
        sa.Column("args", JSON, nullable=False),
        sa.Column(
            "state", enum("job_state", "waiting", "running", "done", "failed"), nullable=False
        ),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("resume", JSON, nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name="progress_is_percent"),
        sa.CheckConstraint("state <> 'running' OR owner <> ''", name="running_has_an_owner"),
        sa.CheckConstraint(
            "(finished_at IS NOT NULL) = (state IN ('done', 'failed'))", name="finish_has_a_time"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    pending = sa.text("state IN ('waiting', 'running')")
    op.create_index(
        "ix_job_pending",
        "job",
        ["lane", "id"],
        sqlite_where=pending,
        postgresql_where=pending,
        postgresql_include=[],
    )
    op.create_table(
        "public_change",
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard", name="pk_public_change"),
    )


def change_states(table, values):
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(f"ck_{table}_moderation_state"), type_="check")
        batch.create_check_constraint("moderation_state", is_among("moderation_state", values))


def change_contribution():
    with op.batch_alter_table("contribution") as batch:
        batch.drop_index("uq_contribution_external_source_external_id")
        for name in ("external_source", "external_id", "acknowledge_due_at"):
            batch.drop_column(name)
        batch.add_column(sa.Column("person_id", ID, nullable=True))
        batch.create_foreign_key(
            "fk_contribution_person_id_person", "person", ["person_id"], ["id"]
        )
        batch.create_index("ix_contribution_person_id", ["person_id"])
        batch.drop_constraint(op.f("ck_contribution_moderation_state"), type_="check")
        batch.create_check_constraint(
            "moderation_state", is_among("moderation_state", (*STATES, "private"))
        )
        batch.drop_constraint(op.f("ck_contribution_channel"), type_="check")
        batch.create_check_constraint("channel", is_among("channel", (*CHANNELS, *NEW_CHANNELS)))
        batch.create_check_constraint(
            "opinion_is_private", "kind <> 'opinion' OR moderation_state = 'private'"
        )
    op.execute(
        "UPDATE contribution SET person_id = "
        "(SELECT person.id FROM person WHERE person.account_id = contribution.author_id) "
        "WHERE author_id IS NOT NULL"
    )


def create_what_hangs_on_contributions():
    contribution = sa.ForeignKeyConstraint(
        ["contribution_id"],
        ["contribution.id"],
        name="fk_external_ref_contribution_id_contribution",
        ondelete="CASCADE",
    )
    op.create_table(
        "external_ref",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("external_id", sa.String(120), nullable=False),
        sa.Column("contribution_id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("row_hash", sa.String(64), nullable=False),
        sa.Column("changed_since", TIME, nullable=True),
        contribution,
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name="fk_external_ref_run_id_import_run"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_external_ref"),
        sa.UniqueConstraint("source", "external_id", name="uq_external_ref_source_external_id"),
    )
    op.create_index("ix_external_ref_contribution_id", "external_ref", ["contribution_id"])
    op.create_index("ix_external_ref_run_id", "external_ref", ["run_id"])
    create_deadline()
    create_message()


def create_deadline():
    op.create_table(
        "deadline",
        sa.Column("id", ID, nullable=False),
        sa.Column("contribution_id", ID, nullable=False),
        sa.Column(
            "what",
            enum("due", "acknowledge", "resolve", "legal", "appeal", "contractor", "callback"),
            nullable=False,
        ),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("met_at", TIME, nullable=True),
        sa.Column("paused_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name="fk_deadline_contribution_id_contribution",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deadline"),
    )
    op.create_index("ix_deadline_contribution_id", "deadline", ["contribution_id"])
    running = sa.text("met_at IS NULL")
    options = {
        "sqlite_where": running, "postgresql_where": running, "postgresql_include": [],
    }
    op.create_index(
        "uq_deadline_running", "deadline", ["contribution_id", "what"], unique=True, **options
    )
    op.create_index("ix_deadline_due", "deadline", ["what", "due_at"], **options)


def create_message():
    op.create_table(
        "message",
        sa.Column("id", ID, nullable=False),
        sa.Column("contribution_id", ID, nullable=True),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("author_id", ID, nullable=True),
        sa.Column("direction", enum("direction", "in", "out"), nullable=False),
        sa.Column("channel", enum("channel", *CHANNELS, *NEW_CHANNELS), nullable=False),
        sa.Column("audience", enum("audience", *AUDIENCES), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.CheckConstraint(
            "contribution_id IS NOT NULL OR person_id IS NOT NULL", name="is_about_something"
        ),
        sa.CheckConstraint(
            "audience <> 'public' OR contribution_id IS NOT NULL", name="public_is_on_a_page"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name="fk_message_author_id_account"),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name="fk_message_contribution_id_contribution",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_message_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
    )
    op.create_index("ix_message_contribution_id_at", "message", ["contribution_id", "at"])
    op.create_index("ix_message_person_id_at", "message", ["person_id", "at"])


def move_data_to_their_tables():
    op.execute(
        "INSERT INTO person (account_id, name, created_at) "
        "SELECT id, '', created_at FROM account WHERE EXISTS "
        "(SELECT 1 FROM contribution WHERE author_id = account.id) ORDER BY id"
    )
    op.execute(
        "INSERT INTO person_contact (person_id, kind, value, verified_at, added_at) "
        "SELECT person.id, 'email', account.email, account.verified_at, account.created_at "
        "FROM person JOIN account ON account.id = person.account_id "
        "WHERE account.email IS NOT NULL AND account.email <> '' ORDER BY person.id"
    )
    after = "datetime(submitted_at, '+30 days') || '.000000'"
    if not on_sqlite():
        after = "submitted_at + interval '30 days'"
    op.execute(
        "INSERT INTO idempotency (scope, key, actor, result, expires_at) "
        f"SELECT external_source, external_id, '', reference, {after} FROM contribution "
        "WHERE external_source = 'form' AND external_id IS NOT NULL ORDER BY id"
    )
    op.execute(
        "INSERT INTO external_ref (source, external_id, contribution_id, row_hash) "
        "SELECT external_source, external_id, id, '' FROM contribution "
        "WHERE external_source <> 'form' AND external_id IS NOT NULL ORDER BY id"
    )
    # Who answered without a step on record has met what was due at the latest by the end of it.
    op.execute(
        "INSERT INTO deadline (contribution_id, what, due_at, met_at) "
        "SELECT id, 'acknowledge', acknowledge_due_at, coalesce(acknowledged_at, closed_at) "
        "FROM contribution WHERE acknowledge_due_at IS NOT NULL ORDER BY id"
    )
    op.execute(
        "INSERT INTO deadline (contribution_id, what, due_at, met_at) "
        "SELECT id, 'resolve', due_at, closed_at FROM contribution "
        "WHERE due_at IS NOT NULL ORDER BY id"
    )


def change_steps():
    for table in ("status_change", "decision"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("undoes_id", ID, nullable=True))
            batch.create_foreign_key(f"fk_{table}_undoes_id_{table}", table, ["undoes_id"], ["id"])
            batch.create_unique_constraint(f"uq_{table}_undoes_id", ["undoes_id"])
            batch.create_check_constraint("undoes_another", "undoes_id <> id")
            if table == "status_change":
                batch.add_column(
                    sa.Column(
                        "audience", sa.String(24), nullable=False, server_default="public"
                    )
                )
                batch.create_check_constraint("audience", is_among("audience", AUDIENCES))


def change_appeals():
    with op.batch_alter_table("appeal") as batch:
        batch.drop_index("ix_appeal_answered_at")
        batch.drop_constraint(op.f("ck_appeal_answer_is_whole"), type_="check")
        batch.drop_constraint("fk_appeal_answered_by_id_account", type_="foreignkey")
        batch.alter_column("answered_at", new_column_name="decided_at")
        batch.alter_column("answered_by_id", new_column_name="decided_by_id")
        batch.alter_column("decision_id", existing_type=ID, nullable=True)
        batch.add_column(
            sa.Column("level", sa.String(24), nullable=False, server_default="moderation")
        )
        batch.add_column(sa.Column("contribution_id", ID, nullable=True))
        batch.add_column(sa.Column("due_at", TIME, nullable=True))
    levels = ("moderation", "gracieux", "hierarchique", "mediator")
    with op.batch_alter_table("appeal") as batch:
        batch.alter_column("level", existing_type=sa.String(24), server_default=None)
        batch.create_foreign_key(
            "fk_appeal_decided_by_id_account", "account", ["decided_by_id"], ["id"]
        )
        batch.create_foreign_key(
            "fk_appeal_contribution_id_contribution",
            "contribution",
            ["contribution_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch.create_check_constraint("appeal_level", is_among("level", levels))
        batch.create_check_constraint(
            "answer_is_whole", "(outcome IS NULL) = (decided_at IS NULL)"
        )
        batch.create_check_constraint(
            "moderation_has_a_decision", "(level = 'moderation') = (decision_id IS NOT NULL)"
        )
        batch.create_check_constraint(
            "is_about_one_thing", "(decision_id IS NULL) <> (contribution_id IS NULL)"
        )
        batch.create_index("ix_appeal_decided_at", ["decided_at"])
        batch.create_index("ix_appeal_contribution_id", ["contribution_id"])


def change_ledger_entry():
    """Give each line its salt and its hash; the worker numbers them from there."""
    with op.batch_alter_table("ledger_entry") as batch:
        batch.add_column(sa.Column("number", ID, nullable=True))
        batch.add_column(sa.Column("salt", sa.String(32), nullable=True))
        batch.add_column(sa.Column("hash", sa.String(64), nullable=True))
        batch.alter_column("line", existing_type=JSON, nullable=True)
    salt_and_hash()
    with op.batch_alter_table("ledger_entry") as batch:
        batch.alter_column("hash", existing_type=sa.String(64), nullable=False)
        batch.create_unique_constraint("uq_ledger_entry_number", ["number"])
        batch.create_index("ix_ledger_entry_reference", ["reference"])
        batch.create_check_constraint("hash_is_sha256", "length(hash) = 64")
        batch.create_check_constraint("text_goes_with_salt", "(line IS NULL) = (salt IS NULL)")
        batch.create_check_constraint("numbered_has_text", "number IS NULL OR salt IS NOT NULL")


def salt_and_hash():
    entry = sa.table(
        "ledger_entry",
        sa.column("id", ID),
        sa.column("at", TIME),
        sa.column("what", sa.String),
        sa.column("reference", sa.String),
        sa.column("line", JSON),
        sa.column("salt", sa.String),
        sa.column("hash", sa.String),
    )
    statement = (
        sa.update(entry)
        .where(entry.c.id == sa.bindparam("key"))
        .values(salt=sa.bindparam("new_salt"), hash=sa.bindparam("new_hash"))
    )
    last = 0
    while rows := (
        op.get_bind()
        .execute(sa.select(entry).where(entry.c.id > last).order_by(entry.c.id).limit(BATCH))
        .all()
    ):
        salts = [secrets.token_hex(16) for _ in rows]
        op.get_bind().execute(
            statement,
            [
                {"key": row.id, "new_salt": salt, "new_hash": hash_of(row, salt)}
                for row, salt in zip(rows, salts, strict=True)
            ],
        )
        last = rows[-1].id


def hash_of(row, salt):
    at = row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC)
    content = {
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "line": row.line,
        "reference": row.reference,
        "salt": salt,
        "what": row.what,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def downgrade():
    restore_ledger_entry()
    restore_appeals()
    restore_steps()
    for table in ("comment", "photo"):
        op.execute(
            f"UPDATE {table} SET moderation_state = 'hidden' WHERE moderation_state = 'private'"
        )
        change_states(table, STATES)
    restore_contribution()
    for table in ("message", "deadline", "external_ref", "import_run", "idempotency"):
        op.drop_table(table)
    for table in ("person_contact", "person", "public_change", "job", "ledger_leaf"):
        op.drop_table(table)
    if not on_sqlite():
        op.execute("DROP FUNCTION refuse_change_of_leaf()")


def restore_ledger_entry():
    op.execute("DELETE FROM ledger_entry WHERE line IS NULL")
    with op.batch_alter_table("ledger_entry") as batch:
        for name in ("hash_is_sha256", "text_goes_with_salt", "numbered_has_text"):
            batch.drop_constraint(op.f(f"ck_ledger_entry_{name}"), type_="check")
        batch.drop_index("ix_ledger_entry_reference")
        batch.drop_constraint("uq_ledger_entry_number", type_="unique")
        for name in ("number", "salt", "hash"):
            batch.drop_column(name)
        batch.alter_column("line", existing_type=JSON, nullable=False)


def restore_appeals():
    op.execute("DELETE FROM appeal WHERE level <> 'moderation'")
    with op.batch_alter_table("appeal") as batch:
        batch.drop_index("ix_appeal_decided_at")
        batch.drop_index("ix_appeal_contribution_id")
        for name in (
            "appeal_level",
            "answer_is_whole",
            "moderation_has_a_decision",
            "is_about_one_thing",
        ):
            batch.drop_constraint(op.f(f"ck_appeal_{name}"), type_="check")
        batch.drop_constraint("fk_appeal_decided_by_id_account", type_="foreignkey")
        batch.drop_constraint("fk_appeal_contribution_id_contribution", type_="foreignkey")
        for name in ("level", "contribution_id", "due_at"):
            batch.drop_column(name)
        batch.alter_column("decided_at", new_column_name="answered_at")
        batch.alter_column("decided_by_id", new_column_name="answered_by_id")
        batch.alter_column("decision_id", existing_type=ID, nullable=False)
    with op.batch_alter_table("appeal") as batch:
        batch.create_foreign_key(
            "fk_appeal_answered_by_id_account", "account", ["answered_by_id"], ["id"]
        )
        batch.create_check_constraint(
            "answer_is_whole", "(outcome IS NULL) = (answered_at IS NULL)"
        )
        batch.create_index("ix_appeal_answered_at", ["answered_at"])


def restore_steps():
    for table in ("status_change", "decision"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_undoes_another"), type_="check")
            batch.drop_constraint(f"uq_{table}_undoes_id", type_="unique")
            batch.drop_constraint(f"fk_{table}_undoes_id_{table}", type_="foreignkey")
            batch.drop_column("undoes_id")
            if table == "status_change":
                batch.drop_constraint(op.f("ck_status_change_audience"), type_="check")
                batch.drop_column("audience")


def restore_contribution():
    """Take back what fits; what is private is hidden, and what came by a new channel by an old."""
    with op.batch_alter_table("contribution") as batch:
        batch.drop_constraint(op.f("ck_contribution_opinion_is_private"), type_="check")
    op.execute(
        "UPDATE contribution SET moderation_state = 'hidden' WHERE moderation_state = 'private'"
    )
    for new, old in NEW_CHANNELS.items():
        op.execute(f"UPDATE contribution SET channel = '{old}' WHERE channel = '{new}'")
    with op.batch_alter_table("contribution") as batch:
        batch.drop_constraint(op.f("ck_contribution_channel"), type_="check")
        batch.create_check_constraint("channel", is_among("channel", CHANNELS))
        batch.drop_constraint(op.f("ck_contribution_moderation_state"), type_="check")
        batch.create_check_constraint("moderation_state", is_among("moderation_state", STATES))
        batch.drop_index("ix_contribution_person_id")
        batch.drop_constraint("fk_contribution_person_id_person", type_="foreignkey")
        batch.drop_column("person_id")
        batch.add_column(sa.Column("external_source", sa.String(60), nullable=True))
        batch.add_column(sa.Column("external_id", sa.String(120), nullable=True))
        batch.add_column(sa.Column("acknowledge_due_at", TIME, nullable=True))
        batch.create_index(
            "uq_contribution_external_source_external_id",
            ["external_source", "external_id"],
            unique=True,
        )
    op.execute(
        "UPDATE contribution SET external_source = (SELECT source FROM external_ref "
        "WHERE contribution_id = contribution.id ORDER BY id LIMIT 1), "
        "external_id = (SELECT external_id FROM external_ref "
        "WHERE contribution_id = contribution.id ORDER BY id LIMIT 1) "
        "WHERE id IN (SELECT contribution_id FROM external_ref)"
    )
    op.execute(
        "UPDATE contribution SET external_source = 'form', external_id = "
        "(SELECT key FROM idempotency WHERE scope = 'form' AND result = contribution.reference "
        "ORDER BY id LIMIT 1) WHERE external_source IS NULL AND reference IN "
        "(SELECT result FROM idempotency WHERE scope = 'form')"
    )
    op.execute(
        "UPDATE contribution SET acknowledge_due_at = (SELECT max(due_at) FROM deadline "
        "WHERE contribution_id = contribution.id AND what = 'acknowledge') "
        "WHERE id IN (SELECT contribution_id FROM deadline WHERE what = 'acknowledge')"
    )
