"""Loading the demo town: once; a later start finds it there and leaves it as it is.

Everything happens in one transaction, so that a load that is interrupted has loaded nothing. The
draw is seeded; the dates follow the day of loading (civic/demo/data/README.md).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from civic.contributions import signals
from civic.counting.listeners import note_everything
from civic.database import alone, utcnow
from civic.demo.commitments import choose, commit_to
from civic.demo.lives import Case, Life, draw_idea_votes, draw_incident_votes
from civic.demo.pictures import Album, illustrate
from civic.demo.promises import COMMITMENTS
from civic.demo.records import read_cases, settle_figures, settle_promises, write_lives
from civic.demo.resident import Resident
from civic.demo.sample import load_sample
from civic.demo.taxonomy import add_taxonomy
from civic.demo.town import People, add_addresses, add_outlines, add_people, add_town
from civic.demo.voices import Voices
from civic.demo.watch import Watch
from civic.notifications import listeners
from civic.notifications.models import Notification, StaffNews
from civic.places.queries import find_town
from civic.settings import Settings
from civic.storage import open_store

SEED: Final = 75056
STEPS: Final = 9
_TOLD: Final = (
    (signals.status_changed, listeners.tell_status),
    (signals.comment_published, listeners.tell_comment),
    (signals.people_to_tell, listeners.tell_people),
    (signals.acknowledgement_due, listeners.acknowledge),
)


def load_demo(
    session: Session,
    settings: Settings,
    *,
    progress: Callable[[int, int | None], None],
    commit: Callable[[], None],
) -> None:
    """Load the demo town into an empty database; does nothing when it is there."""
    if find_town(session) is None:
        with alone():
            _load(session, settings, progress)
            commit()
        progress(STEPS, STEPS)


def _load(
    session: Session, settings: Settings, progress: Callable[[int, int | None], None]
) -> None:
    random, now = Random(SEED), utcnow()  # noqa: S311 (a story, not a secret)
    progress(0, STEPS)
    add_town(session)
    add_outlines(session)
    add_taxonomy(session)
    people = add_people(session, random, now)
    progress(1, STEPS)
    add_addresses(session)
    progress(2, STEPS)
    load_sample(session, random, now, settings.data_dir / "rejects")
    progress(4, STEPS)
    album = Album(session, open_store(settings))
    with nobody_told():
        promised = _draw_lives(session, random, people, now)
        progress(5, STEPS)
        Voices(session, random, people, now).speak()
        settle_figures(session)
        progress(6, STEPS)
        actions = commit_to(session, random, promised, people, now, album.for_news)
        Watch(session, random, people, now).play()
        progress(7, STEPS)
        resident = Resident(session, random, people, now, album)
        resident.earlier()
        illustrate(session, random, album)
        progress(8, STEPS)
    resident.recently(actions)
    _only_for_the_resident(session, people)
    settle_promises(session, now)
    settle_figures(session)
    note_everything(session)


def _draw_lives(
    session: Session, random: Random, people: People, now: datetime
) -> list[list[Case]]:
    """Draw and write what became of the sample; return what was kept for the actions."""
    cases = read_cases(session)
    authors = [actor.account_id for actor in people.speakers] + people.everyone
    for case in cases:
        case.author_id = random.choice(authors) if _has_author(random, case) else None
        if case.kind == "idea":
            draw_idea_votes(random, case, people.everyone, now)
    promised = choose(random, cases, now)
    begins = {
        case.id: now - timedelta(days=commitment.created)
        for commitment, group in zip(COMMITMENTS, promised, strict=True)
        for case in group
    }
    for case in cases:
        life = Life(random, case, begins.get(case.id, now))
        if case.kind == "idea":
            life.of_idea(is_reserved=case.id in begins)
        else:
            if case.id not in begins:
                life.of_incident()
            draw_incident_votes(random, case, people.everyone, now)
    write_lives(session, cases, people["agent"].account_id)
    return promised


def _has_author(random: Random, case: Case) -> bool:
    return case.kind == "idea" or random.random() < 0.6


@contextmanager
def nobody_told() -> Iterator[None]:
    """Keep news and mails from being written: nobody was told of a past that is made up."""
    for signal, listener in _TOLD:
        signal.disconnect(listener)
    try:
        yield
    finally:
        listeners.connect()


def _only_for_the_resident(session: Session, people: People) -> None:
    """Other people's news of these days would only weigh on the database."""
    kept: Sequence[int | None] = [people["habitant"].account_id]
    session.execute(delete(Notification).where(Notification.account_id.not_in(kept)))
    session.execute(delete(StaffNews))
