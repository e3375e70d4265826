"""What may be the same as what somebody is writing."""

from flask import Flask

from civic.similar.views import blueprint


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    app.register_blueprint(blueprint)
