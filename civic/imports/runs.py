"""The imports on record."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.comments.models import Comment
from civic.contributions.models import ExternalRef, ImportRun


def list_runs(session: Session, most: int) -> Sequence[ImportRun]:
    """Return the latest ``most`` runs, the youngest first."""
    return session.scalars(select(ImportRun).order_by(ImportRun.id.desc()).limit(most)).all()


def find_run(session: Session, number: int) -> ImportRun | None:
    """Return one run by its number."""
    return session.get(ImportRun, number)


def count_left(session: Session, run: ImportRun) -> int:
    """Return how much of what ``run`` brought is here still."""
    refs = select(func.count()).where(ExternalRef.run_id == run.id)
    comments = select(func.count()).where(Comment.import_run_id == run.id)
    return (session.scalar(refs) or 0) + (session.scalar(comments) or 0)
