"""Settings that an administrator changes in the browser, and the legal pages they fill."""

from flask import Flask

from civic.administration import listeners, public_views, views


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    listeners.connect()
    app.register_blueprint(views.blueprint)
    app.register_blueprint(public_views.blueprint)
