"""Incidents: a problem at a place."""

from flask import Flask

from civic.contributions.kinds import Kind, kinds
from civic.i18n import N_
from civic.incidents import listeners, schedule
from civic.incidents.models import Incident
from civic.incidents.views import blueprint
from civic.incidents.workflow import WORKFLOW

__all__ = ["KIND", "init_app", "schedule"]

KIND = Kind(
    code="incident",
    letter="S",
    label=N_("Signalement"),
    label_plural=N_("Signalements"),
    vote_label=N_("Moi aussi"),
    voted_label=N_("Vous aussi"),
    blueprint="incidents",
    icon="exclamation-diamond",
    symbol="diamond",
    model=Incident,
    workflow=WORKFLOW,
)


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    kinds.register(KIND)
    listeners.connect()
    app.register_blueprint(blueprint)
