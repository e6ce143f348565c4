"""Pure decisions about tasks: priorities, and the consequence of a failure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.spelling import nearest

PRIORITIES: Final = {"low": 0, "medium": 1, "high": 2, "critical": 3}
PRIORITY_NAMES: Final = {number: name for name, number in PRIORITIES.items()}


@dataclass(frozen=True)
class RetryPolicy:
    """The number of retries of a class of failure, and the delays between them."""

    retries: int | None
    """None: any number."""
    first_delay: timedelta
    longest_delay: timedelta


#: Delays double from the first to the longest, each with a jitter of up to a half.
POLICIES: Final[dict[FailureClass, RetryPolicy]] = {
    # the machine or the network failed, not the work
    FailureClass.TRANSIENT: RetryPolicy(8, timedelta(seconds=1), timedelta(minutes=5)),
    # the host failed, not the work: the host pauses, and the task goes to another one at once
    FailureClass.HOST: RetryPolicy(None, timedelta(0), timedelta(0)),
    # the provider says "not before T"; without T, at most 15 minutes apart
    FailureClass.QUOTA: RetryPolicy(48, timedelta(minutes=2), timedelta(minutes=15)),
    # the agent gave up or ended without a report: a second attempt often succeeds, a fourth rarely
    FailureClass.AGENT_FAULT: RetryPolicy(2, timedelta(seconds=2), timedelta(minutes=1)),
    # trying again cannot help
    FailureClass.PERMANENT: RetryPolicy(0, timedelta(0), timedelta(0)),
}


@dataclass(frozen=True)
class Retry:
    """Queue the task again; not before ``due_at``."""

    due_at: datetime


@dataclass(frozen=True)
class SwitchProgram:
    """Queue the task again at once, with these programs."""

    programs: tuple[str, ...]


@dataclass(frozen=True)
class GiveUp:
    """The task has failed for good."""

    reason: str


def after_failure(
    failure_class: FailureClass,
    *,
    retries: int,
    now: datetime,
    jitter: float,
    not_before: datetime | None = None,
    programs_left: Sequence[str] = (),
) -> Retry | SwitchProgram | GiveUp:
    """Decide the consequence of a failed attempt.

    Args:
        retries: retries of this task after failures of this class. Each class counts by itself: a
            failing machine must not use up the retries of an agent.
        jitter: a random number from 0 to 1, which spreads tasks that failed together.
        not_before: end of a quota's period.
        programs_left: the remaining fallbacks, if the program failed.
    """
    if programs_left:
        return SwitchProgram(tuple(programs_left))
    policy = POLICIES[failure_class]
    if policy.retries is not None and retries >= policy.retries:
        tries = f"{retries + 1} attempts that ended so" if retries else "the first attempt"
        return GiveUp(f"gave up after {tries} ({failure_class})")
    delay = min(policy.first_delay * 2 ** min(retries, 30), policy.longest_delay)
    due_at = now + delay * (1 + jitter / 2)
    return Retry(max(due_at, not_before) if not_before else due_at)


def done_definitions(phase: Mapping[str, Any], own: str | None = None) -> str:
    """Return when a task of the phase counts as done, with what its creator has added."""
    lines = [f"- {item}" for item in phase.get("done_definitions", ())]
    return "\n".join([*lines, *([own] if own else [])])


def branch_of(task_id: UUID, attempt: int) -> str:
    """Return the name of an attempt's branch."""
    return f"hephaestus/task/{task_id.hex[:12]}-{attempt}"


def priority_number(name: str) -> int:
    """Return the number that orders ``name``.

    Raises:
        InvalidInput: no such priority.
    """
    if name not in PRIORITIES:
        raise InvalidInput(
            f"Unknown priority {name!r}{nearest(str(name), list(PRIORITIES))}; "
            f"known: {', '.join(PRIORITIES)}.",
            field="priority",
        )
    return PRIORITIES[name]
