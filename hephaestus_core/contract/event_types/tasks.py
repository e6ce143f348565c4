"""Events of tasks."""

from typing import Final

from hephaestus_core.contract import event_fields as f

TASK_CREATED: Final = (
    "task.created",
    "A task was created.",
    *f.NEW_TASK,
)
TASK_STATUS_CHANGED: Final = (
    "task.status_changed",
    "The status of a task has changed.",
    f.FROM,
    f.TO,
    f.REASON_IF_ANY,
    f.text("due_at", "When its retry may start.", optional=True),
    f.text("program", "The program of its attempt, or the one to be tried next.", optional=True),
    f.text("host", "The host that has claimed it.", optional=True),
    f.Field("attempt", "number", "Number of the attempt.", optional=True),
    f.text("summary", "The first 500 characters of its agent's report.", optional=True),
    f.text("nothing_follows", "Why no other work has to follow, in words.", optional=True),
    f.Field("duplicate_of", "id", "The task that does its work.", optional=True),
    f.COMMIT_IF_ANY,
)
TASK_BUMPED: Final = ("task.bumped", "A person starts a queued task beyond every limit.")
