"""Where agents work: what their departments owe."""

from flask import Flask

from civic.desk import indexing, listeners, sections, views


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    app.register_blueprint(views.blueprint)
    sections.register()
    listeners.connect()
    indexing.listen()
