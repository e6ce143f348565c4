"""A web process that is killed in the middle of a use case leaves nothing half done."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import httpx
import psutil
import pytest
from sqlalchemy import text

from hephaestus_core.db.engine import Database
from hephaestus_core.events.log import _LOCK_KEY
from tests.integration.web.conftest import DEFINITION
from tests.waiting import wait_until
from tests.web_server import WebServer, running_web

#: What a test holds so that the use case waits there, in the order of its steps.
DECISION: Final = "LOCK TABLE task_marks IN ACCESS EXCLUSIVE MODE"
ROW: Final = "LOCK TABLE tasks IN SHARE MODE"
MARKS: Final = "LOCK TABLE task_marks IN SHARE MODE"
COUNT: Final = "LOCK TABLE task_tallies IN SHARE MODE"
EVENTS: Final = f"SELECT pg_advisory_xact_lock({_LOCK_KEY})"
#: After the commit, before the answer.
AUDIT: Final = "LOCK TABLE audit IN SHARE MODE"

#: All that a use case of tasks writes, but for the audit log.
_WRITTEN: Final = text("""
    SELECT (SELECT json_agg(t ORDER BY t.id) FROM tasks t)::text,
           (SELECT count(*) FROM task_marks), (SELECT sum(created) FROM task_tallies),
           (SELECT count(*) FROM events)
""")
_WAITS: Final = text("""
    SELECT EXISTS (SELECT FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock')
""")
_IS_QUIET: Final = text("""
    SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                       AND xact_start IS NOT NULL AND pid <> pg_backend_pid())
""")

Request = Callable[[httpx.Client], httpx.Response]
Start = Callable[[], WebServer]


@pytest.fixture
def start(tmp_path: Path, database_url: str) -> Iterator[Start]:
    """Start one web process after another on the same database."""
    with ExitStack() as running:

        def started() -> WebServer:
            folder = tmp_path / f"web{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            return running.enter_context(running_web(folder, database_url, None))

        yield started


def written(db: Database) -> tuple[Any, ...]:
    with db.reading() as session:
        return tuple(session.execute(_WRITTEN).one())


def is_true(db: Database, question: Any) -> bool:
    with db.reading() as session:
        return bool(session.scalar(question))


def kill_within(web: WebServer, hold: str, request: Request) -> None:
    """Kill the web process while the request waits for what is held."""
    db = web.database
    with db.transaction() as session, ThreadPoolExecutor(1) as pool, web.client() as client:
        session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        session.execute(text(hold))
        sent = pool.submit(request, client)
        wait_until(lambda: is_true(db, _WAITS), timeout=60, what=f"the request waits for {hold}")
        processes = [web.process, *psutil.Process(web.process.pid).children(recursive=True)]
        for process in processes:
            process.kill()
        with pytest.raises(httpx.TransportError):
            sent.result(60)
    wait_until(lambda: is_true(db, _IS_QUIET), timeout=60, what="its transaction has ended")


def after_kill(start: Start, web: WebServer, hold: str, request: Request) -> WebServer:
    """Kill the web process within a request, and let another one answer the same request."""
    before = written(web.database)
    kill_within(web, hold, request)
    if hold != AUDIT:
        assert written(web.database) == before, f"half a use case was left by a kill at {hold}"
    after = start()
    with after.client() as client:
        assert request(client).is_success
    return after


def launched(web: WebServer) -> str:
    with web.client() as client:
        client.put("/api/v1/workflow-definitions/wf", json=DEFINITION).raise_for_status()
        body = {"definition_id": "wf", "main_repo_path": "https://a.example/r"}
        answer = client.post("/api/v1/workflows", json=body | {"launch_params": {"thing": "it"}})
        return str(answer.raise_for_status().json()["id"])


def creation(workflow_id: str, description: str, key: str) -> Request:
    body = {"workflow_id": workflow_id, "description": description, "phase_id": 2}
    headers = {"Idempotency-Key": key}
    return lambda client: client.post("/api/v1/tasks", json=body, headers=headers)


def status_changes(db: Database, task_id: str) -> list[str]:
    with db.reading() as session:
        found = session.scalars(
            text("""
                SELECT data->>'to' FROM events
                WHERE task_id = :id AND type = 'task.status_changed' ORDER BY seq
            """),
            {"id": task_id},
        )
        return list(found)


def test_a_creation_happens_once_wherever_the_server_was_killed(start: Start) -> None:
    web = start()
    workflow = launched(web)
    tallied = written(web.database)[2]
    holds = (DECISION, ROW, MARKS, COUNT, EVENTS, AUDIT)
    for number, hold in enumerate(holds, start=1):
        new = creation(workflow, f"Paint the boat in colour number {number}.", f"new-{number}")
        web = after_kill(start, web, hold, new)
        with web.client() as client:
            created = new(client).json()
        assert created["status"] == "queued"
        assert status_changes(web.database, created["id"]) == ["queued"]
        assert written(web.database)[2] == tallied + number

    again = creation(workflow, "Paint the boat in colour number 1.", "again")
    web = after_kill(start, web, EVENTS, again)
    with web.client() as client:
        same = again(client).json()
        asked = {"workflow_id": workflow, "phase_id": 2, "limit": 100}
        tasks = client.get("/api/v1/tasks", params=asked).json()["items"]
    assert (same["status"], same["duplicate_of"]) == ("duplicated", tasks[-1]["id"])
    assert len(tasks) == len(holds) + 1


def test_a_ruling_on_a_duplicate_is_all_or_nothing(start: Start) -> None:
    web = start()
    workflow = launched(web)
    with web.client() as client:
        first = creation(workflow, "Paint the boat.", "first")(client).json()["id"]
        second = creation(workflow, "Paint the boat.", "second")(client).json()["id"]
        other = creation(workflow, "Launch the boat.", "other")(client).json()["id"]

    def none(client: httpx.Client) -> httpx.Response:
        return client.post(f"/api/v1/tasks/{second}/not-duplicate", json={})

    def one(client: httpx.Client) -> httpx.Response:
        return client.post(f"/api/v1/tasks/{other}/duplicate", json={"of": first})

    before = written(web.database)
    for request in (none, one):
        kill_within(web, EVENTS, request)
        assert written(web.database) == before, "half a ruling was left"
        web = start()
    kill_within(web, COUNT, none)
    assert written(web.database) == before, "half a ruling was left"
    kill_within(web := start(), AUDIT, none)
    kill_within(web := start(), AUDIT, one)
    db = start().database
    assert status_changes(db, second) == ["duplicated", "queued"]
    assert status_changes(db, other) == ["queued", "duplicated"]
