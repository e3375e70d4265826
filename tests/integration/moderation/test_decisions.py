"""What a moderator decides carries its reasons, reaches its author and can be undone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.accounts.operations import export_my_data
from civic.comments.operations import add_comment
from civic.contributions.models import Contribution, HistoryEntry, ModerationState
from civic.contributions.operations import edit_text, move
from civic.contributions.signals import people_to_tell
from civic.contributions.workflow import Party
from civic.database import utcnow
from civic.errors import Conflict, Forbidden, Invalid
from civic.flags.models import FlagReason
from civic.flags.operations import raise_flag
from civic.follows.models import Follow
from civic.ledger.models import LedgerEntry
from civic.moderation import operations
from civic.moderation.models import (
    AppealOutcome,
    Decision,
    Hold,
    Measure,
    Merge,
    Origin,
)
from civic.moderation.operations import Grounds
from civic.places.geometry import Position
from civic.votes.models import Vote
from civic.votes.operations import unvote, vote
from tests.factories import actor, make_account, make_contribution

WHY = Grounds(clause="1", facts="Une insulte au deuxième paragraphe.", origin=Origin.FLAG)


@pytest.fixture
def moderator(session: Session, town: Any) -> Account:
    return make_account(session, "moderator@example.org", Role.MODERATOR)


@pytest.fixture
def told() -> Iterator[list[tuple[str, Any]]]:
    """What people were told meanwhile, as (event, accounts)."""
    heard: list[tuple[str, Any]] = []

    def hear(_session: Session, **news: Any) -> None:
        heard.append((news["event"], news["account_ids"]))

    people_to_tell.connect(hear)
    yield heard
    people_to_tell.disconnect(hear)


def test_a_comment_without_a_fault_waits_for_nobody(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    add_comment(session, incident, body="Bonne remarque.", actor=actor(make_account(session)))
    assert session.scalars(select(Hold).where(Hold.comment_id.is_not(None))).all() == []


def test_what_is_held_says_why(session: Session, town: Any) -> None:
    held = make_contribution(session, held=True)
    hold = session.scalars(select(Hold).where(Hold.contribution_id == held.id)).one()
    assert hold.code == "policy"
    assert hold.released_at is None


def test_publishing_releases_the_holds_and_tells_the_author(
    session: Session, moderator: Account, told: Any
) -> None:
    author = make_account(session)
    held = make_contribution(session, held=True, author=author)
    operations.publish(session, held, actor=actor(moderator), grounds=Grounds())
    session.commit()
    assert held.is_public
    assert session.scalars(select(Hold.released_at)).one() is not None
    assert ("decision", [author.id]) in told


def test_a_restriction_needs_a_clause_and_facts(session: Session, moderator: Account) -> None:
    incident = make_contribution(session)
    for grounds in (Grounds(), Grounds(clause="1"), Grounds(clause="99", facts="Vu.")):
        with pytest.raises(Invalid):
            operations.hide(session, incident, actor=actor(moderator), grounds=grounds)
    assert incident.is_public


def test_hiding_writes_the_reasons_and_an_anonymous_line(
    session: Session, moderator: Account, told: Any
) -> None:
    author, flagger = make_account(session, "author@example.org"), make_account(session)
    incident = make_contribution(session, author=author)
    raise_flag(session, incident, actor=actor(flagger), reason=FlagReason.INSULTING)
    decision = operations.hide(session, incident, actor=actor(moderator), grounds=WHY)
    session.commit()
    assert incident.moderation_state is ModerationState.HIDDEN
    assert decision.reference.startswith("D-")
    session.refresh(flagger)
    assert (flagger.flags_upheld, flagger.flags_rejected) == (1, 0)
    assert ("decision", [author.id]) in told
    assert ("flag_answered", [flagger.id]) in told
    line = session.scalars(select(LedgerEntry)).one()
    assert line.line is not None
    assert line.line["measure"] == "hide"
    kept = repr(line.line)
    assert "author" not in kept
    assert incident.reference not in kept
    assert "insulte" not in kept


def test_keeping_a_flagged_text_rejects_the_flags_quietly(
    session: Session, moderator: Account, told: Any
) -> None:
    flagger = make_account(session)
    incident = make_contribution(session, author=make_account(session))
    raise_flag(session, incident, actor=actor(flagger), reason=FlagReason.SPAM)
    operations.publish(session, incident, actor=actor(moderator), grounds=Grounds())
    session.commit()
    session.refresh(flagger)
    assert flagger.flags_rejected == 1
    assert [event for event, _ in told] == ["flag_answered"]


def test_nobody_decides_about_their_own(session: Session, moderator: Account) -> None:
    own = make_contribution(session, author=moderator)
    comment = add_comment(
        session, make_contribution(session), body="Bonjour.", actor=actor(moderator)
    )
    for decide in (operations.publish, operations.hide, operations.lock):
        with pytest.raises(Forbidden):
            decide(session, own, actor=actor(moderator), grounds=WHY)
    with pytest.raises(Forbidden):
        operations.hide(session, comment.contribution, comment, actor=actor(moderator), grounds=WHY)
    with pytest.raises(Forbidden):
        operations.suspend(session, moderator, actor=actor(moderator), grounds=WHY, days=7)


def test_a_resident_decides_nothing(session: Session, town: Any) -> None:
    with pytest.raises(Forbidden):
        operations.hide(
            session, make_contribution(session), actor=actor(make_account(session)), grounds=WHY
        )


def test_redaction_leaves_no_trace_in_the_history(session: Session, moderator: Account) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author, body="Appelez le 06 12 34 56 78.")
    edit_text(
        session, incident, actor=actor(author), title=incident.title, body="Appelez 06 12 34 56 78"
    )
    session.commit()
    operations.redact(
        session,
        incident,
        actor=actor(moderator),
        grounds=Grounds(clause="2", facts="Un numéro de téléphone."),
        title=incident.title,
        body="Appelez.",
    )
    session.commit()
    session.expire_all()
    assert incident.body == "Appelez."
    for entry in session.scalars(select(HistoryEntry)):
        assert "06" not in entry.before + entry.after


def test_redacting_nothing_is_refused(session: Session, moderator: Account) -> None:
    incident = make_contribution(session)
    with pytest.raises(Invalid):
        operations.redact(
            session,
            incident,
            actor=actor(moderator),
            grounds=Grounds(clause="2", facts="Rien."),
            title=incident.title,
            body=incident.body,
        )


def test_a_comment_is_hidden_and_restored_with_its_count(
    session: Session, moderator: Account
) -> None:
    incident = make_contribution(session)
    comment = add_comment(session, incident, body="Un avis.", actor=actor(make_account(session)))
    session.commit()
    assert incident.comment_count == 1
    operations.hide(session, comment.contribution, comment, actor=actor(moderator), grounds=WHY)
    assert incident.comment_count == 0
    operations.restore(
        session, comment.contribution, comment, actor=actor(moderator), grounds=Grounds()
    )
    session.commit()
    session.refresh(incident)
    assert incident.comment_count == 1


def _two_with_voters(session: Session) -> tuple[Contribution, Contribution, list[Account]]:
    target = make_contribution(session, author=make_account(session), title="Lampe cassée")
    source = make_contribution(session, author=make_account(session))
    voters = [make_account(session) for _ in range(3)]
    for voter in voters:
        vote(session, source, actor=actor(voter))
    vote(session, target, actor=actor(voters[0]))
    session.commit()
    return source, target, voters


def test_merged_supporters_count_once(session: Session, moderator: Account, told: Any) -> None:
    source, target, voters = _two_with_voters(session)
    grounds = Grounds(clause="7", facts="La même lampe.")
    operations.merge_as_duplicate(session, source, target, actor=actor(moderator), grounds=grounds)
    session.commit()
    assert source.status == "duplicate"
    assert source.is_public
    assert (source.vote_count, target.vote_count) == (3, 3)
    assert ("merged", sorted(voter.id for voter in voters)) in told
    assert ("decision", [source.author_id]) in told
    follows = select(Follow.moved_from_id).where(Follow.contribution_id == target.id)
    assert source.id in set(session.scalars(follows))


def test_unmerging_restores_exactly(session: Session, moderator: Account) -> None:
    source, target, _voters = _two_with_voters(session)
    before = sorted(session.execute(select(Vote.contribution_id, Vote.account_id)).all())
    grounds = Grounds(clause="7", facts="La même lampe.")
    operations.merge_as_duplicate(session, source, target, actor=actor(moderator), grounds=grounds)
    session.commit()
    operations.unmerge(session, source, actor=actor(moderator), grounds=Grounds())
    session.commit()
    after = sorted(session.execute(select(Vote.contribution_id, Vote.account_id)).all())
    assert after == before
    assert (source.vote_count, target.vote_count) == (3, 1)
    assert source.duplicate_of_id is None
    assert (source.status, source.acknowledged_at) == ("received", None)
    assert session.scalars(select(Merge.undone_at)).one() is not None


def test_a_chain_of_merges_comes_apart_where_it_is_cut(
    session: Session, moderator: Account
) -> None:
    source, middle, _voters = _two_with_voters(session)
    end = make_contribution(session, title="Réverbère")
    grounds = Grounds(clause="7", facts="La même lampe.")
    for one, other in ((source, middle), (middle, end)):
        operations.merge_as_duplicate(session, one, other, actor=actor(moderator), grounds=grounds)
    session.commit()
    assert end.vote_count == 3
    operations.unmerge(session, source, actor=actor(moderator), grounds=Grounds())
    session.commit()
    assert (source.vote_count, middle.vote_count, end.vote_count) == (3, 1, 1)


def _merge(session: Session, by: Account, source: Contribution, target: Contribution) -> None:
    grounds = Grounds(clause="7", facts="La même lampe.")
    operations.merge_as_duplicate(session, source, target, actor=actor(by), grounds=grounds)
    session.commit()


def _counted(session: Session, *contributions: Contribution) -> list[int]:
    """The counters, once they are found equal to a recount."""
    for one in contributions:
        rows = select(func.count()).select_from(Vote).where(Vote.contribution_id == one.id)
        assert session.scalar(rows) == one.vote_count
    return [one.vote_count for one in contributions]


def test_a_vote_lent_by_two_duplicates_stays_while_one_of_them_lends_it(
    session: Session, moderator: Account
) -> None:
    voter = make_account(session)
    first, second, target = (make_contribution(session, title=f"Lampe {n}") for n in range(3))
    for one in (first, second):
        vote(session, one, actor=actor(voter))
        _merge(session, moderator, one, target)
    assert _counted(session, target) == [1]
    operations.unmerge(session, first, actor=actor(moderator), grounds=Grounds())
    session.commit()
    assert _counted(session, first, second, target) == [1, 1, 1]
    assert session.get_one(Vote, (target.id, voter.id)).moved_from_id == second.id
    operations.unmerge(session, second, actor=actor(moderator), grounds=Grounds())
    session.commit()
    assert _counted(session, first, second, target) == [1, 1, 0]
    assert session.get(Follow, (target.id, voter.id)) is None


def test_a_vote_lent_along_two_chains_stays_while_one_of_them_lends_it(
    session: Session, moderator: Account
) -> None:
    """Both leaves hold the vote; cutting one branch in its middle leaves the other."""
    voter, other = make_account(session), make_account(session)
    leaves = [make_contribution(session, title=f"Feuille {n}") for n in range(2)]
    middles = [make_contribution(session, title=f"Branche {n}") for n in range(2)]
    end = make_contribution(session, title="Lampe")
    for leaf, middle in zip(leaves, middles, strict=True):
        vote(session, leaf, actor=actor(voter))
        _merge(session, moderator, leaf, middle)
        _merge(session, moderator, middle, end)
    unvoted = make_contribution(session, title="Voisine")
    vote(session, unvoted, actor=actor(other))
    _merge(session, moderator, unvoted, end)
    assert _counted(session, *middles, end) == [1, 1, 2]
    operations.unmerge(session, leaves[0], actor=actor(moderator), grounds=Grounds())
    session.commit()
    assert _counted(session, *leaves, *middles, end) == [1, 1, 0, 1, 2]
    operations.unmerge(session, middles[1], actor=actor(moderator), grounds=Grounds())
    session.commit()
    assert _counted(session, *leaves, *middles, end) == [1, 1, 0, 1, 1]


def test_a_vote_withdrawn_at_a_duplicate_is_withdrawn_where_it_was_lent(
    session: Session, moderator: Account
) -> None:
    source, target, voters = _two_with_voters(session)
    _merge(session, moderator, source, target)
    assert _counted(session, source, target) == [3, 3]
    for voter in voters[:2]:
        unvote(session, source, actor=actor(voter))
    session.commit()
    # The first had voted at the target as well.
    assert _counted(session, source, target) == [1, 2]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("incident", "received"),
        ("incident", "acknowledged"),
        ("incident", "question_asked"),
        ("incident", "planned"),
        ("incident", "in_progress"),
        ("idea", "gathering"),
        ("idea", "under_review"),
    ],
)
def test_unmerging_gives_the_status_from_before_back(
    session: Session, moderator: Account, kind: str, status: str
) -> None:
    source, target = (make_contribution(session, kind, title=f"Lampe {n}") for n in range(2))
    if status != source.status:
        agent = actor(make_account(session, "agent@example.org", Role.AGENT))
        standing = {Party.AGENT}
        move(session, source, status, actor=agent, standing=standing, sentence="Voici.")
    before = (source.status, source.status_type, source.acknowledged_at, source.closed_at)
    session.commit()
    _merge(session, moderator, source, target)
    assert source.status == "duplicate"
    operations.unmerge(session, source, actor=actor(moderator), grounds=Grounds())
    session.commit()
    session.refresh(source)
    assert (source.status, source.status_type, source.acknowledged_at, source.closed_at) == before


def test_merging_two_distant_places_asks(session: Session, moderator: Account) -> None:
    source, third = (make_contribution(session, position=Position(48.86, 2.35)) for _ in range(2))
    near, far = (
        make_contribution(session, position=Position(lat, 2.35)) for lat in (48.862, 48.864)
    )
    grounds = Grounds(clause="7", facts="La même lampe.")
    with pytest.raises(Invalid) as refusal:
        operations.merge_as_duplicate(session, source, far, actor=actor(moderator), grounds=grounds)
    assert refusal.value.field == "is_far"
    assert "445 m" in str(refusal.value)
    operations.merge_as_duplicate(session, source, near, actor=actor(moderator), grounds=grounds)
    operations.merge_as_duplicate(
        session, third, far, actor=actor(moderator), grounds=grounds, is_far=True
    )
    assert third.duplicate_of_id == far.id


def test_who_opted_out_stays_out_after_the_merge_is_undone(
    session: Session, moderator: Account
) -> None:
    source, target, voters = _two_with_voters(session)
    grounds = Grounds(clause="7", facts="La même lampe.")
    operations.merge_as_duplicate(session, source, target, actor=actor(moderator), grounds=grounds)
    unvote(session, target, actor=actor(voters[1]))
    operations.unmerge(session, source, actor=actor(moderator), grounds=Grounds())
    session.commit()
    assert (source.vote_count, target.vote_count) == (3, 1)


def test_what_cannot_be_the_same_is_not_merged(session: Session, moderator: Account) -> None:
    source, _target, _ = _two_with_voters(session)
    idea = make_contribution(session, "idea")
    grounds = Grounds(clause="7", facts="La même lampe.")
    for other in (source, idea):
        with pytest.raises(Invalid):
            operations.merge_as_duplicate(
                session, source, other, actor=actor(moderator), grounds=grounds
            )


def test_an_upheld_appeal_restores_at_once(session: Session, moderator: Account, told: Any) -> None:
    author = make_account(session, "author@example.org")
    mediator = make_account(session, "mediator@example.org", Role.MEDIATOR)
    incident = make_contribution(session, author=author)
    decision = operations.hide(session, incident, actor=actor(moderator), grounds=WHY)
    appeal = operations.submit_appeal(session, decision, actor=actor(author), text="Relisez.")
    session.commit()
    with pytest.raises(Conflict):
        operations.submit_appeal(session, decision, actor=actor(author), text="Encore.")
    answer = {"outcome": AppealOutcome.UPHELD, "answer": "Vous avez raison."}
    with pytest.raises(Forbidden):
        operations.answer_appeal(session, appeal, actor=actor(moderator), **answer)
    operations.answer_appeal(session, appeal, actor=actor(mediator), **answer)
    session.commit()
    copy = export_my_data(session, author, actor=actor(author))
    assert [(one["text"], one["outcome"]) for one in copy["appeals"]] == [("Relisez.", "upheld")]
    assert incident.is_public
    assert decision.reversed_at is not None
    assert ("appeal_answered", [author.id]) in told
    with pytest.raises(Conflict):
        operations.answer_appeal(session, appeal, actor=actor(mediator), **answer)


def test_the_decider_never_answers_the_appeal(session: Session, town: Any) -> None:
    both = make_account(session, "both@example.org", Role.MODERATOR, Role.MEDIATOR)
    author = make_account(session)
    incident = make_contribution(session, author=author)
    decision = operations.hide(session, incident, actor=actor(both), grounds=WHY)
    appeal = operations.submit_appeal(session, decision, actor=actor(author), text="")
    with pytest.raises(Forbidden):
        operations.answer_appeal(
            session, appeal, actor=actor(both), outcome=AppealOutcome.REJECTED, answer="Non."
        )


def test_an_appeal_comes_within_six_months_from_the_person_concerned(
    session: Session, moderator: Account
) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author)
    decision = operations.hide(session, incident, actor=actor(moderator), grounds=WHY)
    with pytest.raises(Forbidden):
        operations.submit_appeal(session, decision, actor=actor(make_account(session)), text="")
    late = utcnow() + timedelta(days=184)
    with pytest.raises(Conflict):
        operations.submit_appeal(session, decision, actor=actor(author), text="", at=late)


def test_a_suspension_ends_and_can_be_contested(session: Session, moderator: Account) -> None:
    resident = make_account(session)
    grounds = Grounds(clause="9", facts="Dix messages publicitaires.")
    decision = operations.suspend(
        session, resident, actor=actor(moderator), grounds=grounds, days=7
    )
    session.commit()
    assert resident.is_suspended
    assert decision.until is not None
    appeal = operations.submit_appeal(session, decision, actor=actor(resident), text="")
    mediator = make_account(session, "mediator@example.org", Role.MEDIATOR)
    operations.answer_appeal(
        session, appeal, actor=actor(mediator), outcome=AppealOutcome.UPHELD, answer="D'accord."
    )
    session.commit()
    assert not resident.is_suspended


def test_who_works_for_the_town_is_not_suspended_here(session: Session, moderator: Account) -> None:
    agent = make_account(session, "agent@example.org", Role.AGENT)
    with pytest.raises(Forbidden):
        operations.suspend(
            session, agent, actor=actor(moderator), grounds=Grounds("9", "Abus."), days=7
        )


def test_every_decision_has_its_own_reference(session: Session, moderator: Account) -> None:
    for _ in range(3):
        incident = make_contribution(session)
        operations.lock(session, incident, actor=actor(moderator), grounds=Grounds("8", "Ton."))
        operations.unlock(session, incident, actor=actor(moderator), grounds=Grounds())
    session.commit()
    references = list(session.scalars(select(Decision.reference)))
    assert len(references) == len(set(references)) == 6
    assert session.scalars(select(Decision.measure).limit(1)).one() is Measure.LOCK
