"""``civic check`` recounts every stored number, on both engines."""

from typing import Any

import pytest
from sqlalchemy import inspect, select, update
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.accounts.operations import erase_account
from civic.cli import checks
from civic.cli.checks import COUNTERS, find_differences, repair
from civic.comments.operations import add_comment, judge_comment
from civic.contributions.models import Contribution, ExternalRef
from civic.flags.models import FlagOutcome, FlagReason
from civic.flags.operations import raise_flag, resolve_flags
from civic.moderation.operations import Grounds, merge_as_duplicate, unmerge
from civic.places.addresses import import_addresses
from civic.votes.operations import vote
from tests.factories import actor, make_account, make_contribution


@pytest.fixture
def busy(session: Session, town: Any) -> Session:
    """A town with at least one of everything that is counted."""
    report = make_contribution(session)
    residents = [make_account(session) for _ in range(3)]
    for resident in residents:
        vote(session, report, actor=actor(resident))
    said = add_comment(session, report, body="Un avis.", actor=actor(residents[0]))
    judge_comment(session, said, actor=actor(residents[1]), is_helpful=True)
    moderator = actor(make_account(session, "", Role.MODERATOR))
    for outcome in FlagOutcome:
        raise_flag(session, report, actor=actor(residents[2]), reason=FlagReason.SPAM)
        resolve_flags(session, report, outcome, actor=moderator)
    import_addresses(session, [{"adresse": "3 rue Haute", "lat": "48.11", "lon": "-1.68"}])
    session.commit()
    assert list(find_differences(session)) == []
    return session


@pytest.mark.parametrize("counter", COUNTERS, ids=lambda counter: counter.what)
@pytest.mark.parametrize("by", [1, -1])
def test_a_number_that_is_wrong_is_named(busy: Session, counter: Any, by: int) -> None:
    model = counter.stored.class_
    busy.execute(update(model).values({counter.stored: counter.stored + by}))
    busy.commit()
    found = [one for one in find_differences(busy) if one.what != "map"]
    assert {one.what for one in found} == {counter.what}
    assert all(one.kept == one.counted + by for one in found)
    repaired = repair(busy)
    assert {(one.what, one.of, one.kept, one.counted) for one in repaired} == {
        (one.what, one.of, one.kept, one.counted) for one in found
    }
    assert list(find_differences(busy)) == []
    assert repair(busy) == []


def test_a_repaired_number_of_votes_has_its_heat_again(busy: Session) -> None:
    report = busy.scalars(select(Contribution)).one()
    before = report.hot
    busy.execute(update(Contribution).values(vote_count=40, hot=before + 9))
    busy.commit()
    assert [(one.kept, one.counted) for one in repair(busy)] == [(40, 3)]
    busy.refresh(report)
    assert (report.vote_count, report.hot) == (3, pytest.approx(before))


def test_numbers_from_elsewhere_are_not_recounted(busy: Session) -> None:
    report = busy.scalars(select(Contribution)).one()
    busy.add(ExternalRef(contribution_id=report.id, source="old", external_id="1"))
    report.vote_count = 12
    busy.commit()
    assert list(find_differences(busy)) == []
    report.vote_count = 2
    busy.commit()
    assert repair(busy) == []
    assert [one.what for one in find_differences(busy)] == ["votes"]


def test_more_is_repaired_than_fits_one_transaction(
    busy: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "AT_ONCE", 2)
    reports = [make_contribution(busy, title=f"Banc {number}") for number in range(5)]
    for report in reports:
        report.comment_count = 7
    busy.commit()
    assert len(repair(busy)) == len(reports)
    assert list(find_differences(busy)) == []


def test_an_erased_account_keeps_no_record_of_its_flags(busy: Session) -> None:
    person = busy.scalars(select(Account).where(Account.flags_upheld > 0)).one()
    erase_account(busy, person, actor=actor(person))
    busy.commit()
    assert list(find_differences(busy)) == []


def test_every_stored_count_is_checked() -> None:
    checked = {(counter.stored.class_, counter.stored.key) for counter in COUNTERS}
    models = {counter.stored.class_ for counter in COUNTERS}
    stored = {
        (mapper.class_, column.key)
        for model in models
        for mapper in inspect(model).registry.mappers
        for column in mapper.columns
        if (column.key.endswith("_count") or column.key.startswith("flags_"))
        and column.table is mapper.local_table
        # Other tests have models of their own.
        and mapper.class_.__module__.startswith("civic.")
    }
    assert stored == checked


@pytest.mark.parametrize("kind", ["incident", "idea"])
def test_a_chain_that_shares_a_voter_counts_right_at_each_step(
    session: Session, town: Any, kind: str
) -> None:
    boss = actor(make_account(session, "boss@example.org", Role.MODERATOR))
    chain = [make_contribution(session, kind, title=title) for title in ("X", "Y", "Z")]
    shared, single = make_account(session), make_account(session)
    for one in chain[:2]:
        vote(session, one, actor=actor(shared))
    vote(session, chain[0], actor=actor(single))
    session.commit()
    grounds = Grounds(clause="7", facts="La même chose.")
    votes: list[list[int]] = []

    def settled() -> None:
        session.commit()
        assert list(find_differences(session)) == []
        votes.append([one.vote_count for one in chain])

    for source, target in ((chain[0], chain[1]), (chain[1], chain[2])):
        merge_as_duplicate(session, source, target, actor=boss, grounds=grounds)
        settled()
    for source in chain[:2]:
        unmerge(session, source, actor=boss, grounds=Grounds())
        settled()
    assert votes == [[2, 2, 0], [2, 2, 2], [2, 1, 1], [2, 1, 0]]
