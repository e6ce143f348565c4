"""The fields of events: their types, and those that several events have."""

from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

FieldType = Literal["text", "number", "id", "list of texts", "list of objects"]

#: The Python types of a field's values.
_PYTHON: Final[dict[FieldType, type | tuple[type, ...]]] = {
    "text": str,
    "number": (int, float),
    "id": (str, UUID),
    "list of texts": list,
    "list of objects": list,
}


@dataclass(frozen=True)
class Field:
    """A value in an event's ``data``."""

    name: str
    type: FieldType
    sentence: str
    optional: bool = False
    """Whether the value may be missing or null."""

    def takes(self, value: Any) -> bool:
        """Say whether the field may hold the value."""
        return (self.optional and value is None) or isinstance(value, _PYTHON[self.type])


def text(name: str, sentence: str, *, optional: bool = False) -> Field:
    """Return a field that holds a text."""
    return Field(name, "text", sentence, optional)


FROM: Final = text("from", "The status before.")
TO: Final = text("to", "The status now.")
REASON: Final = text("reason", "Why, in words.")
REASON_IF_ANY: Final = text("reason", "Why, in words.", optional=True)
HOST: Final = text("host", "Name of the host.")
AHEAD: Final = Field("ahead_seconds", "number", "How far it is ahead; less than 0: behind.")
PATH: Final = text("path", "Folder on that host that has the work.")
COMMIT_IF_ANY: Final = text("commit", "The commit, if there is one.", optional=True)
MESSAGE: Final = Field("message_id", "id", "Of the message.")
RESULT: Final = Field("result_id", "id", "Of the result.")
MEMORY: Final = Field("memory_id", "id", "Of the memory.")
QUESTION: Final = Field("question_id", "id", "Of the question.")
REVIEW: Final = Field("review_id", "id", "Of the review.")
REVIEWED_COMMIT: Final = text("commit", "The commit that it is about.")
ITERATION: Final = Field("iteration", "number", "Its number among the reviews of the task.")
OUTCOME: Final = text("outcome", "What the workflow has come to, as the agent says.")
TOKEN: Final = Field("token_id", "id", "Of the token.")
DEFINITION: Final = Field("definition_id", "text", "Of the definition.")
FEEDBACK: Final = text("feedback", "The first 500 characters of the feedback.")
PROGRAMS: Final = Field("programs", "list of texts", "Agent programs that it has.")
BRANCH: Final = text("branch", "The base branch.")
FAULT_CAUSE: Final = text("cause", "Of the fault: disk, starts or repository.")
FAULT_REPOSITORY: Final = text(
    "repository", "The only repository that the fault concerns.", optional=True
)
ORPHAN: Final = (
    HOST,
    text("kind", "Of the thing: session, process, worktree, branch or mirror."),
    text("name", "Id of its agent, name of its folder, or that with a branch."),
)
FAULT: Final = (HOST, FAULT_CAUSE, FAULT_REPOSITORY)
BY: Final = text("by", "The person.")
ATTENTION: Final = (
    Field("item_id", "id", "Of the item."),
    text("kind", "Of the item."),
    text("act", "One of snoozed, dismissed and restored."),
    BY,
    text("until", "When it comes back, if it was snoozed.", optional=True),
)
NOTIFICATION: Final = (
    Field("notification_id", "id", "Of the message."),
    text("channel", "Its name in the configuration."),
    Field("tries", "number", "How often it was sent."),
    text("reason", "Why the channel did not take it.", optional=True),
)
BUDGET: Final = (
    Field("budget_id", "id", "Of the budget."),
    text("scope", "One of task, workflow and day."),
    text("action", "Its consequence once it is spent: warn, park or stop."),
    Field("dollars", "number", "The most dollars.", optional=True),
    Field("tokens", "number", "The most tokens.", optional=True),
)
NEW_TASK: Final = (
    Field("phase_id", "number", "Its phase.", optional=True),
    text("kind", "Its purpose: work, conflict, review, result_review or diagnosis."),
    text("created_by", "Its creator."),
    text("description", "The first 500 characters of it."),
    Field("related_to", "id", "A task that is alike.", optional=True),
)
ASKED: Final = (
    QUESTION,
    text("text", "The first 500 characters of it."),
    Field("options", "list of texts", "The answers to choose from; empty: any text."),
    text("wait", "yes: its agent ends until the answer; no: it goes on meanwhile."),
    text("expires_at", "Until when it can be answered."),
)
DIAGNOSIS: Final = (
    Field("diagnosis_id", "id", "Of the run."),
    Field("number", "number", "Of the run, from 1 within the workflow."),
)
DELIVERY_CHECK: Final = (
    text("commit", "The commit that was checked."),
    text("command", "Of the check."),
    text("status", "One of passed, failed and error."),
    Field("seconds", "number", "How long it took."),
)
LEARNED: Final = (
    MEMORY,
    text("type", "Of the memory."),
    text("text", "The first 500 characters of it."),
    text("joined", "yes: it says the same as one that was known; no: it is new."),
)
SET_UP: Final = (
    text("command", "The command."),
    text("status", "One of succeeded, failed and timed_out."),
    Field("seconds", "number", "How long it took."),
    text("copied_from", "When the set-up ran whose result was copied; empty: the command ran."),
)
INTERVENTION: Final = (
    Field("intervention_id", "id", "Of the intervention."),
    text("action", "The act."),
    text("cause", "The verdict for which it is done."),
    Field("evidence", "list of texts", "What the verdict is based on, in lines."),
)
INTERVENTION_EFFECT: Final = (
    *INTERVENTION[:3],
    text("effect", "One of headway, none and ended."),
)
INTERVENTION_UNDONE: Final = (
    *INTERVENTION[:3],
    text("by", "The person."),
)
FINE: Final = (
    Field("minutes", "number", "From now on; 0: no more."),
    text("by", "The person."),
)
ASSESSED: Final = (
    text("from", "The verdict before.", optional=True),
    text("to", "The verdict now."),
    Field("evidence", "list of texts", "What it is based on, in lines."),
)
NEW_HOST: Final = (
    HOST,
    Field("slots", "number", "Agents that it runs at once."),
    Field("labels", "list of texts", "Its labels."),
    PROGRAMS,
)
