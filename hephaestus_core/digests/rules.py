"""Pure rules of digests: what happened, in words."""

from collections.abc import Mapping
from typing import Any, Final

from hephaestus_core.conditions.sentences import counted, quoted
from hephaestus_core.contract.statuses import InterventionAction, TaskStatus
from hephaestus_core.digests.views import Decision, DecisionKind

#: Decisions of one workflow that are told.
MOST_DECISIONS: Final = 10

_DID: Final = {
    InterventionAction.STEER: "sent a message to",
    InterventionAction.STEER_OTHERWISE: "sent another message to",
    InterventionAction.INTERRUPT: "interrupted",
    InterventionAction.RESTART: "started again",
    InterventionAction.RENEW: "started again, in a new conversation,",
    InterventionAction.NEXT_PROGRAM: "gave to the next program the work of",
    InterventionAction.RETRY: "began another attempt after that of",
    InterventionAction.WAIT: "let wait for a limit of its provider",
    InterventionAction.PARK: "parked for a person",
}


def outcome(ended: Mapping[str, int], *, delivered_to: str | None, launched: bool) -> str:
    """Return in words what came of a workflow's tasks.

    Args:
        ended: how many of them ended, by status.
        delivered_to: the branch to which its work went; None: it went to none.
        launched: the workflow is new.
    """
    done, failed = ended.get(TaskStatus.DONE, 0), ended.get(TaskStatus.FAILED, 0)
    cancelled = ended.get(TaskStatus.CANCELLED, 0)
    said = [
        f"{counted(done, 'task')} done" if done else "",
        f"{failed if done else counted(failed, 'task')} failed" if failed else "",
        f"{counted(cancelled, 'task')} cancelled" if cancelled else "",
        f"delivered to {delivered_to}" if delivered_to else "",
    ]
    nothing = "launched, no task ended yet" if launched else "no task ended"
    return ", ".join(part for part in said if part) or nothing


def conflict(row: Any) -> Decision:
    """Return a merge that decided between two versions of a file."""
    mine = row.kept == "theirs"
    lost = (row.ours if mine else row.theirs) or ""
    more = f" and {row.files - 1} more" if row.files > 1 else ""
    whose = f"the version of {quoted(row.title)}" if mine else "the version merged before"
    text = f"Kept {whose} of {row.path}{more}; the other is in commit {lost[:8] or 'unknown'}"
    return Decision(kind=DecisionKind.CONFLICT, at=row.at, text=text, task_id=row.task_id)


def duplicate(row: Any) -> Decision:
    """Return a task that was not run, since another asks for the same."""
    text = f"Did not run {quoted(row.title)}: the same as {quoted(row.original)}"
    return Decision(kind=DecisionKind.DUPLICATE, at=row.at, text=text, task_id=row.task_id)


def intervention(row: Any) -> Decision:
    """Return an act of the Guardian."""
    did = _DID[InterventionAction(row.action)]
    text = f"The Guardian {did} the agent of {quoted(row.title)}: {row.cause.replace('_', ' ')}"
    return Decision(kind=DecisionKind.GUARDIAN, at=row.at, text=text, task_id=row.task_id)


def delivery(row: Any) -> Decision:
    """Return that the work went to the base branch without a question."""
    text = f"Its work went to {row.base_branch}"
    return Decision(kind=DecisionKind.DELIVERY, at=row.delivered_at, text=text, task_id=None)
