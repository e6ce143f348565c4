"""Waits for diagnoses: an agent may find out why a workflow stands still, and create what lacks."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from hephaestus_core.contract.conditions import Condition
from hephaestus_core.contract.statuses import DiagnosisStatus
from hephaestus_sdk.api.diagnosis_views import Diagnoses
from hephaestus_sdk.api.summary import WorkflowSummary
from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.waiting.events import EventCursor

#: Takes one line about what a wait waits for.
Tell = Callable[[str], None]

#: Seconds from the time of a diagnosis within which it starts: several sweeps by the default.
LATE: Final = 300.0
#: Most seconds between two looks at whether a diagnosis is still to come.
_LONGEST: Final = 5.0


class OutOfTime(Exception):
    """The deadline came while a diagnosis was due or running."""


def goes_on(
    client: HephaestusClient,
    summary: WorkflowSummary,
    cursor: EventCursor,
    *,
    deadline: float | None,
    tell: Tell,
) -> bool:
    """Wait while a diagnosis of a finished workflow is due; say whether there is work again.

    Args:
        deadline: value of ``time.monotonic()`` at which the wait ends; None: never.
        tell: is told once what the wait is for, and why it ends without further work.

    Raises:
        OutOfTime: the deadline came first.
    """
    if summary.condition.name != Condition.STANDS_STILL:
        return False
    found = client.diagnoses(summary.workflow_id)
    if not _is_expected(found):
        return _end(found, tell)
    tell(f"{summary.condition.reason} {found.outlook} Waiting for it.")
    given_up = time.monotonic() + _seconds_until(found) + LATE
    for _ in cursor.batches(deadline=deadline, longest=lambda: _LONGEST):
        now = client.summary(summary.workflow_id)
        if not now.finished or now.condition.name != Condition.STANDS_STILL:
            return not now.finished
        found = client.diagnoses(summary.workflow_id)
        if not _is_expected(found):
            return _end(found, tell)
        if time.monotonic() > given_up:
            tell(f"No diagnosis has come within {LATE:g} s of its time; is a worker running?")
            return False
    raise OutOfTime


def _is_expected(found: Diagnoses) -> bool:
    """Say whether a run is due, or has not been recorded as ended yet."""
    runs = found.items[:1]
    return found.due_at is not None or any(r.status == DiagnosisStatus.RUNNING for r in runs)


def _seconds_until(found: Diagnoses) -> float:
    if found.due_at is None:
        return 0.0
    return max(0.0, (found.due_at - datetime.now(UTC)).total_seconds())


def _end(found: Diagnoses, tell: Tell) -> bool:
    """Tell why no diagnosis follows the last one, if there was one."""
    if found.items:
        last = found.items[0]
        report = " ".join((last.report or "without a report").split())
        tell(f"Diagnosis {last.number} has {last.status}: {report[:300]}")
        tell(found.outlook)
    return False
