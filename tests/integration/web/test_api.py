from typing import Any

import httpx


def test_a_launch_makes_a_workflow_with_its_first_task(
    api: httpx.Client, workflow: dict[str, Any]
) -> None:
    task = api.get(f"/api/v1/tasks/{workflow['initial_task_id']}").json()
    assert task["description"] == "Plan a boat"
    assert task["priority"] == "high"
    assert task["queue_position"] >= 1
    assert task["attempts"] == []
    assert workflow["task_counts"] == {"queued": 1}
