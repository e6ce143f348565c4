"""Reads that need not be sent again."""

from typing import Any

import httpx
import pytest

Json = dict[str, Any]


def test_what_has_not_changed_is_not_sent_again(api: httpx.Client, workflow: Json) -> None:
    path = f"/api/v1/tasks/{workflow['initial_task_id']}"
    first = api.get(path)
    tag = {"If-None-Match": first.headers["ETag"]}
    again = api.get(path, headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    api.post(f"{path}/bump").raise_for_status()
    changed = api.get(path, headers=tag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize(
    "path", ["workflows", "tasks", "queue", "agents", "hosts", "events", "workflow-definitions"]
)
def test_every_list_has_a_tag_and_is_for_its_caller_alone(
    api: httpx.Client, workflow: Json, path: str
) -> None:
    answer = api.get(f"/api/v1/{path}")
    assert answer.headers["ETag"]
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_refusals_and_changes_have_no_tag(api: httpx.Client) -> None:
    missing = api.get("/api/v1/workflow-definitions/absent", headers={"If-None-Match": "*"})
    assert missing.status_code == 404
    assert "ETag" not in missing.headers
    assert missing.headers["Cache-Control"] == "no-store"
    assert "ETag" not in api.put("/api/v1/workflow-definitions/x", json={}).headers
