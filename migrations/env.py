"""Alembic's environment: one history for both engines; imports nothing from civic.

On the embedded engine a batch migration rebuilds tables, and with foreign keys on the drop would
delete the children without an error: the pragma is off while migrating, and checked after. The
triggers go with the old table as well: they are made again.
"""

from alembic import context
from flask import current_app
from sqlalchemy import Connection, types

config = context.config
db = current_app.extensions["migrate"].db


def render_item(kind, item, autogen_context):
    """Write plain ``sa.*`` types instead of our own."""
    if kind == "type" and isinstance(item, types.JSON):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return (
            "sa.JSON(none_as_null=True)"
            ".with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')"
        )
    if kind == "type" and isinstance(item, types.TypeDecorator):
        autogen_context.imports.add("import sqlalchemy as sa")
        return f"sa.{item.impl!r}"
    return False


def include_name(name, type_, parent_names):
    """Leave alone what no model describes: the full text (0002) and that of the desk."""
    return not (type_ == "table" and name.startswith(("contribution_text", "desk_text")))


def triggers_of(raw) -> dict[str, tuple[str, str]]:
    """Return the triggers of the embedded engine: their table and statement, by their name."""
    rows = raw.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
    return {name: (table, statement) for name, table, statement in rows.fetchall()}


def restore_triggers(raw, before: dict[str, tuple[str, str]]) -> None:
    """Make those again that went with a table that was rebuilt."""
    tables = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    for name, (table, statement) in before.items():
        if table in tables and name not in triggers_of(raw):
            raw.execute(statement)


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadatas.get(None, db.metadata),
        **current_app.extensions["migrate"].configure_args,
        render_item=render_item,
        include_name=include_name,
    )
    with context.begin_transaction():
        context.run_migrations()


def migrate() -> None:
    engine = db.engine
    embedded = engine.dialect.name == "sqlite"
    # Nobody reads while the schema changes, and the table of public changes may not be there yet.
    with engine.connect().execution_options(civic_exempt=True) as connection:
        if embedded:
            raw = connection.connection.driver_connection
            connection.rollback()
            raw.execute("PRAGMA foreign_keys=OFF")
            triggers = triggers_of(raw)
        run(connection)
        if embedded:
            restore_triggers(raw, triggers)
        connection.commit()
        if embedded:
            broken = raw.execute("PRAGMA foreign_key_check").fetchall()
            raw.execute("PRAGMA foreign_keys=ON")
            if broken:
                raise RuntimeError(f"foreign keys broken by the migration: {broken[:10]}")


if context.is_offline_mode():
    raise SystemExit("civic migrates online only: civic db upgrade")
migrate()
