"""What ideas do by themselves when nobody supports them any more.

Imported ones are left as they came: their supporters are elsewhere.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM
from civic.contributions.models import Channel
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.database import utcnow
from civic.i18n import N_
from civic.ideas.models import Idea
from civic.ideas.workflow import IdeaStatus
from civic.places.queries import get_town_language
from civic.tasks.schedule import daily
from civic.votes.models import Vote
from civic.web.language import in_language

ARCHIVE_AFTER = timedelta(days=365)
BATCH = 100
ARCHIVED = N_(
    "Cette idée n’a pas reçu de nouveau soutien depuis douze mois : elle est archivée. Elle peut "
    "être relancée à tout moment."
)
"""Stored as the public sentence, in the language of the town."""


@daily(at="03:40")
def archive_forgotten(session: Session) -> None:
    """Archive what gathers supports and has had no new one for 12 months, batch by batch."""
    before = utcnow() - ARCHIVE_AFTER
    supported_since = (
        select(Vote.account_id).where(Vote.contribution_id == Idea.id, Vote.at >= before).exists()
    )
    last = 0
    while True:
        found = session.scalars(
            select(Idea)
            .where(
                Idea.status == IdeaStatus.GATHERING,
                Idea.status_since < before,
                Idea.channel != Channel.IMPORT,
                Idea.id > last,
                ~supported_since,
            )
            .order_by(Idea.id)
            .limit(BATCH)
        ).all()
        for idea in found:
            last = idea.id
            move(
                session,
                idea,
                IdeaStatus.ARCHIVED,
                actor=SYSTEM,
                standing={Party.SYSTEM},
                sentence=in_language(get_town_language(session), ARCHIVED),
            )
        session.commit()
        if len(found) < BATCH:
            return
