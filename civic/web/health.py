"""For load balancers: is the process alive, can it serve."""

import shutil
from tempfile import TemporaryFile

from flask import Blueprint, Response, current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from civic.database.revisions import newest_revision
from civic.extensions import db
from civic.settings import LEAST_FREE, Settings
from civic.web.access import public

_PROBE = b"0" * 65_536

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def alive() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@public
def ready() -> Response:
    """The process answers, reaches its database as this version knows it, and can keep files."""
    problem = _problem_of_database() or _problem_of_folder()
    if problem:
        return Response(f"{problem}\n", status=503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")


def _problem_of_database() -> str:
    try:
        revision = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError as error:
        db.session.rollback()
        is_away = "no such table" not in str(error) and "does not exist" not in str(error)
        return "database unreachable" if is_away else "database without a schema"
    if revision != newest_revision():
        return "database at another schema"
    return ""


def _problem_of_folder() -> str:
    settings: Settings = current_app.extensions["civic_settings"]
    try:
        # It has no name, and is gone at once.
        with TemporaryFile(dir=settings.data_dir, buffering=0) as probe:
            probe.write(_PROBE)
    except OSError as error:
        return f"data folder not writable: {error.strerror}"
    if shutil.disk_usage(settings.data_dir).free < LEAST_FREE:
        return "disk nearly full: forms with photos are refused"
    return ""
