"""The cost of reading one task and 50 tasks over HTTP, with 100,000 tasks stored and with 1,000.

One real server has two databases, each with a web process; requests alternate between them.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import text

from bench.databases import new_database, settle
from bench.rows import Row, Target, p50, percentile
from bench.surroundings import DEFINITION, Stack, running_stack
from bench.web_process import Client, web_process
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions import service as workflows
from hephaestus_core.hosts import service as hosts
from hephaestus_core.intake import service as intake
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder

FEW, MANY = 1_000, 100_000
WORKFLOWS = 20
TURNS = 200
_WARMING = 20
_HOST = "bench"
_MS = 1000

#: Finished tasks: each was done in one attempt, with its events.
_TASKS = text("""
    INSERT INTO tasks (id, workflow_id, phase_id, kind, description, title, done_definition,
                       status, priority, required_labels, created_by, created_at, queued_at,
                       started_at, completed_at, attempt, summary)
    SELECT gen_random_uuid(), t.workflow_id, t.phase_id, t.kind, repeat('Words of a task. ', 30),
           t.title, t.done_definition, 'done', n % 3, t.required_labels, t.created_by,
           at, at, at, at, 1, 'It is done.'
    FROM tasks t, generate_series(1, :more) n, LATERAL (
        SELECT t.created_at - n * interval '1 second' AS at) times
""")
_AGENTS = text("""
    INSERT INTO agents (id, task_id, workflow_id, attempt, host, program, status, lease_expires_at,
                        branch, prompt, started_at, ended_at, released_at)
    SELECT gen_random_uuid(), t.id, t.workflow_id, 1, :host, 'scripted', 'finished', now(),
           'hephaestus/task/' || left(t.id::text, 8), repeat('Words of a prompt. ', 150),
           t.started_at, t.completed_at, t.completed_at
    FROM tasks t WHERE t.status = 'done'
""")
_EVENTS = text("""
    INSERT INTO events (type, workflow_id, task_id, data)
    SELECT 'task.status_changed', t.workflow_id, t.id, '{}' FROM tasks t WHERE t.status = 'done'
""")


def measure() -> dict[str, Row]:
    """Return the rows ``task_get_ms``, ``task_list_ms`` and ``task_list_growth``."""
    with running_stack() as stack, _api(stack, FEW) as few, _api(stack, MANY) as many:
        get, lists = _times(few, many)
    single = {"ms": get, "ms_p95": percentile(get, 95)}
    listed = {
        f"ms_p50_with_{FEW}": p50(lists[0]),
        f"ms_p50_with_{MANY}": p50(lists[1]),
        f"ms_with_{FEW}": lists[0],
        f"ms_with_{MANY}": lists[1],
    }
    growth = p50(lists[1]) / p50(lists[0])
    return {
        "task_get_ms": Row(p50(get), "ms", Target(6), len(get), single),
        "task_list_ms": Row(p50(lists[1]), "ms", Target(12), TURNS, listed),
        "task_list_growth": Row(growth, "x", Target(1.3), TURNS, listed),
    }


def _times(few: Client, many: Client) -> tuple[list[float], tuple[list[float], list[float]]]:
    """Alternate requests; return the milliseconds of one task of many, and of both lists."""
    ids = [item["id"] for item in many.get("/tasks?limit=500&status=done")["items"]]
    get: list[float] = []
    lists: tuple[list[float], list[float]] = ([], [])
    for turn in range(-_WARMING, TURNS):
        path = f"/tasks/{ids[turn % len(ids)]}"
        found = [_milliseconds(many.get, path)]
        found += [_milliseconds(client.get, "/tasks?limit=50") for client in (few, many)]
        if turn >= 0:  # The first turns only open connections and fill caches.
            for times, taken in zip((get, *lists), found, strict=True):
                times.append(taken)
    return get, lists


def _milliseconds(ask: Callable[[str], object], path: str) -> float:
    began = time.perf_counter()
    ask(path)
    return (time.perf_counter() - began) * _MS


@contextmanager
def _api(stack: Stack, stored: int) -> Iterator[Client]:
    """Run a web process on a new database of the stack's server with this many tasks."""
    with new_database(stack, f"bench_{stored}") as (database, url):
        _fill(database, stored)
        with web_process(stack.home.parent / f"web_{stored}", url) as client:
            yield client


def _fill(db: Database, stored: int) -> None:
    hosts.register(db, _HOST, slots=1, labels=[], lease_seconds=60)
    workflows.save_definition(db, DEFINITION.to_dict())
    order = LaunchOrder(definition_id=DEFINITION.id, repository="/nowhere")
    for _ in range(WORKFLOWS):
        started = lifecycle.start_workflow(db, order)
        intake.create_task(
            db, TaskOrder(workflow_id=started.id, description="Do the work.", phase_id=1)
        )
    with db.transaction() as session:
        session.execute(text("SET LOCAL statement_timeout = '300s'"))
        session.execute(_TASKS, {"more": stored // WORKFLOWS - 1})
        session.execute(_AGENTS, {"host": _HOST})
        session.execute(_EVENTS)
    settle(db)
