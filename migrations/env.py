"""Alembic's environment: one history for both engines; imports nothing from civic.

On the embedded engine a batch migration rebuilds tables, and with foreign keys on the drop would
delete the children without an error: the pragma is off while migrating, and checked after.
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
    """Leave the tables of the task queue alone: its library makes and changes them itself."""
    return not (type_ == "table" and name.startswith("queue_"))


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadatas.get(None, db.metadata),
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
        include_name=include_name,
    )
    with context.begin_transaction():
        context.run_migrations()


def migrate() -> None:
    engine = db.engine
    embedded = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if embedded:
            raw = connection.connection.driver_connection
            connection.rollback()
            raw.execute("PRAGMA foreign_keys=OFF")
        run(connection)
        connection.commit()
        if embedded:
            broken = raw.execute("PRAGMA foreign_key_check").fetchall()
            raw.execute("PRAGMA foreign_keys=ON")
            if broken:
                raise RuntimeError(f"foreign keys broken by the migration: {broken[:10]}")


if context.is_offline_mode():
    raise SystemExit("civic migrates online only: civic db upgrade")
migrate()
