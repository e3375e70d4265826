"""Ideas: suggestions for improvement."""

from flask import Flask

from civic.contributions.kinds import Kind, kinds
from civic.i18n import N_
from civic.ideas import listeners, schedule
from civic.ideas.models import Idea
from civic.ideas.views import blueprint
from civic.ideas.workflow import WORKFLOW

__all__ = ["KIND", "init_app", "schedule"]

KIND = Kind(
    code="idea",
    letter="I",
    label=N_("Idée"),
    label_plural=N_("Idées"),
    vote_label=N_("Soutenir"),
    voted_label=N_("Vous soutenez"),
    blueprint="ideas",
    icon="lightbulb",
    symbol="circle",
    model=Idea,
    workflow=WORKFLOW,
    takes_stances=True,
    # Its clock is the support it gathers, not the calendar.
    has_deadlines=False,
)


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    kinds.register(KIND)
    listeners.connect(threshold=app.extensions["civic_settings"].idea_threshold)
    app.register_blueprint(blueprint)
