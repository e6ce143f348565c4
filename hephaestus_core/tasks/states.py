"""The state machine of a task."""

from typing import Final

from hephaestus_core.contract.machines import Machine
from hephaestus_core.contract.statuses import TaskStatus as S

MACHINE: Final = Machine(
    "Task",
    begins={S.PENDING: "created"},
    edges={
        (
            S.PENDING,
            S.QUEUED,
        ): "its creator's work is saved, and the tasks that it comes after are done",
        (S.PENDING, S.DUPLICATED): "another task does the same work",
        (S.PENDING, S.CANCELLED): "cancelled, or its workflow ended",
        (S.DUPLICATED, S.PENDING): "a person says that it is no duplicate, and it waits for others",
        (S.DUPLICATED, S.QUEUED): "a person says that it is no duplicate",
        (S.QUEUED, S.ASSIGNED): "claimed by a host",
        (S.QUEUED, S.UNDER_REVIEW): "its result was accepted meanwhile",
        (S.QUEUED, S.CANCELLED): "cancelled, or its workflow ended",
        (S.BLOCKED, S.QUEUED): "a person has answered, or the question has expired",
        (S.BLOCKED, S.UNDER_REVIEW): "its result was accepted meanwhile",
        (S.BLOCKED, S.CANCELLED): "cancelled, or its workflow ended",
        (S.ASSIGNED, S.IN_PROGRESS): "its agent has the prompt",
        (S.ASSIGNED, S.UNDER_REVIEW): "its result was accepted meanwhile",
        (S.ASSIGNED, S.QUEUED): "could not be started, or its host was lost",
        (S.ASSIGNED, S.FAILED): "could not be started, and no attempt is left",
        (S.ASSIGNED, S.CANCELLED): "cancelled, or its workflow ended",
        (S.IN_PROGRESS, S.UNDER_REVIEW): "reported done, or left in silence",
        (S.IN_PROGRESS, S.BLOCKED): "its agent has asked a person and ended until the answer",
        (S.IN_PROGRESS, S.QUEUED): "the attempt failed, or its host was lost",
        (S.IN_PROGRESS, S.FAILED): "the attempt failed, and none is left",
        (S.IN_PROGRESS, S.CANCELLED): "cancelled, or its workflow ended",
        (S.UNDER_REVIEW, S.DONE): "merged, nothing to merge, or merged later with what follows",
        (S.UNDER_REVIEW, S.NEEDS_WORK): "sent back to its agent",
        (S.UNDER_REVIEW, S.QUEUED): "its review failed, it was not saved, or its host was lost",
        (S.UNDER_REVIEW, S.FAILED): "its work was not saved or did not pass; no attempt is left",
        (S.UNDER_REVIEW, S.CANCELLED): "cancelled, or its workflow ended",
        (S.NEEDS_WORK, S.IN_PROGRESS): "its agent is at work again",
        (S.NEEDS_WORK, S.UNDER_REVIEW): "reported done again, or left in silence",
        (S.NEEDS_WORK, S.BLOCKED): "its agent has asked a person and ended until the answer",
        (S.NEEDS_WORK, S.QUEUED): "the attempt failed, or its host was lost",
        (S.NEEDS_WORK, S.FAILED): "the attempt failed, and none is left",
        (S.NEEDS_WORK, S.CANCELLED): "cancelled, or its workflow ended",
        **{
            (status, S.DUPLICATED): "a person says that another task does its work"
            for status in (
                *(S.QUEUED, S.BLOCKED, S.ASSIGNED, S.IN_PROGRESS, S.UNDER_REVIEW, S.NEEDS_WORK),
            )
        },
        (S.DONE, S.QUEUED): "restarted by a person",
        (S.FAILED, S.QUEUED): "restarted by a person",
        (S.FAILED, S.UNDER_REVIEW): "its result was accepted meanwhile",
        (S.CANCELLED, S.QUEUED): "restarted by a person",
    },
)

#: The task has ended; only a person's restart queues it again.
ENDED: Final = frozenset({S.DONE, S.FAILED, S.CANCELLED, S.DUPLICATED})

#: The task does no work, so that another one may be created with its text.
WITHDRAWN: Final = frozenset({S.FAILED, S.CANCELLED, S.DUPLICATED})

#: The task has not ended, so its workflow is not quiet.
LIVE: Final = frozenset(S) - ENDED

#: An agent holds the task.
HELD: Final = frozenset({S.ASSIGNED, S.IN_PROGRESS, S.UNDER_REVIEW, S.NEEDS_WORK})
