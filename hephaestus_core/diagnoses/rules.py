"""Whether a workflow is to be diagnosed now: a pure rule."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hephaestus_core.conditions.sentences import at, sentence
from hephaestus_core.conditions.views import ConditionView
from hephaestus_core.contract.conditions import CURABLE, Cause, Condition
from hephaestus_core.contract.statuses import DiagnosisStatus


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """When diagnoses start; times are in seconds."""

    enabled: bool
    still_for: float
    """As long a workflow stands still before."""
    cooldown: float
    """As long after the end of the run before."""


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """The newest run of a workflow."""

    number: int
    status: DiagnosisStatus
    tasks_created: int
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Standstill:
    """A workflow that may stand still, with its past."""

    condition: ConditionView
    since: datetime
    """When it came to stand still."""
    failed_at: datetime | None
    """When a task of it last failed for good."""
    earlier: Earlier | None
    most: int
    """Runs that the workflow may have."""


@dataclass(frozen=True)
class Outlook:
    """Whether another run is due."""

    due_at: datetime | None
    """From when on; None: none is to be expected."""
    sentence: str


def outlook(still: Standstill, rhythm: Rhythm, now: datetime) -> Outlook:
    """Say when a workflow is to be diagnosed, or why it is not."""
    refused = _unfit(still.condition, rhythm) or _spent(still)
    if refused is not None:
        return Outlook(None, refused)
    due, earlier = still.since + timedelta(seconds=rhythm.still_for), still.earlier
    if earlier is not None and earlier.ended_at is not None:
        due = max(due, earlier.ended_at + timedelta(seconds=rhythm.cooldown))
    if due > now:
        return Outlook(due, f"An agent is to find out why from {at(due, now)} on.")
    return Outlook(due, "An agent is to find out why, with the next sweep.")


def used_up(earlier: Earlier | None, most: int) -> bool:
    """Say whether the workflow has had all of its runs."""
    return earlier is not None and earlier.number >= most


def _unfit(condition: ConditionView, rhythm: Rhythm) -> str | None:
    if condition.name == Condition.WAITS_FOR_YOU:
        return sentence("it waits for a person, so no agent is started", condition.reason)
    if condition.name != Condition.STANDS_STILL:
        return "It does not stand still, so there is nothing to find out."
    if condition.cause not in CURABLE:
        return sentence("no task could change this, so no agent is started", condition.reason)
    if not rhythm.enabled:
        return "The diagnostician is off, by the setting diagnostic_agent_enabled."
    return None


def _spent(still: Standstill) -> str | None:
    """Say why no run can follow the one before."""
    earlier = still.earlier
    if earlier is None:
        return None
    if earlier.status == DiagnosisStatus.RUNNING:
        return "Its diagnosis is about to end."
    if earlier.status == DiagnosisStatus.COMPLETED and _in_vain(still, earlier):
        return "The last run found nothing for agents to do, and nothing has changed since."
    if earlier.status == DiagnosisStatus.COMPLETED and _answered(still, earlier):
        return (
            "The tasks of the last run are done, and none has failed since; restart what failed "
            "before if it still matters, or stop the workflow."
        )
    if used_up(earlier, still.most):
        return (
            f"It has had {earlier.number} of {still.most} runs, and stands still again; raise its "
            "limit diagnoses_per_workflow, create a task, or stop it."
        )
    return None


def _in_vain(still: Standstill, earlier: Earlier) -> bool:
    unchanged = earlier.ended_at is not None and still.since <= earlier.ended_at
    return earlier.tasks_created == 0 and unchanged


def _answered(still: Standstill, earlier: Earlier) -> bool:
    """Say whether only what failed before the run is left: its tasks were the answer to that."""
    only_failed = still.condition.cause == Cause.TASKS_FAILED
    return only_failed and (still.failed_at is None or still.failed_at <= earlier.started_at)
