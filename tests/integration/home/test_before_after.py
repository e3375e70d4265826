"""Home shows what was done: the photo that asked for it, and the photo of the finished work."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM
from civic.attachments.models import Photo
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.operations import hide, move
from civic.contributions.workflow import Party
from civic.home.before_after import before_and_after
from tests.factories import make_contribution


def photo(session: Session, contribution: Contribution, key: str, step: int | None = None) -> Photo:
    made = Photo(
        contribution_id=contribution.id,
        status_change_id=step,
        key=key,
        sha256=key,
        width=4,
        height=3,
        description=f"Photo {key}",
    )
    session.add(made)
    session.flush()
    return made


def done(session: Session, name: str) -> Contribution:
    """An incident with two photos, resolved with two photos of the work."""
    incident = make_contribution(session, title=f"Trottoir {name}")
    photo(session, incident, f"{name}-before")
    photo(session, incident, f"{name}-before-too").position = 1
    step = move(
        session,
        incident,
        "resolved",
        actor=SYSTEM,
        standing={Party.AGENT},
        sentence="C’est refait.",
    )
    photo(session, incident, f"{name}-after", step.id)
    photo(session, incident, f"{name}-after-too", step.id).position = 1
    session.commit()
    return incident


def keys(session: Session, limit: int = 3) -> list[tuple[str, str]]:
    found = before_and_after(session, limit=limit)
    return [(pair.before_key, pair.after_key) for pair in found]


def test_each_work_is_shown_once_the_latest_first(session: Session, town: Any) -> None:
    for name in ("a", "b", "c", "d"):
        done(session, name)
    assert keys(session) == [(f"{name}-before", f"{name}-after") for name in ("d", "c", "b")]


def test_half_a_pair_is_none(session: Session, town: Any) -> None:
    photo(session, make_contribution(session), "only-before")
    incident = make_contribution(session)
    step = move(
        session, incident, "resolved", actor=SYSTEM, standing={Party.AGENT}, sentence="Fait."
    )
    photo(session, incident, "only-after", step.id)
    assert keys(session) == []


@pytest.mark.parametrize("key", ["a-before", "a-after"])
def test_a_photo_that_is_hidden_makes_place_for_the_next(
    session: Session, town: Any, key: str
) -> None:
    done(session, "a")
    session.query(Photo).filter_by(key=key).one().moderation_state = ModerationState.HIDDEN
    [pair] = keys(session)
    assert key not in pair


def test_what_is_hidden_or_contested_is_not_shown(session: Session, town: Any) -> None:
    hide(session, done(session, "a"), actor=SYSTEM)
    move(
        session,
        done(session, "b"),
        "contested",
        actor=SYSTEM,
        standing={Party.AUTHOR},
        sentence="Toujours là.",
    )
    assert keys(session) == []


def test_home_shows_the_pairs_when_there_are_some(client: Any, session: Session) -> None:
    assert "Avant, après" not in client.get("/").get_data(as_text=True)
    incident = done(session, "a")
    page = client.get("/").get_data(as_text=True)
    assert "Avant, après" in page
    assert "/photos/a-before/" in page
    assert "/photos/a-after/" in page
    assert f"/c/{incident.reference}" in page or f"/incidents/{incident.reference}" in page
    assert "Photo a-after" in page
