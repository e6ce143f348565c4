"""The page of a workflow with 5,000 tasks: its size, that of a refresh after a change, its time.

A web process answers on a database that is filled directly. Most tasks are done, some failed, some
wait; each change is that a host claims one of these.
"""

import gzip
import http.client
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from bench.databases import new_database, settle
from bench.rows import Row, Target, p50
from bench.surroundings import DEFINITION, Stack, running_stack
from bench.web_process import Client, web_process
from hephaestus_core.agents import claims
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions import service as definitions
from hephaestus_core.hosts import service as hosts
from hephaestus_core.intake import service as intake
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder

TASKS = 5000
TURNS = 40
CHANGES = 24
_PARTS = 50
_WARMING = 5
_HOST = "bench"
_MS, _KB = 1000, 1000
_VERSION = re.compile(r'data-part="([\w-]+)" data-version="(\w+)"')

#: Below the first task fifty, and below each of these ninety-nine.
_BELOW = text("""
    INSERT INTO tasks (id, workflow_id, phase_id, kind, description, title, done_definition, depth,
                       parent_task_id, status, priority, required_labels, created_by, attempt,
                       created_at, queued_at, started_at, completed_at, failure_reason)
    SELECT gen_random_uuid(), t.workflow_id, t.phase_id, t.kind, t.description,
           'Part ' || n || ' of the work, which is named ' || left(md5(random()::text), 12),
           t.done_definition, t.depth + 1, t.id, s.status, 1, t.required_labels, t.created_by, 1,
           t.created_at + n * interval '1 second', now(), now() - interval '5 minutes',
           CASE WHEN s.status IN ('done', 'failed') THEN now() - n * interval '1 second' END,
           CASE WHEN s.status = 'failed' THEN 'The agent has crashed three times.' END
    FROM tasks t, generate_series(1, :number) n, LATERAL (
        SELECT CASE WHEN n % 30 = 0 THEN 'failed' WHEN n % 20 = 1 THEN 'queued' ELSE 'done' END
            AS status
    ) s
    WHERE t.workflow_id = :workflow_id AND t.depth = :depth
""")


def measure() -> dict[str, Row]:
    """Return the rows ``workflow_page_kb``, ``workflow_refresh_kb`` and ``workflow_page_ms``."""
    with running_stack() as stack, _filled(stack) as workflow:
        times = [workflow.answer()[0] for _ in range(_WARMING + TURNS)][_WARMING:]
        _, size, page = workflow.answer()
        refreshes = [_refreshed(workflow) for _ in range(CHANGES)]
    sizes = {"kb": refreshes, "kb_max": max(refreshes)}
    return {
        "workflow_page_kb": Row(size, "kB", Target(40), 1, {"characters": len(page)}),
        "workflow_refresh_kb": Row(p50(refreshes), "kB", Target(5), CHANGES, sizes),
        "workflow_page_ms": Row(p50(times), "ms", Target(40), TURNS, {"ms": times}),
    }


@dataclass(frozen=True)
class _Workflow:
    """A workflow with its database and a web process."""

    client: Client
    database: Database
    id: UUID

    def answer(self, known: str | None = None) -> tuple[float, float, str]:
        """Return milliseconds, kilobytes as sent, and the text of the page.

        Args:
            known: the versions of the parts that the reader has; None: it has nothing.
        """
        headers = {"Authorization": f"Bearer {self.client.token}", "Accept": "text/html"}
        headers["Accept-Encoding"] = "gzip"
        if known is not None:
            headers["X-Parts"] = known
        began = time.perf_counter()
        self.client.connection.request("GET", f"/workflows/{self.id}", headers=headers)
        answer = self.client.connection.getresponse()
        body = answer.read()
        taken = (time.perf_counter() - began) * _MS
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"The page was answered with {answer.status}.")
        packed = answer.headers["Content-Encoding"] == "gzip"
        return taken, len(body) / _KB, (gzip.decompress(body) if packed else body).decode()

    def change(self) -> None:
        """Let the host claim a task."""
        claimed = claims.claim_next(
            self.database,
            _HOST,
            most_in_system=100,
            lease_seconds=3600,
            defaults=claims.Defaults("scripted"),
        )
        if claimed is None:
            raise RuntimeError("Nothing could be claimed, though tasks are queued.")


def _refreshed(workflow: _Workflow) -> float:
    """Change a task; return the kilobytes that a reader then gets."""
    _, _, page = workflow.answer()
    workflow.change()
    known = " ".join(f"{name}={version}" for name, version in _VERSION.findall(page))
    return workflow.answer(known)[1]


@contextmanager
def _filled(stack: Stack) -> Iterator[_Workflow]:
    with new_database(stack, "bench_outline") as (database, url):
        hosts.register(database, _HOST, slots=50, labels=[], lease_seconds=3600)
        definitions.save_definition(database, DEFINITION.to_dict())
        order = LaunchOrder(definition_id=DEFINITION.id, repository="/nowhere")
        started = lifecycle.start_workflow(database, order)
        intake.create_task(
            database, TaskOrder(workflow_id=started.id, description="Do the work.", phase_id=1)
        )
        with database.transaction() as session:
            for depth, number in enumerate((_PARTS, TASKS // _PARTS - 1)):
                given = {"workflow_id": started.id, "depth": depth, "number": number}
                session.execute(_BELOW, given)
        settle(database)
        with web_process(stack.home.parent / "web_outline", url) as client:
            yield _Workflow(client, database, started.id)
