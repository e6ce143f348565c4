"""The check of merged work before its delivery: one verdict per commit, by one host at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.changes.mending import mending_phase
from hephaestus_core.clock import rfc3339
from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.quoting import Marks
from hephaestus_core.contract.statuses import (
    DeliveryStatus,
    HostStatus,
    WorkflowStatus,
)
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.events.log import emit
from hephaestus_core.facts.store import facts_for
from hephaestus_core.hosts import store as hosts
from hephaestus_core.intake.creation import TaskOrder, add
from hephaestus_core.workflows import deliveries
from hephaestus_core.workflows import store as workflows
from hephaestus_core.workflows.states import DELIVERING

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Workflow

#: The statuses of checks that let the work be delivered.
_GREEN: Final = frozenset({"passed"})
#: Most tasks of one workflow that mend its merged work; then it waits for a person.
_MOST_TASKS: Final = 3
#: Characters of a command in a reason, and of its output in a task.
_COMMAND_SHOWN: Final = 200
_OUTPUT_SHOWN: Final = 3000


@dataclass(frozen=True)
class CheckOrder:
    """A check that this host has to run now."""

    command: str
    runs_all_tests: bool
    """Then tests that fail on the base branch, too, do not count."""
    setup_command: str
    working_directory: str


@dataclass(frozen=True)
class Standing:
    """How the check of one commit stands."""

    verdict: Literal["passed", "refused", "running", "due"]
    """Passed also where nothing is to be checked, and where a person decided so."""
    reason: str = ""
    order: CheckOrder | None = None
    """Of a check that is due: it is this host's from now on."""


def standing(
    db: Database,
    workflow_id: UUID,
    commit: str,
    *,
    host: str,
    runs_here: bool,
    longest: timedelta,
) -> Standing:
    """Return how the check of a commit stands; give it to this host if no other runs it.

    Args:
        runs_here: this host runs a check of the workflow. If it began one and does not run it,
            its worker was killed meanwhile.
        longest: after this, a check that this host begins now is free for another host.
    """
    with db.transaction() as session:
        workflow = workflows.lock(session, workflow_id)
        order = _order(session, workflow)
        check = workflow.delivery_check or {}
        if order is None or (check.get("commit") == commit and check.get("anyway")):
            return Standing("passed")
        outcome = check.get("outcome")
        if check.get("commit") == commit and outcome is not None:
            found = CheckOutcome.from_dict(outcome)
            if found.status in _GREEN:
                return Standing("passed")
            return Standing("refused", _reason(found))
        if runs_here or _runs_elsewhere(session, check, host):
            return Standing("running")
        lost_at = rfc3339(database_now(session) + longest)
        begun = {"commit": commit, "host": host, "lost_at": lost_at}
        workflow.delivery_check = {**begun, "tasks": check.get("tasks", 0)}
        return Standing("due", order=order)


def record_outcome(
    db: Database, workflow_id: UUID, commit: str, outcome: CheckOutcome, *, host: str
) -> None:
    """Record the verdict on a commit; one that failed holds the delivery and makes a task.

    The verdict of a host that has lost the check meanwhile does not count.
    """
    with db.transaction() as session:
        workflow = workflows.lock(session, workflow_id)
        check = workflow.delivery_check or {}
        if (check.get("commit"), check.get("host")) != (commit, host) or check.get("outcome"):
            return
        red = outcome.status not in _GREEN and workflow.delivery_status in DELIVERING
        made = check.get("tasks", 0)
        if red and workflow.status == WorkflowStatus.ACTIVE and made < _MOST_TASKS:
            _add_task(session, workflow, commit, outcome)
            made += 1
        workflow.delivery_check = {**check, "outcome": outcome.to_dict(), "tasks": made}
        emit(
            session,
            EventType.WORKFLOW_DELIVERY_CHECKED,
            workflow_id=workflow_id,
            commit=commit,
            command=outcome.command,
            status=outcome.status,
            seconds=outcome.seconds,
        )
        if red:
            workflow.delivery_reason = _reason(outcome)
            workflow.delivery_held_at = database_now(session)
            told = {"commit": None, "branch": workflow.base_branch, "reason": _reason(outcome)}
            deliveries.move(session, workflow, DeliveryStatus.HELD, **told)


def _order(session: Session, workflow: "Workflow") -> CheckOrder | None:
    known = facts_for(session, workflow)
    wanted = workflow.config.get("delivery_check", "")
    runs_all_tests = wanted == "test_command"
    command = known.get("test_command", "") if runs_all_tests else wanted
    if not command.strip():
        return None
    setup = known.get("setup_command", "")
    return CheckOrder(command, runs_all_tests, setup, workflows.folder_of(workflow))


def _runs_elsewhere(session: Session, check: Mapping[str, Any], host: str) -> bool:
    """Say whether another host that is here has begun a check and may still run it."""
    other = check.get("host")
    if other in {None, host} or check.get("outcome") is not None:
        return False
    late = database_now(session) > datetime.fromisoformat(check["lost_at"])
    return not late and hosts.get(session, other).status == HostStatus.ACTIVE


def _reason(outcome: CheckOutcome) -> str:
    command = " ".join(outcome.command.split())[:_COMMAND_SHOWN]
    return (
        f"the check of the merged work failed: `{command}`: {outcome.says} Mend it, or approve "
        "the delivery to bring it to the base branch all the same."
    )


def _add_task(session: Session, workflow: "Workflow", commit: str, outcome: CheckOutcome) -> None:
    add(
        session,
        TaskOrder(
            workflow_id=workflow.id,
            phase_id=mending_phase(session, workflow),
            priority="high",
            created_by="delivery check",
            title="Mend the merged work, whose check fails",
            description=_task_text(commit, outcome),
            done_definition=f"`{outcome.command}` succeeds on the merged work.",
        ),
    )
    hosts.ring_all(session)


def _task_text(commit: str, outcome: CheckOutcome) -> str:
    marks = Marks()
    output = marks.quoted("the end of its output", outcome.output[-_OUTPUT_SHOWN:])
    return (
        f"All finished work is merged at {commit}, and together it does not pass the check before "
        f"the delivery: `{outcome.command}`. {outcome.says}\n\n"
        "Each part may have been right by itself. Find the cause and mend it; do not weaken the "
        f"check.\n\n{marks.explanation}\n{output}"
    )
