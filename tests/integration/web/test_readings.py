"""What people look at while work goes on: timelines, diffs, the queue, output of other hosts."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from hephaestus_core.agents import hosting
from hephaestus_core.agents.outputs import TAIL_BYTES
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.changes.diffs import record_attempt_diff
from hephaestus_core.contract.diffs import Diff, FileChange
from hephaestus_core.settings.config import Settings
from hephaestus_core.tasks.service import bump_task, cancel_task
from hephaestus_worker.agents.outputs import share_outputs
from hephaestus_worker.host.machine import Machine, folders_of
from hephaestus_worker.terminal.tmux import Tmux
from tests.engine import Engine
from tests.web_server import WebServer

Json = dict[str, Any]


@pytest.fixture
def engine(web: WebServer, workflow: Json) -> Engine:
    """The engine under the web process, with a host `b` that is another machine."""
    engine = Engine(web.database).with_host("b", slots=1000)
    engine.workflow_id = UUID(workflow["id"])
    return engine


def working(engine: Engine, **order: Any) -> AgentView:
    """Return an agent of host `b` at a new task, whatever else is queued."""
    task = engine.create(**order)
    bump_task(engine.db, task.id)
    agent = engine.claimed("b")
    assert agent.task_id == task.id
    return engine.run(agent)


def test_a_task_is_shown_with_all_that_stands_around_it(
    api: httpx.Client, workflow: Json, engine: Engine
) -> None:
    parent = workflow["initial_task_id"]
    agent = working(engine, parent_task_id=UUID(parent))
    child = engine.create("a child", parent_task_id=agent.task_id)
    told = hosting.launch_plan(engine.db, agent.id).prompt
    task = api.get(f"/api/v1/tasks/{agent.task_id}").json()
    assert task["prompt"] == told
    assert task["parent"]["id"] == parent
    assert task["parent"]["description"] == "Plan a boat"
    assert [one["id"] for one in task["children"]] == [str(child.id)]
    assert task["branch"] == agent.branch
    engine.end(agent, failure=Trouble("transient", "network"))
    bump_task(engine.db, agent.task_id)
    assert engine.claimed("b").task_id == agent.task_id
    attempts = api.get(f"/api/v1/tasks/{agent.task_id}").json()["attempts"]
    assert [one["attempt"] for one in attempts] == [1, 2]


def test_a_timeline_is_read_on_from_its_last_number(api: httpx.Client, engine: Engine) -> None:
    agent = working(engine)
    path = f"/api/v1/tasks/{agent.task_id}/timeline"
    first = api.get(path, params={"limit": 2}).json()
    assert [event["type"] for event in first["items"]] == ["task.created", "task.status_changed"]
    assert [one["id"] for one in first["attempts"]] == [str(agent.id)]
    rest = api.get(path, params={"after": first["last_seq"]}).json()
    assert rest["items"][0]["type"] == "task.bumped"
    assert {event["task_id"] for event in rest["items"]} == {str(agent.task_id)}
    end = api.get(path, params={"after": rest["last_seq"]}).json()
    assert (end["items"], end["last_seq"]) == ([], rest["last_seq"])


def test_a_diff_is_that_of_the_newest_attempt(
    api: httpx.Client, workflow: Json, engine: Engine
) -> None:
    agent = working(engine)
    path = f"/api/v1/tasks/{agent.task_id}/diff"
    nothing = api.get(path).json()
    assert (nothing["commit"], nothing["changes"], nothing["patch"]) == (None, [], "")
    diff = Diff("base", "tip", 1, 2, 0, [FileChange("a.py", 2, 0)], "+x\n+y\n", truncated=False)
    assert record_attempt_diff(engine.db, agent.id, diff)
    shown = api.get(path).json()
    change = {"path": "a.py", "insertions": 2, "deletions": 0, "size": None}
    assert shown["changes"] == [change]
    assert (shown["commit"], shown["patch"]) == ("tip", "+x\n+y\n")
    engine.end(agent, failure=Trouble("transient", "network"))
    bump_task(engine.db, agent.task_id)
    assert engine.claimed("b").task_id == agent.task_id
    assert not record_attempt_diff(engine.db, agent.id, diff), "an older attempt's"
    assert api.get(f"/api/v1/workflows/{workflow['id']}/diff").json()["commit"] is None


def test_merges_are_paged_and_read_one_by_one(
    api: httpx.Client, workflow: Json, engine: Engine
) -> None:
    for _ in range(3):
        engine.finish(working(engine))
    path = f"/api/v1/workflows/{workflow['id']}/merges"
    first = api.get(path, params={"limit": 2}).json()
    rest = api.get(path, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)
    one = rest["items"][0]
    assert api.get(f"/api/v1/merges/{one['id']}").json() == one
    missing = api.get(f"/api/v1/merges/{workflow['id']}")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


def test_pages_of_the_queue_join_to_the_order_of_starting(
    api: httpx.Client, engine: Engine
) -> None:
    for number in range(7):
        priority = ("low", "high")[number % 2]
        task = engine.create(f"queued {number}", priority=priority)
    bump_task(engine.db, task.id)
    whole = api.get("/api/v1/queue", params={"limit": 500}).json()["items"]
    seen: list[Json] = []
    cursor = None
    while cursor is not None or not seen:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = api.get("/api/v1/queue", params=query).json()
        seen += page["items"]
        cursor = page["next_cursor"]
    assert seen == whole
    assert [item["queue_position"] for item in seen] == list(range(1, len(whole) + 1))
    assert whole[0]["id"] == str(task.id)
    cancel_task(engine.db, task.id)


def test_a_broadcast_reaches_every_live_agent_of_the_workflow(
    api: httpx.Client, workflow: Json, engine: Engine
) -> None:
    ended, *live = [working(engine) for _ in range(3)]
    engine.finish(ended)
    path = f"/api/v1/workflows/{workflow['id']}/messages"
    sent = api.post(path, json={"text": "Stop at five."})
    assert sent.status_code == 201
    assert {item["recipient_agent_id"] for item in sent.json()["items"]} == {
        str(agent.id) for agent in live
    }
    assert {item["sender"] for item in sent.json()["items"]} == {"admin to all"}
    assert api.post(path, json={"text": " "}).status_code == 422


def test_labels_of_a_host_outlive_its_worker(api: httpx.Client, engine: Engine) -> None:
    path = "/api/v1/hosts/b/labels"
    assert api.put(path, json={"labels": ["gpu", "big", "gpu"]}).json()["labels"] == ["gpu", "big"]
    engine.with_host("b", labels=["small"], slots=1000)
    [host] = [h for h in api.get("/api/v1/hosts").json()["items"] if h["name"] == "b"]
    assert host["labels"] == ["gpu", "big"]
    assert api.put(path, json={"labels": None}).json()["labels"] == ["small"]
    [host] = [h for h in api.get("/api/v1/hosts").json()["items"] if h["name"] == "b"]
    assert host["labels"] == ["small"]
    assert api.put(path, json={"labels": [""]}).json()["field"] == "labels[0]"
    assert api.put("/api/v1/hosts/absent/labels", json={"labels": []}).status_code == 404


def test_agents_are_paged(api: httpx.Client, workflow: Json, engine: Engine) -> None:
    made = [str(working(engine).id) for _ in range(3)]
    query = {"workflow_id": workflow["id"], "limit": 2}
    first = api.get("/api/v1/agents", params=query).json()
    rest = api.get("/api/v1/agents", params=query | {"cursor": first["next_cursor"]}).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == made[::-1]


def test_events_are_followed_from_the_newest_on(api: httpx.Client, engine: Engine) -> None:
    now = api.get("/api/v1/events", params={"after": "latest"}).json()
    assert now["items"] == []
    engine.create("later")
    later = api.get("/api/v1/events", params={"after": now["last_seq"]}).json()["items"]
    assert [event["type"] for event in later] == ["task.created", "task.status_changed"]
    wrong = api.get("/api/v1/events", params={"after": "newest"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "after")


@pytest.fixture
def host_b(web: WebServer, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Machine]:
    """The worker of host `b`, which answers as long as the test runs.

    A parameter says how many bytes it shares at most.
    """
    most = getattr(request, "param", TAIL_BYTES)
    settings = Settings(home=tmp_path / "b", host_name="b")
    machine = Machine(
        settings=settings,
        db=web.database,
        tmux=Tmux("unused"),
        folders=folders_of(settings),
        send=lambda _: None,
    )
    ending = threading.Event()

    def answer() -> None:
        while not ending.wait(0.02):
            share_outputs(machine, most=most)

    worker = threading.Thread(target=answer)
    worker.start()
    yield machine
    ending.set()
    worker.join()


def show(machine: Machine, agent: AgentView, data: bytes) -> None:
    """Let an agent's terminal show something."""
    folder = machine.folders.agent(agent.id)
    folder.mkdir(exist_ok=True)
    with (folder / "pane.log").open("ab") as log:
        log.write(data)


def test_output_of_another_host_is_read_and_followed_to_its_end(
    api: httpx.Client, engine: Engine, host_b: Machine
) -> None:
    agent = working(engine)
    path = f"/api/v1/agents/{agent.id}/output"
    show(host_b, agent, "first 🚢\n".encode())
    first = api.get(path).json()
    assert (first["text"], first["complete"]) == ("first 🚢\n", False)
    later = threading.Timer(0.3, show, (host_b, agent, b"second\n"))
    later.start()
    following = {"offset": first["next_offset"], "wait": 20}
    second = api.get(path, params=following).json()
    assert (second["text"], second["offset"]) == ("second\n", first["next_offset"])
    engine.finish(agent)
    end = api.get(path, params={"offset": second["next_offset"], "wait": 20}).json()
    assert (end["text"], end["complete"]) == ("", True)
    assert api.get(path).json()["text"] == "first 🚢\nsecond\n"


@pytest.mark.parametrize("host_b", [8], indirect=True)
def test_of_long_output_elsewhere_the_end_is_there(
    api: httpx.Client, engine: Engine, host_b: Machine
) -> None:
    agent = working(engine)
    show(host_b, agent, b"0123456789abcdef")
    part = api.get(f"/api/v1/agents/{agent.id}/output", params={"limit": 4}).json()
    assert part == {"text": "89ab", "offset": 8, "next_offset": 12, "complete": False}


def test_of_output_elsewhere_nothing_stands_far_beyond_its_end(
    api: httpx.Client, engine: Engine, host_b: Machine
) -> None:
    agent = working(engine)
    show(host_b, agent, b"seven b")
    part = api.get(f"/api/v1/agents/{agent.id}/output", params={"offset": 2**53}).json()
    assert (part["text"], part["next_offset"]) == ("", 2**53)


def test_a_host_that_does_not_answer_is_named(api: httpx.Client, engine: Engine) -> None:
    agent = working(engine)
    answer = api.get(f"/api/v1/agents/{agent.id}/output")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "Host b does not send" in answer.json()["detail"]
