"""What is drawn for the demo is never impossible, and never in the future."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from civic.demo.lives import DAYS_TO_FIX, Case, Life, draw_idea_votes, draw_incident_votes
from civic.demo.sample import shift_weeks
from civic.demo.wording import ANSWERS, incident_text
from civic.ideas.workflow import WORKFLOW as IDEAS
from civic.incidents.workflow import WORKFLOW as INCIDENTS

NOW = datetime(2026, 11, 21, 18, tzinfo=UTC)
DEPARTMENTS = tuple(ANSWERS)


def a_case(kind: str, days: float, random: Random) -> Case:
    return Case(
        id=1,
        kind=kind,
        category=random.choice(tuple(DAYS_TO_FIX)),
        department=random.choice(DEPARTMENTS),
        department_id=1,
        area_id=1,
        lat=48.85,
        lon=2.35,
        submitted_at=NOW - timedelta(days=days),
        author_id=7,
    )


@pytest.mark.parametrize("seed", range(150))
def test_every_step_is_an_edge_after_the_one_before(seed: int) -> None:
    random = Random(seed)
    for kind, workflow in (("incident", INCIDENTS), ("idea", IDEAS)):
        case = a_case(kind, random.uniform(0.1, 250), random)
        if kind == "idea":
            draw_idea_votes(random, case, list(range(10, 390)), NOW)
            Life(random, case, NOW).of_idea(is_reserved=False)
        else:
            Life(random, case, NOW).of_incident()
            draw_incident_votes(random, case, list(range(10, 390)), NOW)
        status, at = workflow.initial, case.submitted_at
        for step in case.steps:
            edge = workflow.edge(status, step.to)
            assert edge is not None, f"{status} -> {step.to}"
            assert step.party in edge.by
            assert step.sentence or not edge.sentence
            assert step.reason in workflow.reasons or not edge.reason
            assert step.recipient or not edge.recipient
            assert at < step.at < NOW
            status, at = step.to, step.at


@pytest.mark.parametrize("seed", range(20))
def test_nobody_votes_twice_for_themselves_or_in_the_future(seed: int) -> None:
    random = Random(seed)
    case = a_case("idea", random.uniform(1, 300), random)
    draw_idea_votes(random, case, list(range(1, 390)), NOW)
    voters = [account_id for account_id, _ in case.votes]
    assert len(voters) == len(set(voters))
    assert case.author_id not in voters
    assert all(case.submitted_at <= at <= NOW for _, at in case.votes)


@pytest.mark.parametrize("day", range(14))
def test_the_sample_moves_by_whole_weeks_to_yesterday(day: int) -> None:
    newest, yesterday = date(2024, 3, 31), date(2026, 11, 16) + timedelta(days=day)
    moved = newest + timedelta(weeks=shift_weeks(newest, yesterday))
    assert timedelta() <= moved - yesterday < timedelta(days=7)
    assert moved.weekday() == newest.weekday()


def test_a_subject_without_words_of_its_own_is_said_plainly() -> None:
    title, _ = incident_text(Random(1), "Trottoirs : Bordure / caniveau endommagé")
    assert title == "Bordure / caniveau endommagé"
