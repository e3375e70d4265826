"""What machines take away: everything public as files, and what search engines are told."""

from flask import Flask

from civic.open_data import robots, views

__all__ = ["init_app", "robots"]


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    app.register_blueprint(views.blueprint)
