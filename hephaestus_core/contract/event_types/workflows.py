"""Events of definitions, of workflows, and of what is known of their repositories."""

from typing import Final

from hephaestus_core.contract import event_fields as f
from hephaestus_core.contract.limits import LIMITS

DEFINITION_SAVED: Final = (
    "definition.saved",
    "A workflow definition was registered or replaced.",
    f.DEFINITION,
)
DEFINITION_DELETED: Final = (
    "definition.deleted",
    "A workflow definition was deleted.",
    f.DEFINITION,
)
WORKFLOW_STARTED: Final = (
    "workflow.started",
    "A workflow was started.",
    f.DEFINITION,
    f.text("notice", "What its repository lets expect, in words.", optional=True),
)
FACT_RECORDED: Final = (
    "fact.recorded",
    "An agent or a person has recorded a fact of the repository.",
    f.text("name", "Of the fact."),
    f.text("value", "Its text; empty: it is taken back."),
    f.text("recorded_by", "The agent or the person."),
)
WORKFLOW_QUIET: Final = ("workflow.quiet", "The last live task of a workflow has ended.")
WORKFLOW_COMPLETED: Final = ("workflow.completed", "An accepted result has ended it.", f.REASON)
WORKFLOW_STOPPED: Final = ("workflow.stopped", "A person has stopped it.", f.REASON)
WORKFLOW_DELETED: Final = (
    "workflow.deleted",
    "A person has deleted it; this is the last that is told of it.",
    f.text("title", "Of the workflow."),
    f.text("by", "Who has deleted it."),
)
WORKFLOW_REOPENED: Final = ("workflow.reopened", "A person has sent its work back.", f.REASON)
WORKFLOW_APPROVAL_AWAITED: Final = (
    "workflow.approval_awaited",
    "Its work is merged, and a person has to approve it.",
)
WORKFLOW_APPROVED: Final = ("workflow.approved", "A person has approved its work.")
WORKFLOW_DELIVERY_REQUESTED: Final = (
    "workflow.delivery_requested",
    "Its work is due on the base branch.",
)
WORKFLOW_DELIVERED: Final = (
    "workflow.delivered",
    "The base branch has its work.",
    f.COMMIT_IF_ANY,
    f.BRANCH,
    f.REASON_IF_ANY,
)
WORKFLOW_DELIVERY_CHECKED: Final = (
    "workflow.delivery_checked",
    "The check of its merged work has ended.",
    *f.DELIVERY_CHECK,
)
WORKFLOW_DELIVERY_HELD: Final = (
    "workflow.delivery_held",
    "An obstacle keeps its work from the base branch; the host tries again.",
    f.COMMIT_IF_ANY,
    f.BRANCH,
    f.REASON,
)
WORKFLOW_DELIVERY_CONFLICT: Final = (
    "workflow.delivery_conflict",
    "Its work conflicts with the base branch.",
    f.COMMIT_IF_ANY,
    f.BRANCH,
    f.REASON,
)
WORKFLOW_DELIVERY_WITHDRAWN: Final = (
    "workflow.delivery_withdrawn",
    "Its work was sent back, or it was stopped before that was on the base branch.",
    f.REASON,
)
WORKFLOW_LIMIT_REACHED: Final = (
    "workflow.limit_reached",
    "A limit has refused something, for the first time since it was set.",
    f.text("limit", "Name of the limit."),
    f.Field("most", "number", "The most that it allows."),
    f.Field("phase_id", "number", "The phase, for the limit most_tasks.", optional=True),
    f.REASON,
)
WORKFLOW_LIMITS_CHANGED: Final = (
    "workflow.limits_changed",
    "A person has changed its limits; only the changed ones are listed.",
    *(f.Field(name, "number", "The most now.", optional=True) for name in LIMITS),
)
WORKFLOW_ROUNDS_USED_UP: Final = (
    "workflow.rounds_used_up",
    "A join was due once more, but has had all of its rounds; a person decides.",
    f.Field("phase_id", "number", "The phase that joins."),
    f.Field("rounds", "number", "The most that it may have."),
    f.REASON,
)

DIAGNOSIS_STARTED: Final = (
    "diagnosis.started",
    "An agent is to find out why a workflow stands still.",
    *f.DIAGNOSIS,
    f.text("cause", "Why the workflow stood still, as its condition named it."),
    f.REASON,
)
DIAGNOSIS_ENDED: Final = (
    "diagnosis.ended",
    "That agent's task has ended.",
    *f.DIAGNOSIS,
    f.text("status", "The word: completed or failed."),
    f.Field("tasks_created", "number", "Without duplicates of other tasks."),
    f.text("report", "The first 500 characters of its agent's words."),
)
COHERENCE_CHANGED: Final = (
    "coherence.changed",
    "Other agents of a workflow than before are in each other's way, or none are.",
    f.Field("coherence", "number", "0 to 1; 1: all get along."),
    f.Field("agents", "number", "Live agents that were looked at."),
    f.Field("findings", "list of texts", "Each with its kind and a recommendation."),
)
