"""What may be the same as what somebody is writing."""

from flask import Flask

from civic.contributions.similar_registry import register_finder
from civic.similar.queries import find_near_duplicates
from civic.similar.views import blueprint


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    app.register_blueprint(blueprint)
    register_finder(find_near_duplicates)
