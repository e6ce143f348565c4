"""The one rule that says how a workflow stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hephaestus_core.conditions.capacity import hindrance
from hephaestus_core.conditions.sentences import at, counted, quoted, sentence
from hephaestus_core.conditions.views import ConditionView, Facts, HostFacts
from hephaestus_core.contract.conditions import CURABLE, Cause, Condition
from hephaestus_core.contract.statuses import (
    DeliveryStatus,
    DiagnosisStatus,
    ResultStatus,
    TaskStatus,
    WorkflowStatus,
)

#: Statuses of a delivery in which a person has to do something.
_DELIVERY_WAITS: Final = {
    DeliveryStatus.AWAITING_APPROVAL: (
        Cause.APPROVAL,
        "The work waits for your approval to go to {branch}{reason}.",
    ),
    DeliveryStatus.CONFLICT: (Cause.CONFLICT, "The work conflicts with {branch}{reason}."),
    DeliveryStatus.HELD: (
        Cause.HELD_DELIVERY,
        "The work cannot be brought to {branch} now{reason}.",
    ),
}


@dataclass(frozen=True)
class _Found:
    name: Condition
    reason: str
    cause: Cause | None = None
    until: datetime | None = None


def condition(facts: Facts, hosts: Sequence[HostFacts], now: datetime) -> ConditionView:
    """Say how a workflow stands, and why.

    What waits for a person comes first, whatever goes on beside it: nobody else can do it.

    Args:
        facts: of the workflow.
        hosts: all there are.
        now: by which it is said what is still to come.
    """
    rules: tuple[Callable[[], _Found | None], ...] = (
        lambda: _over(facts, now),
        lambda: _waits(facts),
        lambda: _moves(facts, hosts, now),
    )
    found = next((said for rule in rules if (said := rule())), None) or _rests(facts, now)
    return ConditionView(
        name=found.name,
        cause=found.cause,
        reason=found.reason + _diagnosis(facts, found.cause),
        until=found.until,
        finished=finished(facts),
    )


def finished(facts: Facts) -> bool:
    """Say whether nothing more happens by itself; what waits for a person counts as finished.

    Still live are then only tasks whose conflicts are left to people, or whose work they are to
    judge, tasks that come after one which failed or was cancelled, and tasks without a budget.
    """
    left = facts.left_live + facts.stuck_tasks + facts.awaited_reviews + facts.held_by_budget
    begun = bool(facts.tasks) or facts.status != WorkflowStatus.ACTIVE
    return (
        begun
        and facts.live_tasks == left
        and facts.open_merges == facts.left_to_people
        and facts.delivery_status != DeliveryStatus.PENDING
    )


def _over(facts: Facts, now: datetime) -> _Found | None:
    if (
        facts.status == WorkflowStatus.ACTIVE
        or facts.delivery_status in _DELIVERY_WAITS
        or not finished(facts)
    ):
        return None
    when = "" if facts.closed_at is None else f" {at(facts.closed_at, now)}"
    return _Found(Condition.OVER, sentence(f"{facts.status}{when}", facts.closed_reason))


def _waits(facts: Facts) -> _Found | None:
    if facts.held_by_budget:
        waiting = f"{counted(facts.held_by_budget, 'task')} queued"
        text = sentence(f"{waiting}, and the budget of {facts.spent_budget} is spent; raise it")
        return _Found(Condition.WAITS_FOR_YOU, text, Cause.BUDGET)
    if facts.open_questions:
        number = counted(facts.open_questions, "question")
        text = sentence(f"{number} to be answered", facts.first_question)
        return _Found(Condition.WAITS_FOR_YOU, text, Cause.QUESTION)
    if facts.delivery_status in _DELIVERY_WAITS:
        cause, text = _DELIVERY_WAITS[facts.delivery_status]
        because = f": {facts.delivery_reason.rstrip('.')}" if facts.delivery_reason else ""
        reason = text.format(branch=facts.base_branch, reason=because)
        return _Found(Condition.WAITS_FOR_YOU, reason, cause)
    if facts.awaited_reviews:
        first = f"{quoted(facts.awaited_title)}: {facts.awaited_reason or 'judge it'}"
        number = counted(facts.awaited_reviews, "task")
        text = sentence(f"the work of {number} waits for your judgement", first)
        return _Found(Condition.WAITS_FOR_YOU, text, Cause.REVIEW)
    if facts.left_to_people:
        where = f"the first is {facts.left_branch} into {facts.integration_branch}"
        number = counted(facts.left_to_people, "conflict")
        text = f"{number} to be merged by hand; {where}."
        return _Found(Condition.WAITS_FOR_YOU, text, Cause.CONFLICT)
    if facts.held_merges:
        text = sentence(f"{counted(facts.held_merges, 'merge')} held", facts.held_reason)
        return _Found(Condition.WAITS_FOR_YOU, text, Cause.HELD_MERGE)
    if facts.rounds_used_up and facts.has_result and not facts.accepted and not facts.live_tasks:
        text = (
            f"Phase {quoted(facts.rounds_used_up)} has had all of its rounds, and no result is "
            "accepted; create a task, or stop the workflow."
        )
        return _Found(Condition.WAITS_FOR_YOU, text, Cause.ROUNDS_USED_UP)
    return None


def _moves(facts: Facts, hosts: Sequence[HostFacts], now: datetime) -> _Found | None:
    """Return what goes on, or what keeps the queued tasks from it; None where nothing is live."""
    queued = facts.tasks.get(TaskStatus.QUEUED, 0)
    nobody_works = facts.live_agents == 0 and facts.open_merges == 0
    held_up = nobody_works and queued == facts.live_tasks - facts.stuck_tasks > 0
    if held_up and facts.waiting and (found := hindrance(facts, hosts, now)):
        return _Found(Condition.STANDS_STILL, found.reason, found.cause, found.until)
    if nobody_works and facts.stuck_tasks == facts.live_tasks > 0:
        return _stuck(facts)
    said = [
        counted(facts.live_agents, "agent") + " at work" if facts.live_agents else "",
        counted(queued, "task") + " queued" if queued else "",
        counted(facts.open_merges, "merge") + " to be made" if facts.open_merges else "",
        f"its work goes to {facts.base_branch}"
        if facts.delivery_status == DeliveryStatus.PENDING
        else "",
    ]
    if not any(said) and not facts.live_tasks:
        return None
    text = ", ".join(part for part in said if part) or counted(facts.live_tasks, "task") + " live"
    return _Found(Condition.AT_WORK, sentence(text))


def _stuck(facts: Facts) -> _Found:
    more = f" (and {facts.stuck_tasks - 1} more)" if facts.stuck_tasks > 1 else ""
    ended = "failed" if facts.blocker_status == TaskStatus.FAILED else "was cancelled"
    text = (
        f"{quoted(facts.stuck_title)}{more} waits for task {quoted(facts.blocker_title)}, "
        f"which {ended}; restart that one, or cancel what waits."
    )
    return _Found(Condition.STANDS_STILL, text, Cause.WAITS_FOR_TASK)


def _diagnosis(facts: Facts, cause: Cause | None) -> str:
    """Return a sentence on what was found out, to stand behind the reason that it was about."""
    if cause not in CURABLE or not facts.diagnosis_report:
        return ""
    failed = facts.diagnosis_status == DiagnosisStatus.FAILED
    head = "the diagnosis of that failed" if failed else "the diagnosis of that"
    return f" {sentence(head, facts.diagnosis_report)}"


def _unmerged(facts: Facts) -> str:
    """Return a sentence on work that is not merged, since nothing has followed it."""
    if not facts.waiting_merges:
        return ""
    more = facts.waiting_merges - 1
    which = facts.waiting_branch if not more else f"{facts.waiting_branch} and {more} more"
    return f" Not merged, since no work that follows is: {which}."


def _rests(facts: Facts, now: datetime) -> _Found:
    """Return the condition of an open workflow without a live task."""
    if not facts.tasks:
        return _Found(Condition.QUIET, "It has no task yet.")
    since = "" if facts.ended_at is None else f" since {at(facts.ended_at, now)}"
    if facts.accepted:
        return _Found(Condition.QUIET, f"Its result was accepted; all tasks are over{since}.")
    if facts.result_status == ResultStatus.REJECTED:
        text = sentence(
            f"its result was rejected; all tasks are over{since}", facts.result_feedback
        )
        return _Found(Condition.STANDS_STILL, text, Cause.RESULT_REJECTED)
    if failed := facts.tasks.get(TaskStatus.FAILED, 0) - facts.failed_diagnoses:
        first = f"{quoted(facts.failed_title)}: {facts.failed_reason or 'no reason was given'}"
        text = sentence(
            f"{counted(failed, 'task')} failed for good; all tasks are over{since}", first
        )
        return _Found(Condition.STANDS_STILL, text, Cause.TASKS_FAILED)
    if facts.has_result:
        never = facts.unreached_phases
        text = (
            f"All tasks are over{since}, and no agent submitted the result that is expected"
            f"{f'; no task was created in: {never}.' if never else '.'}"
        )
        return _Found(Condition.STANDS_STILL, text, Cause.RESULT_MISSING)
    return _Found(Condition.QUIET, f"All tasks are over{since}; it takes more.{_unmerged(facts)}")
