"""JSON of the API as frozen views, and back."""

from datetime import UTC, datetime

import pytest

from hephaestus_sdk.api.decoding import decode, encode
from hephaestus_sdk.api.result_views import WorkflowResult
from hephaestus_sdk.api.views import Task, Workflow


def test_nested_views_times_and_nulls() -> None:
    task = decode(
        Task,
        {
            "id": "t",
            "phase_id": None,
            "phase_name": None,
            "created_at": "2026-02-03T04:05:06.5Z",
            "attempts": [{"id": "a", "attempt": 1, "ended_at": None}],
            "of_a_newer_server": 1,
        },
    )
    assert task.created_at == datetime(2026, 2, 3, 4, 5, 6, 500_000, tzinfo=UTC)
    assert (task.phase_id, task.phase_name) == (None, "")
    assert task.attempts[0].attempt == 1
    assert encode(task)["created_at"] == "2026-02-03T04:05:06.500000Z"


def test_what_a_view_cannot_do_without_is_missed() -> None:
    with pytest.raises(TypeError):
        decode(Task, {"id": None})


def test_counts_of_a_workflow() -> None:
    workflow = decode(
        Workflow,
        {
            "id": "w",
            "definition_id": "bug-fix",
            "task_counts": {"done": 2, "failed": 1, "queued": 3},
            "live_tasks": 3,
            "delivery": {"status": "held", "reason": "dirty"},
            "phases": [{"id": 1, "name": "a", "task_counts": {"done": 2}}],
        },
    )
    assert (workflow.total_tasks, workflow.done_tasks, workflow.failed_tasks) == (6, 2, 1)
    assert workflow.active_tasks == 3
    assert workflow.delivery.reason == "dirty"
    assert workflow.phases[0].task_counts == {"done": 2}
    assert workflow.definition_name == "bug-fix"


@pytest.mark.parametrize(
    ("status", "validated"),
    [
        ("accepted", True),
        ("rejected", False),
        ("submitted", False),
        ("missing", False),
    ],
)
def test_only_an_accepted_result_is_validated(status: str, validated: bool) -> None:
    assert WorkflowResult(status=status).validated is validated


def test_the_text_of_a_result() -> None:
    assert WorkflowResult(explanation="why", content="# Report").text == "# Report"
    assert WorkflowResult(explanation="why").text == "why"


def test_a_task_says_where_it_stands_in_its_phase_or_as_what_kind_of_work() -> None:
    assert Task(id="a", phase_id=2, phase_name="fix").place == "2 fix"
    assert Task(id="a", kind="result_review").place == "result review"
