"""The hash of a network address goes after 30 days, wherever it is kept, and nothing else does."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.accounts import networks
from civic.accounts.networks import KEEPS_NETWORKS, forget_networks, network_columns
from civic.comments.models import Comment
from civic.contributions.models import Contribution, ModerationState
from civic.database import Base, utcnow
from civic.flags.models import Flag
from civic.tasks.schedule import jobs
from tests.factories import make_account, make_contribution

WORDS = ("_network_", "_remote_", "_ip_", "_peer_")


def test_every_column_that_ties_to_a_network_is_known() -> None:
    found = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.c
        if any(word in f"_{column.name}_" for word in WORDS)
    }
    known = {f"{table.name}.network_key" for table, _ in network_columns()}
    assert known >= {"contribution.network_key", "comment.network_key", "flag.network_key"}
    assert found == known


def test_it_is_forgotten_after_thirty_days(session: Session, town: Any) -> None:
    author = make_account(session)
    old, new = utcnow() - KEEPS_NETWORKS - timedelta(minutes=1), utcnow() - timedelta(days=29)
    for title, at in (("Vieux banc", old), ("Banc neuf", new)):
        item = make_contribution(session, title=title)
        session.execute(
            update(Contribution)
            .where(Contribution.id == item.id)
            .values(network_key="a" * 32, submitted_at=at, updated_at=at)
        )
        session.add_all(
            [
                Comment(
                    contribution_id=item.id,
                    author_id=author.id,
                    body=title,
                    moderation_state=ModerationState.PUBLISHED,
                    network_key="a" * 32,
                    created_at=at,
                ),
                Flag(
                    contribution_id=item.id,
                    reason="other",
                    text=title,
                    receipt=f"F-{item.id}",
                    network_key="a" * 32,
                    at=at,
                ),
            ]
        )
    session.commit()
    before = session.scalar(
        select(Contribution.updated_at).where(Contribution.title == "Vieux banc")
    )

    assert forget_networks(session) == 3
    assert forget_networks(session) == 0

    kept = select(Contribution.title).where(Contribution.network_key.is_not(None))
    assert session.scalars(kept).all() == ["Banc neuf"]
    assert session.scalars(select(Comment.body).where(Comment.network_key != "")).all() == [
        "Banc neuf"
    ]
    assert session.scalars(select(Flag.text).where(Flag.network_key != "")).all() == ["Banc neuf"]
    after = session.scalar(
        select(Contribution.updated_at).where(Contribution.title == "Vieux banc")
    )
    assert after == before


def test_it_goes_in_batches(session: Session, town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "BATCH", 2)
    for _ in range(5):
        make_contribution(session)
    past = utcnow() - timedelta(days=40)
    session.execute(update(Contribution).values(network_key="b" * 32, submitted_at=past))
    session.commit()
    assert forget_networks(session) == 5


def test_a_job_does_it_each_day() -> None:
    assert "civic.accounts.schedule.forget_old_networks" in {job.name for job in jobs()}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_says_how_long_and_does_not_call_it_irreversible(
    client: Any, language: str
) -> None:
    page = client.get(f"/legal/privacy?lang={language}").text
    assert ("30 jours" if language == "fr" else "30 days") in page.replace("\xa0", " ")
    assert ("ne permet pas de retrouver" if language == "fr" else "cannot be found") not in page
