"""The REST routes against a real database, each through HTTP."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.engine import Engine
from tests.integration.web.conftest import DEFINITION
from tests.web_server import WebServer

Json = dict[str, Any]


def add_task(api: httpx.Client, workflow: Json, **values: Any) -> httpx.Response:
    """Create a task in phase 1."""
    body = {"workflow_id": workflow["id"], "phase_id": 1, "description": "work"} | values
    return api.post("/api/v1/tasks", json=body)


def test_a_launch_makes_a_workflow_with_its_first_task(api: httpx.Client, workflow: Json) -> None:
    task = api.get(f"/api/v1/tasks/{workflow['initial_task_id']}").json()
    assert task["description"] == "Plan a boat"
    assert (task["priority"], task["status"], task["created_by"]) == ("high", "queued", "admin")
    assert task["queue_position"] >= 1
    assert task["attempts"] == []
    assert workflow["task_counts"] == {"queued": 1}
    assert workflow["phases"][1]["description"] == "Build a boat"


def test_a_launch_fills_what_it_leaves_out_from_the_settings(
    api: httpx.Client, workflow: Json
) -> None:
    assert workflow["base_branch"] == "main"
    assert workflow["conflict_resolution"] == "newest_file_wins"
    assert workflow["auto_merge"] is True


def test_the_commands_of_a_launch_stand_in_its_config(api: httpx.Client, workflow: Json) -> None:
    body = {
        "definition_id": "two-phases",
        "main_repo_path": "https://a.example/r",
        "launch_params": {"thing": "a boat"},
        "setup_command": "npm ci",
    }
    config = api.post("/api/v1/workflows", json=body).json()["config"]
    assert (config["setup_command"], config["test_command"]) == ("npm ci", "")


def test_a_refused_launch_changes_nothing(api: httpx.Client, workflow: Json) -> None:
    before = api.get("/api/v1/events").json()["last_seq"]
    body = {
        "definition_id": "two-phases",
        "main_repo_path": "https://a.example/r",
        "launch_params": {"thng": "x"},
    }
    refused = api.post("/api/v1/workflows", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_parameter")
    assert refused.json()["field"] == "launch_params.thng"
    assert "did you mean 'thing'" in refused.json()["detail"]
    assert api.get("/api/v1/events", params={"after": before}).json()["items"] == []


def test_definitions_are_saved_replaced_and_listed(api: httpx.Client) -> None:
    saved = api.put("/api/v1/workflow-definitions/boats", json=DEFINITION)
    assert saved.status_code == 200
    renamed = api.put("/api/v1/workflow-definitions/boats", json=DEFINITION | {"name": "Boats"})
    assert renamed.json()["name"] == "Boats"
    listed = api.get("/api/v1/workflow-definitions").json()["items"]
    assert [item["name"] for item in listed if item["id"] == "boats"] == ["Boats"]
    assert api.get("/api/v1/workflow-definitions/boats").json() == renamed.json()
    other = api.put("/api/v1/workflow-definitions/boats", json=DEFINITION | {"id": "ships"})
    assert (other.status_code, other.json()["field"]) == (422, "id")


def test_a_deleted_definition_starts_nothing_and_its_workflows_stay(
    api: httpx.Client, workflow: Json
) -> None:
    path = "/api/v1/workflow-definitions/two-phases"
    assert api.delete(path).json()["name"] == "Two phases"
    assert api.get(path).status_code == 404
    assert "two-phases" not in ids_of(api.get("/api/v1/workflow-definitions?all=true"))
    start = {"definition_id": "two-phases", "main_repo_path": "https://a.example/r"}
    refused = api.post("/api/v1/workflows", json=start)
    assert (refused.status_code, refused.json()["field"]) == (404, "definition_id")
    kept = api.get(f"/api/v1/workflows/{workflow['id']}").json()
    assert (kept["name"], kept["status"]) == ("Two phases", "active")
    assert add_task(api, workflow).status_code == 201, "it still takes work"
    again = api.delete(path)
    assert (again.status_code, again.json()["code"]) == (404, "not_found")
    assert api.put(path, json=DEFINITION).status_code == 200
    assert api.get(path).json()["name"] == "Two phases"


def test_a_definition_that_is_not_offered_is_listed_only_when_all_are_asked_for(
    api: httpx.Client,
) -> None:
    path = "/api/v1/workflow-definitions"
    api.put(f"{path}/private", json=DEFINITION | {"offered": False}).raise_for_status()
    api.put(f"{path}/public", json=DEFINITION).raise_for_status()
    assert ids_of(api.get(path)) & {"private", "public"} == {"public"}
    assert ids_of(api.get(path, params={"all": True})) >= {"private", "public"}
    assert api.get(f"{path}/private").json()["offered"] is False


def test_a_workflow_without_a_task_is_started_only_when_tasks_are_to_follow(
    api: httpx.Client,
) -> None:
    silent = {name: value for name, value in DEFINITION.items() if name != "launch_template"}
    api.put("/api/v1/workflow-definitions/silent", json=silent).raise_for_status()
    body = {"definition_id": "silent", "main_repo_path": "https://a.example/r"}
    before = api.get("/api/v1/events").json()["last_seq"]
    refused = api.post("/api/v1/workflows", json=body)
    assert (refused.status_code, refused.json()["field"]) == (422, "task")
    assert "'tasks_follow'" in refused.json()["detail"]
    assert api.get("/api/v1/events", params={"after": before}).json()["items"] == []
    told = api.post("/api/v1/workflows", json=body | {"task": "Plan a boat"}).json()
    task = api.get(f"/api/v1/tasks/{told['initial_task_id']}").json()
    assert (task["description"], task["phase_id"]) == ("Plan a boat", 1)
    later = api.post("/api/v1/workflows", json=body | {"tasks_follow": True})
    assert (later.status_code, later.json()["initial_task_id"]) == (201, None)


def test_a_definition_with_a_prompt_takes_no_other_first_task(
    api: httpx.Client, workflow: Json
) -> None:
    body = {
        "definition_id": workflow["definition_id"],
        "main_repo_path": "https://a.example/r",
        "launch_params": {"thing": "a boat"},
        "task": "Plan something else",
    }
    refused = api.post("/api/v1/workflows", json=body)
    assert (refused.status_code, refused.json()["field"]) == (422, "task")


def ids_of(answer: httpx.Response) -> set[str]:
    """Return the ids of the listed things."""
    return {item["id"] for item in answer.json()["items"]}


def test_a_task_goes_its_way_by_hand(api: httpx.Client, workflow: Json) -> None:
    task = add_task(api, workflow, priority="low").json()
    path = f"/api/v1/tasks/{task['id']}"
    assert api.post(f"{path}/bump").json()["boosted"] is True
    cancelled = api.post(f"{path}/cancel", json={"reason": "not needed"}).json()
    assert (cancelled["status"], cancelled["failure_reason"]) == ("cancelled", "not needed")
    again = api.post(f"{path}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "transition_refused")
    assert api.post(f"{path}/restart").json()["status"] == "queued"


def test_pages_join_to_the_whole_list(api: httpx.Client, workflow: Json) -> None:
    made = [add_task(api, workflow, description=f"task {n}").json()["id"] for n in range(7)]
    seen: list[str] = []
    query: Json = {"workflow_id": workflow["id"], "limit": 3}
    while True:
        page = api.get("/api/v1/tasks", params=query).json()
        seen += [task["id"] for task in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == [*reversed(made), workflow["initial_task_id"]]


def test_lists_filter(api: httpx.Client, workflow: Json) -> None:
    task = add_task(api, workflow, phase_id=2).json()
    query = {"workflow_id": workflow["id"], "phase_id": 2, "status": "queued"}
    found = api.get("/api/v1/tasks", params=query).json()["items"]
    assert [item["id"] for item in found] == [task["id"]]
    assert api.get("/api/v1/tasks", params=query | {"status": "done"}).json()["items"] == []


def test_the_queue_shows_its_order(api: httpx.Client, workflow: Json) -> None:
    late = add_task(api, workflow, priority="low", description="It can wait.").json()
    first = add_task(api, workflow, priority="critical").json()
    queue = api.get("/api/v1/queue").json()
    order = [item["id"] for item in queue["items"]]
    assert order.index(first["id"]) < order.index(workflow["initial_task_id"])
    assert order.index(workflow["initial_task_id"]) < order.index(late["id"])
    assert queue["queued"] >= 3
    assert queue["max_concurrent_agents"] == 10


@pytest.mark.parametrize(
    ("label", "creator"),
    [
        (None, "admin"),
        (" ", "admin"),
        ("nightly build", "admin: nightly build"),
        ("agent 00000000-0000-4000-8000-000000000000", "admin: agent 0000"),
        ("x" * 200, "admin: xxx"),
    ],
)
def test_who_created_a_task_is_who_asked_whatever_they_say(
    api: httpx.Client, workflow: Json, label: str | None, creator: str
) -> None:
    body = {"workflow_id": workflow["id"], "phase_id": 1, "description": "x"}
    given = {} if label is None else {"created_by": label}
    task = api.post("/api/v1/tasks", json=body | given).json()
    assert task["created_by"].startswith(creator)
    assert task["created_by_agent_id"] is None


def test_a_key_sent_twice_creates_once(api: httpx.Client, workflow: Json) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    body = {"workflow_id": workflow["id"], "phase_id": 1, "description": "once"}
    first, second = (api.post("/api/v1/tasks", json=body, headers=key) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json()["id"] == second.json()["id"]
    launch = {
        "definition_id": "two-phases",
        "main_repo_path": "https://a.example/r",
        "launch_params": {"thing": 1},
    }
    one, two = (api.post("/api/v1/workflows", json=launch, headers=key) for _ in range(2))
    assert one.json()["id"] == two.json()["id"]


def test_a_key_stands_for_one_order(api: httpx.Client, workflow: Json) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    launch = {
        "definition_id": "two-phases",
        "main_repo_path": "https://a.example/r",
        "launch_params": {"thing": 1},
    }
    task = {"workflow_id": workflow["id"], "phase_id": 1, "description": "once"}
    for path, first, second, unsaid in (
        ("workflows", launch, launch | {"launch_params": {"thing": 2}}, "base_branch"),
        ("tasks", task, task | {"description": "another"}, "done_definition"),
    ):
        api.post(f"/api/v1/{path}", json=first, headers=key).raise_for_status()
        refused = api.post(f"/api/v1/{path}", json=second, headers=key)
        assert (refused.status_code, refused.json()["code"]) == (409, "key_reused")
        again = api.post(f"/api/v1/{path}", json=first | {unsaid: None}, headers=key)
        assert again.status_code == 201


def test_an_order_sent_again_after_its_workflow_ended_is_still_answered(
    api: httpx.Client, workflow: Json
) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    body = {"workflow_id": workflow["id"], "phase_id": 1, "description": "once"}
    first = api.post("/api/v1/tasks", json=body, headers=key).json()
    api.post(f"/api/v1/workflows/{workflow['id']}/stop").raise_for_status()
    again = api.post("/api/v1/tasks", json=body, headers=key)
    assert (again.status_code, again.json()["id"]) == (201, first["id"])
    assert again.json()["status"] == "cancelled"


def test_a_key_belongs_to_one_token_and_not_to_a_later_one_of_that_name(
    web: WebServer, api: httpx.Client, workflow: Json
) -> None:
    body = {"workflow_id": workflow["id"], "phase_id": 1, "description": "once"}

    def created() -> str:
        made = api.post("/api/v1/tokens", json={"name": "again", "role": "operator"}).json()
        with web.client(made["token"]) as client:
            answer = client.post("/api/v1/tasks", json=body, headers={"Idempotency-Key": "k"})
        answer.raise_for_status()
        api.post("/api/v1/tokens/again/revoke").raise_for_status()
        identity: str = answer.json()["id"]
        return identity

    assert created() != created()


def test_a_key_sent_by_eight_at_once_creates_once(
    web: WebServer, api: httpx.Client, workflow: Json
) -> None:
    key = {"Idempotency-Key": str(uuid4())}

    def create(_: int) -> str:
        with web.client() as client:
            created = client.post(
                "/api/v1/tasks",
                json={"workflow_id": workflow["id"], "phase_id": 1, "description": "once"},
                headers=key,
            )
        created.raise_for_status()
        identity: str = created.json()["id"]
        return identity

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(create, range(8)))) == 1
    assert api.get(f"/api/v1/workflows/{workflow['id']}").json()["live_tasks"] == 2


def test_agents_and_hosts_are_read_messaged_and_stopped(
    web: WebServer, api: httpx.Client, workflow: Json
) -> None:
    engine = Engine(web.database).with_host("a", labels=("gpu",))
    add_task(api, workflow, priority="critical")
    agent = engine.run(engine.claimed())
    path = f"/api/v1/agents/{agent.id}"
    assert api.get(path).json()["status"] == "working"
    live = api.get("/api/v1/agents", params={"live": "true"}).json()["items"]
    assert str(agent.id) in [item["id"] for item in live]
    sent = api.post(f"{path}/messages", json={"text": "hello; $(reboot)"})
    assert (sent.status_code, sent.json()["text"]) == (201, "hello; $(reboot)")
    stopping = api.post(f"{path}/stop", json={"reason": "enough"}).json()
    assert (stopping["status"], stopping["failure_reason"]) == ("stopping", "enough")
    task = api.get(f"/api/v1/tasks/{agent.task_id}").json()
    assert [attempt["id"] for attempt in task["attempts"]] == [str(agent.id)]
    drained = api.post("/api/v1/hosts/a/drain", json={"drain": True}).json()
    assert drained["draining"] is True
    assert drained["labels"] == ["gpu"]
    assert [host["name"] for host in api.get("/api/v1/hosts").json()["items"]] == ["a"]


def test_a_workflow_is_summed_up_and_stopped(api: httpx.Client, workflow: Json) -> None:
    path = f"/api/v1/workflows/{workflow['id']}"
    summary = api.get(f"{path}/summary").json()
    assert summary["finished"] is False
    assert summary["tasks"] == {"total": 1, "queued": 1}
    assert summary["tree"][0]["task_id"] == workflow["initial_task_id"]
    assert summary["tree"][0]["created_at"].endswith("Z")
    assert api.get(f"{path}/results").json() == {"items": [], "next_cursor": None}
    assert api.get(f"{path}/merges").json() == {"items": [], "next_cursor": None}
    assert api.post(f"{path}/approve").status_code == 409
    assert api.post(f"{path}/stop", json={"reason": "enough"}).json()["status"] == "stopped"
    closed = add_task(api, workflow)
    assert (closed.status_code, closed.json()["code"]) == (409, "workflow_closed")
    assert api.get(f"{path}/summary").json()["finished"] is True


def test_limits_are_changed_while_a_workflow_runs(api: httpx.Client, workflow: Json) -> None:
    path = f"/api/v1/workflows/{workflow['id']}"
    assert workflow["limits"] == {
        "tasks_per_workflow": 2000,
        "tasks_per_attempt": 50,
        "task_depth": 20,
        "messages_per_minute": 30,
        "tasks_per_diagnosis": 5,
        "diagnoses_per_workflow": 3,
    }
    assert api.post(f"{path}/limits", json={"tasks_per_workflow": 1}).status_code == 200
    refused = add_task(api, workflow)
    assert (refused.status_code, refused.json()["code"]) == (409, "limit_reached")
    assert (refused.json()["limit"], refused.json()["most"]) == ("tasks_per_workflow", 1)
    assert api.get(path).json()["limits_reached"] == ["tasks_per_workflow"]

    raised = api.post(f"{path}/limits", json={"tasks_per_workflow": 2}).json()
    assert (raised["limits"]["tasks_per_workflow"], raised["limits_reached"]) == (2, [])
    assert add_task(api, workflow).status_code == 201
    deeds = api.get("/api/v1/audit", params={"limit": 5}).json()["items"]
    assert "workflows.change_limits" in {deed["action"] for deed in deeds}
    for body in ({}, {"tasks": 5}, {"task_depth": 0}, {"task_depth": "7"}):
        assert api.post(f"{path}/limits", json=body).status_code == 422


def test_the_openapi_document_is_served(api: httpx.Client) -> None:
    document = api.get("/api/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert "post" in document["paths"]["/api/v1/tasks/{task_id}/cancel"]


@pytest.mark.parametrize("port", ["url", "ui_url"])
def test_both_ports_serve_the_same(web: WebServer, port: str) -> None:
    assert httpx.get(f"{getattr(web, port)}/api/v1/health").json() == {"status": "ok"}
