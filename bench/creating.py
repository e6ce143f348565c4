"""The cost of the look for duplicates when a task is created, and that of 16 clients one runs."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cache
from itertools import chain
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import text

from bench.databases import new_database, settle
from bench.duplicates import PAIRS
from bench.rows import Row, Target, p50, percentile
from bench.surroundings import DEFINITION, running_stack
from hephaestus_core.contract.titles import checked_title
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions import service as definitions
from hephaestus_core.intake import service as intake
from hephaestus_core.intake.comparing import Thresholds, compared
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder

_THRESHOLDS: Final = Thresholds(similarity=0.92, related=0.5)
_STORED: Final = {"duplicate_check_10k_ms": 10_000, "duplicate_check_100k_ms": 100_000}
_TARGETS: Final = {"duplicate_check_10k_ms": Target(10), "duplicate_check_100k_ms": Target(25)}
_CREATED = 200
CLIENTS, SAME = 16, 100
"""Clients that create the same tasks, and how many tasks."""
_FILL: Final = text("""
    WITH filled AS (
        INSERT INTO tasks (id, workflow_id, phase_id, kind, title, description, done_definition,
                           status, priority, required_labels, created_by)
        SELECT e.id, :workflow_id, 1, 'work', e.title, e.description, '', 'done', 1, '{}', ''
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS e(id uuid, title text, description text)
    )
    INSERT INTO task_marks (mark, task_id)
    SELECT mark, e.id FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS e(id uuid, marks bigint[]),
           unnest(e.marks) AS mark
""")


def measure() -> dict[str, Row]:
    """Return the rows of creations with many tasks stored in the phase."""
    found = {}
    with running_stack() as stack, new_database(stack, "creating") as (db, _):
        workflow_id = _start(db)
        stored = 0
        for name, wanted in _STORED.items():
            _fill(db, workflow_id, range(stored, wanted))
            stored = wanted
            seconds = [_created(db, workflow_id, number) for number in range(_CREATED)]
            raw = {"p99_ms": 1000 * percentile(seconds, 99), "stored": stored}
            found[name] = Row(1000 * p50(seconds), "ms", _TARGETS[name], len(seconds), raw)
    return found


def measure_at_once() -> dict[str, Row]:
    """Return the row ``same_tasks_wrong``: tasks that run twice or not at all, and errors."""
    with (
        running_stack() as stack,
        new_database(stack, "at_once") as (_, url),
        # A connection for each client: what waits for one longer than 10 s is refused.
        closing(Database(url, connections=3 * CLIENTS)) as db,
    ):
        workflow_id = _start(db)
        began = time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as pool:
            statuses = Counter(
                chain.from_iterable(pool.map(lambda n: _client(db, workflow_id, n), range(CLIENTS)))
            )
        raw = {"statuses": dict(statuses), "seconds": time.perf_counter() - began}
    wrong = abs(statuses["queued"] - SAME) + statuses["error"]
    return {"same_tasks_wrong": Row(wrong, "tasks", Target(0), CLIENTS * SAME, raw)}


def _start(db: Database) -> UUID:
    definitions.save_definition(db, DEFINITION.to_dict())
    order = LaunchOrder(definition_id=DEFINITION.id, repository="/nowhere")
    return lifecycle.start_workflow(db, order).id


def _client(db: Database, workflow_id: UUID, number: int) -> list[str]:
    """Create the same tasks as all others, each client from another one on."""
    texts = [f"Add a retry to the upload of part {part}." for part in range(SAME)]
    begin = number * 7 % SAME
    return [_status(db, workflow_id, each) for each in (*texts[begin:], *texts[:begin])]


def _status(db: Database, workflow_id: UUID, description: str) -> str:
    try:
        return intake.create_task(db, _order(workflow_id, description)).status
    except Exception as error:
        print(error)
        return "error"


def _order(workflow_id: UUID, description: str) -> TaskOrder:
    return TaskOrder(
        workflow_id=workflow_id, description=description, phase_id=1, compared=_THRESHOLDS
    )


def _fill(db: Database, workflow_id: UUID, numbers: Sequence[int]) -> None:
    """Store so many done tasks, each with its marks, as their creation does."""
    texts = _texts()
    for begin in range(0, len(numbers), 1000):
        rows = [_row(workflow_id, _text(texts, number)) for number in numbers[begin : begin + 1000]]
        with db.transaction() as session:
            session.execute(_FILL, {"workflow_id": workflow_id, "rows": json.dumps(rows)})
    settle(db)


def _row(workflow_id: UUID, description: str) -> dict[str, object]:
    values: dict[str, Any] = {
        "workflow_id": workflow_id,
        "phase_id": 1,
        "title": checked_title(None, description),
        "description": description,
    }
    found = compared(values).marks
    return {
        "id": str(uuid4()),
        "title": values["title"],
        "description": description,
        "marks": list({*found.whole, *found.parts}),
    }


def _created(db: Database, workflow_id: UUID, number: int) -> float:
    """Create a task like those stored, every fourth a duplicate; return the seconds it took."""
    description = _text(_texts(), number if number % 4 == 0 else -1 - number)
    began = time.perf_counter()
    intake.create_task(db, _order(workflow_id, description))
    return time.perf_counter() - began


@cache
def _texts() -> list[str]:
    return [json.loads(line)["a"] for line in PAIRS.read_text(encoding="utf-8").splitlines()]


def _text(texts: Sequence[str], number: int) -> str:
    return f"{texts[number % len(texts)]} It is about `module{number}.py`."
