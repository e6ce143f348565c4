"""Reads that need not be sent again."""

import re
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


def test_a_page_sends_again_what_differs_and_all_of_it_small(
    visitor: httpx.Client, api: httpx.Client, workflow: Json
) -> None:
    path = f"/workflows/{workflow['id']}"
    first = visitor.get(path)
    assert first.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in first.headers["Vary"]
    shown = dict(re.findall(r'data-part="([\w-]+)" data-version="(\w+)"', first.text))
    assert {"strip", "head", "phases", "events"} <= set(shown)
    known = {"X-Parts": " ".join(f"{name}={version}" for name, version in shown.items())}
    again = visitor.get(path, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    api.post(f"/api/v1/tasks/{workflow['initial_task_id']}/bump").raise_for_status()
    changed = visitor.get(path, headers=known)
    parts = re.findall(r'data-part="([\w-]+)"', changed.text)
    assert "events" in parts
    assert "merges" not in parts
    assert "<main" not in changed.text
    unseen = {"X-Parts": known["X-Parts"].replace(f"events={shown['events']}", "events=*")}
    assert 'data-part="events"' not in visitor.get(path, headers=unseen).text
    plain = visitor.get("/static/style.css", headers={"Accept-Encoding": "identity"})
    packed = visitor.get("/static/style.css")
    assert "Content-Encoding" not in plain.headers
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 2
    assert packed.content == plain.content
    tag = {"If-None-Match": packed.headers["ETag"]}
    assert visitor.get("/static/style.css", headers=tag).status_code == 304
