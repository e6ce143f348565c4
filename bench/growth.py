"""The cost of a long queue: creating and claiming a task with 10,000 queued, and with 100.

One real server has two databases, which take turns. Each turn creates a task, claims one and ends
its attempt, so that both queues keep their lengths.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from bench.databases import new_database, settle
from bench.rows import Row, Target, p50
from bench.surroundings import DEFINITION, Stack, running_stack
from hephaestus_core.agents import claims
from hephaestus_core.agents.views import AgentView, Ending
from hephaestus_core.changes.endings import record_ended
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions import service as workflows
from hephaestus_core.hosts import service as hosts
from hephaestus_core.intake import service as intake
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.tasks import service as tasks

SHORT, LONG = 100, 10_000
TURNS = 150
WORKFLOWS = 5
_HOST = "bench"
_LEASE_SECONDS = 3600
_TARGET = Target(1.3)

_MORE_OF_THE_SAME = text("""
    INSERT INTO tasks (id, workflow_id, phase_id, kind, description, title, done_definition,
                       status, priority, required_labels, created_by, queued_at)
    SELECT gen_random_uuid(), t.workflow_id, t.phase_id, t.kind, t.description,
           t.title, t.done_definition, t.status, n % 3, t.required_labels, t.created_by,
           t.queued_at + n * interval '1 millisecond'
    FROM tasks t, generate_series(1, :more) n
""")


def measure() -> dict[str, Row]:
    """Return the rows ``create_growth`` and ``claim_growth``."""
    with running_stack() as stack, _queue(stack, SHORT) as short, _queue(stack, LONG) as long:
        short_times, long_times = _times(short, long)
    return {
        "create_growth": _row(short_times.create, long_times.create),
        "claim_growth": _row(short_times.claim, long_times.claim),
    }


def _row(short: list[float], long: list[float]) -> Row:
    figures = {
        f"seconds_p50_with_{SHORT}": p50(short),
        f"seconds_p50_with_{LONG}": p50(long),
        f"seconds_with_{SHORT}": short,
        f"seconds_with_{LONG}": long,
    }
    return Row(p50(long) / p50(short), "x", _TARGET, len(short), figures)


@dataclass(frozen=True)
class _Queue:
    """A database with a queue of tasks in several workflows."""

    db: Database
    workflow_ids: list[UUID]

    def create(self, turn: int) -> None:
        workflow_id = self.workflow_ids[turn % len(self.workflow_ids)]
        order = TaskOrder(workflow_id=workflow_id, description="Do the work.", phase_id=1)
        intake.create_task(self.db, order)

    def claim(self) -> AgentView:
        agent = claims.claim_next(
            self.db,
            _HOST,
            most_in_system=10,
            lease_seconds=_LEASE_SECONDS,
            defaults=claims.Defaults("scripted"),
        )
        if agent is None:
            raise RuntimeError("Nothing could be claimed, though tasks are queued.")
        return agent

    def end(self, agent: AgentView) -> None:
        """Cancel the task of a claimed attempt, and free its slot."""
        tasks.cancel_task(self.db, agent.task_id)
        record_ended(self.db, agent.id, fence=agent.fence, ending=Ending(commit=None))


@dataclass(frozen=True)
class _Times:
    create: list[float]
    claim: list[float]


def _times(short: _Queue, long: _Queue) -> tuple[_Times, _Times]:
    found = (_Times([], []), _Times([], []))
    for turn in range(-5, TURNS):
        for queue, times in zip((short, long), found, strict=True):
            began = time.perf_counter()
            queue.create(turn)
            created = time.perf_counter()
            agent = queue.claim()
            claimed = time.perf_counter()
            queue.end(agent)
            if turn >= 0:  # The first turns only open connections and fill caches.
                times.create.append(created - began)
                times.claim.append(claimed - created)
    return found


@contextmanager
def _queue(stack: Stack, length: int) -> Iterator[_Queue]:
    """Make a database with ``length`` queued tasks on the stack's server."""
    with new_database(stack, f"bench_{length}") as (database, _):
        yield _filled(database, length)


def _filled(db: Database, length: int) -> _Queue:
    hosts.register(db, _HOST, slots=10, labels=[], lease_seconds=_LEASE_SECONDS)
    workflows.save_definition(db, DEFINITION.to_dict())
    order = LaunchOrder(definition_id=DEFINITION.id, repository="/nowhere")
    queue = _Queue(db, [lifecycle.start_workflow(db, order).id for _ in range(WORKFLOWS)])
    for number in range(WORKFLOWS):
        queue.create(number)
    with db.transaction() as session:
        session.execute(_MORE_OF_THE_SAME, {"more": length // WORKFLOWS - 1})
    settle(db)
    return queue
