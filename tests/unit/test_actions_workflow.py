"""An action leads its contributions along their own workflows."""

import pytest

from civic.actions.following import steps_towards
from civic.actions.workflow import GOALS
from civic.contributions.workflow import Workflow
from civic.ideas.workflow import WORKFLOW as IDEAS
from civic.incidents.workflow import WORKFLOW as INCIDENTS


@pytest.mark.parametrize(
    ("workflow", "origin", "goal", "path"),
    [
        (INCIDENTS, "received", "in_progress", ["in_progress"]),
        (INCIDENTS, "acknowledged", "resolved", ["resolved"]),
        (INCIDENTS, "question_asked", "planned", ["acknowledged", "planned"]),
        (INCIDENTS, "in_progress", "acknowledged", ["planned", "acknowledged"]),
        (INCIDENTS, "contested", "in_progress", ["in_progress"]),
        (IDEAS, "gathering", "in_progress", ["accepted", "in_progress"]),
        (IDEAS, "under_review", "done", ["accepted", "done"]),
        (IDEAS, "in_progress", "accepted", ["accepted"]),
    ],
)
def test_the_shortest_way_is_taken(
    workflow: Workflow, origin: str, goal: str, path: list[str]
) -> None:
    assert steps_towards(workflow, origin, goal) == path


def test_what_stands_there_already_does_not_move() -> None:
    assert steps_towards(INCIDENTS, "planned", "planned") == []


def test_no_step_that_needs_a_reason_or_another_authority_is_taken() -> None:
    assert steps_towards(INCIDENTS, "received", "declined") == []
    assert steps_towards(INCIDENTS, "received", "forwarded") == []


def test_every_goal_is_a_status_of_its_kind() -> None:
    for kind, workflow in (("incident", INCIDENTS), ("idea", IDEAS)):
        assert all(workflow[goal] for goal in GOALS[kind].values())
