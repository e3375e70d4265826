"""What incidents do by themselves when nobody answers.

Imported ones are left as they came: nobody here was asked anything about them.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM
from civic.calendar import add_working_days
from civic.contributions.models import Channel
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.database import utcnow
from civic.errors import DomainError
from civic.i18n import N_
from civic.incidents.models import Incident
from civic.incidents.workflow import IncidentStatus
from civic.places.queries import find_town, get_town_language, holiday_region
from civic.tasks.schedule import every
from civic.web.language import in_language

CONFIRM_AFTER = timedelta(days=14)
ANSWER_WITHIN_WORKING_DAYS = 10
BATCH = 100
CONFIRMED = N_(
    "Personne n’a contesté pendant quatorze jours : le signalement est considéré comme réglé. "
    "Il peut encore être contesté pendant 90 jours."
)
"""Stored as the public sentence, in the language of the town."""
NO_ANSWER = N_(
    "La question posée n’a pas reçu de réponse en dix jours ouvrés : le signalement est classé "
    "sans suite. Une contestation avec la réponse le rouvre."
)


@every(minutes=30)
def confirm_uncontested(session: Session) -> None:
    """Confirm what was declared fixed 14 days ago and nobody contested."""
    before = utcnow() - CONFIRM_AFTER
    _sweep(session, IncidentStatus.RESOLVED, before, lambda incident: _confirm(session, incident))


@every(minutes=30)
def decline_unanswered(session: Session) -> None:
    """Decline what waits for its author's answer for more than 10 working days."""
    town = find_town(session)
    zone = ZoneInfo(town.zone if town else "Europe/Paris")
    region = holiday_region(town)
    now = utcnow()

    def decline(incident: Incident) -> None:
        until = add_working_days(
            incident.status_since,
            ANSWER_WITHIN_WORKING_DAYS,
            zone=zone,
            region=region,
        )
        if until < now:
            move(
                session,
                incident,
                IncidentStatus.DECLINED,
                actor=SYSTEM,
                standing={Party.SYSTEM},
                sentence=in_language(get_town_language(session), NO_ANSWER),
                reason="no_answer",
            )

    _sweep(
        session,
        IncidentStatus.QUESTION_ASKED,
        now - timedelta(days=ANSWER_WITHIN_WORKING_DAYS),
        decline,
    )


def _confirm(session: Session, incident: Incident) -> None:
    move(
        session,
        incident,
        IncidentStatus.CONFIRMED,
        actor=SYSTEM,
        standing={Party.SYSTEM},
        sentence=in_language(get_town_language(session), CONFIRMED),
        verified_by="silence",
    )


def _sweep(
    session: Session, status: str, before: datetime, act: Callable[[Incident], None]
) -> None:
    """Act on every incident in ``status`` since before ``before``, committing after each batch.

    By ascending id, so that one which refuses is passed over and met again next time.
    """
    last = 0
    while True:
        found = session.scalars(
            select(Incident)
            .where(
                Incident.status == status,
                Incident.status_since < before,
                Incident.channel != Channel.IMPORT,
                Incident.id > last,
            )
            .order_by(Incident.id)
            .limit(BATCH)
        ).all()
        for incident in found:
            last = incident.id
            try:
                act(incident)
            except DomainError:
                continue
        session.commit()
        if len(found) < BATCH:
            return
