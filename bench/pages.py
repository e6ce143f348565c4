"""The time of pages with 10,000 tasks, 500 workflows and 5,000 agents stored, and with a tenth.

One real server has two databases, each with a web process; requests alternate between them. The
same work is open in both: what differs is what was done before.
"""

import http.client
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from bench.databases import new_database, settle
from bench.rows import Row, Target, p50, percentile
from bench.surroundings import DEFINITION, Stack, running_stack
from bench.web_process import Client, web_process
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions import service as definitions
from hephaestus_core.hosts import service as hosts
from hephaestus_core.intake import service as intake
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder

FEW, MANY = 50, 500
TASKS_EACH, AGENTS_EACH = 20, 10
OPEN = 20
PAGES = {
    "home": "/",
    "inbox": "/inbox",
    "workflows": "/workflows",
    "ended_agents": "/agents?live=no",
}
TURNS = 60
_WARMING = 10
_HOST = "bench"
_MS = 1000

#: Workflows of the past, one an hour; what they name is filled in below.
_WORKFLOWS = text("""
    INSERT INTO workflows (
        id, definition_id, title, description, status, repository, base_branch, config,
        integration_branch, working_directory, auto_merge, conflict_resolution, launch_params,
        delivery_status, delivery_since, created_at, completed_at, closed_reason)
    SELECT gen_random_uuid(), definition_id, 'Work of the past ' || n, description, 'completed',
           repository, base_branch, config, integration_branch, working_directory, auto_merge,
           conflict_resolution, launch_params, 'delivered', at + interval '50 minutes', at,
           at + interval '50 minutes', 'its result was accepted'
    FROM (SELECT * FROM workflows ORDER BY created_at LIMIT 1) one, generate_series(1, :more) n,
         LATERAL (SELECT now() - n * interval '1 hour' AS at) times
""")
_PHASES = text("""
    INSERT INTO phases (workflow_id, phase_id, name, spec)
    SELECT w.id, p.phase_id, p.name, p.spec FROM workflows w CROSS JOIN (
        SELECT * FROM phases
        WHERE workflow_id = (SELECT id FROM workflows WHERE status = 'active' LIMIT 1)) p
    WHERE w.status = 'completed'
""")
_TASKS = text("""
    INSERT INTO tasks (id, workflow_id, phase_id, kind, description, title, done_definition,
                       status, priority, required_labels, created_by, created_at, queued_at,
                       started_at, completed_at, attempt, summary)
    SELECT gen_random_uuid(), w.id, 1, 'work', repeat('Words of a task. ', 30), 'Task ' || n, '',
           CASE WHEN n % 20 = 0 THEN 'failed' ELSE 'done' END, 0, '{}', 'person', w.created_at,
           w.created_at, w.created_at, w.created_at + n * interval '2 minutes', 1, 'It is done.'
    FROM workflows w, generate_series(1, :tasks) n WHERE w.status = 'completed'
""")
_AGENTS = text("""
    INSERT INTO agents (id, task_id, workflow_id, attempt, host, program, status, lease_expires_at,
                        branch, prompt, started_at, ended_at, released_at)
    SELECT gen_random_uuid(), t.id, t.workflow_id, 1, :host, 'scripted', 'finished', now(),
           'hephaestus/task/' || left(t.id::text, 8), repeat('Words of a prompt. ', 150),
           t.started_at, t.completed_at, t.completed_at
    FROM (SELECT *, row_number() OVER (PARTITION BY workflow_id ORDER BY completed_at) AS number
          FROM tasks WHERE completed_at IS NOT NULL) t
    WHERE t.number <= :agents
""")
_MERGES = text("""
    INSERT INTO merges (id, workflow_id, task_id, agent_id, branch, tip, status, commit, files,
                        insertions, deletions, conflicts, created_at, merged_at)
    SELECT gen_random_uuid(), workflow_id, task_id, id, branch, 'tip', 'merged', 'commit', 3, 120,
           30, '[]', ended_at, ended_at
    FROM agents
""")
_EVENTS = text("""
    INSERT INTO events (type, workflow_id, task_id, data)
    SELECT 'task.status_changed', workflow_id, id, '{}' FROM tasks
""")
#: Of the open workflows, every second one has a task that failed for good.
_FAIL = text("""
    UPDATE tasks SET status = 'failed', started_at = created_at, completed_at = now(),
                     failure_class = 'permanent', failure_reason = 'no such model'
    WHERE id IN (SELECT id FROM tasks ORDER BY created_at LIMIT :failed)
""")


def measure() -> dict[str, Row]:
    """Return a row for each page, and the row ``page_growth``."""
    with running_stack() as stack, _web(stack, FEW) as few, _web(stack, MANY) as many:
        times = {name: _times(few, many, path) for name, path in PAGES.items()}
    rows = {
        f"page_{name}_ms": Row(
            p50(with_many),
            "ms",
            Target(40),
            TURNS,
            {"ms": with_many, "ms_p95": percentile(with_many, 95), "ms_with_a_tenth": with_few},
        )
        for name, (with_few, with_many) in times.items()
    }
    growth = {name: p50(with_many) / p50(with_few) for name, (with_few, with_many) in times.items()}
    return rows | {"page_growth": Row(max(growth.values()), "x", Target(1.3), TURNS, growth)}


def _times(few: Client, many: Client, path: str) -> tuple[list[float], list[float]]:
    """Return the milliseconds of one page with little and with much stored."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(-_WARMING, TURNS):
        found = [_milliseconds(client, path) for client in (few, many)]
        if turn >= 0:  # The first turns only open connections and fill caches.
            for kept, taken in zip(times, found, strict=True):
                kept.append(taken)
    return times


def _milliseconds(client: Client, path: str) -> float:
    headers = {"Authorization": f"Bearer {client.token}", "Accept": "text/html"}
    began = time.perf_counter()
    client.connection.request("GET", path, headers=headers)
    answer = client.connection.getresponse()
    page = answer.read()
    taken = (time.perf_counter() - began) * _MS
    if answer.status != http.HTTPStatus.OK or b"</html>" not in page:
        raise RuntimeError(f"{path} was answered with {answer.status}: {page[:200]!r}")
    return taken


@contextmanager
def _web(stack: Stack, workflows: int) -> Iterator[Client]:
    """Run a web process on a new database of the stack's server with so many workflows."""
    with new_database(stack, f"bench_pages_{workflows}") as (database, url):
        _fill(database, workflows)
        with web_process(stack.home.parent / f"web_pages_{workflows}", url) as client:
            yield client


def _fill(db: Database, workflows: int) -> None:
    hosts.register(db, _HOST, slots=1, labels=[], lease_seconds=3600)
    definitions.save_definition(db, DEFINITION.to_dict())
    order = LaunchOrder(definition_id=DEFINITION.id, repository="/nowhere")
    for _ in range(OPEN):
        started = lifecycle.start_workflow(db, order)
        intake.create_task(
            db, TaskOrder(workflow_id=started.id, description="Do the work.", phase_id=1)
        )
    with db.transaction() as session:
        session.execute(text("SET LOCAL statement_timeout = '300s'"))
        session.execute(_FAIL, {"failed": OPEN // 2})
        session.execute(_WORKFLOWS, {"more": workflows - OPEN})
        session.execute(_PHASES)
        session.execute(_TASKS, {"tasks": TASKS_EACH})
        session.execute(_AGENTS, {"agents": AGENTS_EACH, "host": _HOST})
        session.execute(_MERGES)
        session.execute(_EVENTS)
    settle(db)
