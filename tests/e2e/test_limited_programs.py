"""Real programs at a limit of their model's provider: parked without a slot, and going on after.

All but Droid tell when the limit ends; its task is tried again by the policy for limits.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import text

from hephaestus_core.clock import utcnow
from tests.e2e.planned import DONE, Plan, Planned
from tests.e2e.program_floor import Floor, floor_of
from tests.e2e.program_records import Record, Situation, keep
from tests.e2e.stack import git
from tests.integration.agents.conformance.case_claude import CLAUDE, log_in_person
from tests.integration.agents.conformance.case_codex import CODEX_CLI
from tests.integration.agents.conformance.case_droid import DROID_EXEC
from tests.integration.agents.conformance.case_opencode import OPENCODE_CLI
from tests.integration.agents.conformance.cases import ModelCase, Run
from tests.model_server import Fault, ModelServer
from tests.waiting import wait_until

pytestmark = [pytest.mark.real_program, pytest.mark.timeout(300)]

#: How long all may take on a machine that is busy with other tests.
PATIENCE: Final = 180.0
#: Seconds until each is parked, on a machine that is busy. Those that end their turn wait for a
#: sweep; OpenCode's retry is a sign by itself (15 s on a quiet one), and Droid ends.
NOTICED: Final = {"claude": 120.0, "codex": 120.0, "opencode": 30.0, "droid": 60.0}
#: How exactly OpenCode shows when it would try again.
SHOWN_EXACTLY: Final = timedelta(minutes=5)
#: The shortest time after which a limit of unknown end is tried again.
LEAST: Final = timedelta(minutes=2)


def _log_in(model: ModelServer, home: Path) -> dict[str, str]:
    """Leave the login of a person: only for those the server tells when a limit ends."""
    log_in_person(home)
    return {**CLAUDE.log_in(model, home), "ANTHROPIC_API_KEY": ""}


PERSON: Final = replace(CLAUDE, log_in=_log_in, secrets=())
#: Droid first: it is tried again after minutes, and the others after hours.
CASES: Final = (DROID_EXEC, PERSON, CODEX_CLI, OPENCODE_CLI)


def task_of(case: ModelCase) -> str:
    return f"Reach the limit of {case.name}."


def refusals(ends: datetime) -> dict[str, Fault]:
    """Return how each program's provider refuses until the limit ends."""
    reset = int(ends.timestamp())
    unified = {
        "anthropic-ratelimit-unified-status": "rejected",
        "anthropic-ratelimit-unified-reset": str(reset),
        "anthropic-ratelimit-unified-representative-claim": "five_hour",
    }
    usage: dict[str, Any] = {"type": "usage_limit_reached", "resets_at": reset, "plan_type": "plus"}
    used_up = "You exceeded your current quota."
    return {
        task_of(PERSON): Fault(429, "used up", unified),
        task_of(CODEX_CLI): Fault(429, used_up, details=usage),
        task_of(OPENCODE_CLI): Fault(429, used_up, {"retry-after": "7200"}),
        task_of(DROID_EXEC): Fault(402, "Credit balance is too low."),
    }


@pytest.fixture(scope="module")
def ends() -> datetime:
    """When the limits end, as far as programs tell it."""
    return utcnow().replace(microsecond=0, second=0) + timedelta(hours=2)


@pytest.fixture(scope="module")
def floor(ends: datetime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    plans = {}
    for case in CASES:
        wrote = Run(f"echo half > {case.name}.txt")
        plans[task_of(case)] = Plan(case, (wrote, DONE, DONE))
    planned = Planned(plans)
    planned.refusals.update(refusals(ends))
    folder = tmp_path_factory.mktemp("limited")
    with floor_of(CASES, planned, folder, slots=len(CASES)) as running:
        for case in CASES:
            running.begin(case, task_of(case))
        yield running


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_limit_parks_the_task_without_a_slot_until_it_ends(
    floor: Floor, ends: datetime, case: ModelCase
) -> None:
    stack, task = floor.stack, floor.tasks[task_of(case)]
    ended = "SELECT id FROM agents WHERE task_id = :id AND released_at IS NOT NULL"
    wait_until(
        lambda: (task_of(case), 1) in floor.planned.asked,
        timeout=PATIENCE,
        what="its model was asked again",
    )
    wait_until(lambda: stack.rows(ended, id=task), timeout=PATIENCE, what="its attempt ended")
    parked = stack.sdk.get_task(task)
    [first] = parked.attempts
    assert parked.status == "queued", (parked, first)
    assert (first.failure_class, first.attempt) == ("quota", 1), first
    assert parked.due_at is not None
    assert first.ended_at is not None
    if case in (PERSON, CODEX_CLI):
        assert parked.due_at == ends
        outcome = "parked until it ends"
    elif case is OPENCODE_CLI:
        assert abs(parked.due_at - ends) < SHOWN_EXACTLY
        outcome = "parked until it would try again"
    else:
        assert parked.due_at - first.ended_at >= LEAST - timedelta(seconds=1)
        outcome = "parked, tried again by the policy for limits"
    seconds = (first.ended_at - floor.planned.asked[task_of(case), 1]).total_seconds()
    assert seconds < NOTICED[case.name]

    del floor.planned.refusals[task_of(case)]
    with stack.database.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = now() WHERE id = :id"), {"id": task})
    stack.sdk.wait_for_completion(floor.workflows[task_of(case)], timeout=PATIENCE)
    done = stack.sdk.get_task(task)
    assert (done.status, done.attempt) == ("done", 2), done
    _, second = done.attempts
    if case is DROID_EXEC:  # it goes on with no session
        assert second.resumes_id is None
        outcome = f"{outcome}; begun anew with the work"
    else:
        outcome = f"{outcome}; goes on with its conversation"
        assert (second.resumes_id, second.worktree_id) == (first.id, first.worktree_id)
        told = floor.told(task_of(case))
        assert "# Your task" in told
        assert "Your program was ended" in told
    assert git(stack.repository, "show", f"main:{case.name}.txt") == "half"
    keep(Record(case.name, case.version, Situation.LIMIT, outcome, seconds))
