"""Votes, comments, photos, follows and the timeline, gathered for one page."""

from flask import Flask

from civic.participation import private, undoing, wishes
from civic.participation.submission.views import blueprint as submission_blueprint
from civic.participation.views import blueprint


def init_app(app: Flask) -> None:
    """Serve what people do around a contribution."""
    app.register_blueprint(blueprint)
    app.register_blueprint(submission_blueprint)
    wishes.register()
    undoing.register()
    private.register()
