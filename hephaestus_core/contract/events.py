"""The types of event: each with a name, a sentence and its fields.

``hephaestus_core.events.log.emit`` accepts only these; `docs/events.md` is generated from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal, Self
from uuid import UUID

from hephaestus_core.contract.limits import LIMITS

FieldType = Literal["text", "number", "id", "list of texts", "list of objects"]

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


def _text(name: str, sentence: str, *, optional: bool = False) -> Field:
    return Field(name, "text", sentence, optional)


_FROM: Final = _text("from", "The status before.")
_TO: Final = _text("to", "The status now.")
_REASON: Final = _text("reason", "Why, in words.")
_REASON_IF_ANY: Final = _text("reason", "Why, in words.", optional=True)
_HOST: Final = _text("host", "Name of the host.")
_AHEAD: Final = Field("ahead_seconds", "number", "How far it is ahead; less than 0: behind.")
_PATH: Final = _text("path", "Folder on that host that has the work.")
_COMMIT_IF_ANY: Final = _text("commit", "The commit, if there is one.", optional=True)
_MESSAGE: Final = Field("message_id", "id", "Of the message.")
_RESULT: Final = Field("result_id", "id", "Of the result.")
_QUESTION: Final = Field("question_id", "id", "Of the question.")
_REVIEW: Final = Field("review_id", "id", "Of the review.")
_REVIEWED_COMMIT: Final = _text("commit", "The commit that it is about.")
_ITERATION: Final = Field("iteration", "number", "Its number among the reviews of the task.")
_OUTCOME: Final = _text("outcome", "What the workflow has come to, as the agent says.")
_TOKEN: Final = Field("token_id", "id", "Of the token.")
_DEFINITION: Final = Field("definition_id", "text", "Of the definition.")
_FEEDBACK: Final = _text("feedback", "The first 500 characters of its reviewer's feedback.")
_PROGRAMS: Final = Field("programs", "list of texts", "Agent programs that it has.")
_BRANCH: Final = _text("branch", "The base branch.")
_FAULT_CAUSE: Final = _text("cause", "Of the fault: disk, starts or repository.")
_FAULT_REPOSITORY: Final = _text(
    "repository", "The only repository that the fault concerns.", optional=True
)


class EventType(StrEnum):
    """The types of event. Besides its fields, an event has the ids of workflow, task and agent."""

    sentence: str
    fields: tuple[Field, ...]

    def __new__(cls, value: str, sentence: str = "", *fields: Field) -> Self:
        event = str.__new__(cls, value)
        event._value_ = value
        event.sentence = sentence
        event.fields = fields
        return event

    DEFINITION_SAVED = (
        "definition.saved",
        "A workflow definition was registered or replaced.",
        _DEFINITION,
    )
    DEFINITION_DELETED = ("definition.deleted", "A workflow definition was deleted.", _DEFINITION)

    WORKFLOW_STARTED = (
        "workflow.started",
        "A workflow was started.",
        _DEFINITION,
        _text("notice", "What its repository lets expect, in words.", optional=True),
    )
    FACT_RECORDED = (
        "fact.recorded",
        "An agent or a person has recorded a fact of the repository.",
        _text("name", "Of the fact."),
        _text("value", "Its text; empty: it is taken back."),
        _text("recorded_by", "The agent or the person."),
    )
    WORKFLOW_QUIET = ("workflow.quiet", "The last live task of a workflow has ended.")
    WORKFLOW_COMPLETED = ("workflow.completed", "An accepted result has ended it.", _REASON)
    WORKFLOW_STOPPED = ("workflow.stopped", "A person has stopped it.", _REASON)
    WORKFLOW_APPROVAL_AWAITED = (
        "workflow.approval_awaited",
        "Its work is merged, and a person has to approve it.",
    )
    WORKFLOW_APPROVED = ("workflow.approved", "A person has approved its work.")
    WORKFLOW_DELIVERY_REQUESTED = (
        "workflow.delivery_requested",
        "Its work is due on the base branch.",
    )
    WORKFLOW_DELIVERED = (
        "workflow.delivered",
        "The base branch has its work.",
        _COMMIT_IF_ANY,
        _BRANCH,
        _REASON_IF_ANY,
    )
    WORKFLOW_DELIVERY_CHECKED = (
        "workflow.delivery_checked",
        "The check of its merged work has ended.",
        _text("commit", "The commit that was checked."),
        _text("command", "Of the check."),
        _text("status", "One of passed, failed and error."),
        Field("seconds", "number", "How long it took."),
    )
    WORKFLOW_DELIVERY_HELD = (
        "workflow.delivery_held",
        "An obstacle keeps its work from the base branch; the host tries again.",
        _COMMIT_IF_ANY,
        _BRANCH,
        _REASON,
    )
    WORKFLOW_DELIVERY_CONFLICT = (
        "workflow.delivery_conflict",
        "Its work conflicts with the base branch.",
        _COMMIT_IF_ANY,
        _BRANCH,
        _REASON,
    )
    WORKFLOW_DELIVERY_WITHDRAWN = (
        "workflow.delivery_withdrawn",
        "It was stopped before its work was on the base branch.",
        _REASON,
    )

    WORKFLOW_LIMIT_REACHED = (
        "workflow.limit_reached",
        "A limit has refused something, for the first time since it was set.",
        _text("limit", "Name of the limit."),
        Field("most", "number", "The most that it allows."),
        _REASON,
    )
    WORKFLOW_LIMITS_CHANGED = (
        "workflow.limits_changed",
        "A person has changed its limits; only the changed ones are listed.",
        *(Field(name, "number", "The most now.", optional=True) for name in LIMITS),
    )

    WORKFLOW_ROUNDS_USED_UP = (
        "workflow.rounds_used_up",
        "A join was due once more, but has had all of its rounds; a person decides.",
        Field("phase_id", "number", "The phase that joins."),
        Field("rounds", "number", "The most that it may have."),
        _REASON,
    )

    TASK_CREATED = (
        "task.created",
        "A task was created.",
        Field("phase_id", "number", "Its phase.", optional=True),
        _text("kind", "Its purpose: work, conflict, review or result_review."),
        _text("created_by", "Its creator."),
        _text("description", "The first 500 characters of it."),
    )
    TASK_STATUS_CHANGED = (
        "task.status_changed",
        "The status of a task has changed.",
        _FROM,
        _TO,
        _REASON_IF_ANY,
        _text("due_at", "When its retry may start.", optional=True),
        _text("program", "The program of its attempt, or the one to be tried next.", optional=True),
        _text("host", "The host that has claimed it.", optional=True),
        Field("attempt", "number", "Number of the attempt.", optional=True),
        _text("summary", "The first 500 characters of its agent's report.", optional=True),
        _text("nothing_follows", "Why no other work has to follow, in words.", optional=True),
        _COMMIT_IF_ANY,
    )
    TASK_BUMPED = ("task.bumped", "A person starts a queued task beyond every limit.")

    AGENT_STATUS_CHANGED = (
        "agent.status_changed",
        "The status of an agent has changed.",
        _FROM,
        _TO,
        _REASON_IF_ANY,
        Field("exit_code", "number", "Of its program, if it has ended.", optional=True),
    )
    AGENT_CHECKPOINTED = (
        "agent.checkpointed",
        "Work of a running agent was saved.",
        _text("commit", "The commit."),
    )
    AGENT_SET_UP = (
        "agent.set_up",
        "The command that makes its worktree ready has ended; the agent starts now.",
        _text("command", "The command."),
        _text("status", "One of succeeded, failed and timed_out."),
        Field("seconds", "number", "How long it took."),
    )
    AGENT_HOOK_FAILED = (
        "agent.hook_failed",
        "A hook of its worktree has failed; the work goes on.",
        _text("hook", "One of after_create and before_remove."),
        _REASON,
    )
    AGENT_REMINDED = (
        "agent.reminded",
        "The Guardian has reminded an idle agent to report.",
        Field("reminders", "number", "Number of reminders since it last worked."),
    )
    AGENT_REPORT_REFUSED = (
        "agent.report_refused",
        "A report of an attempt that is over was refused.",
        _text("report", "Kind of report."),
        Field("attempt", "number", "Number of the attempt."),
    )
    AGENT_SAVE_FAILED = (
        "agent.save_failed",
        "An agent's last work cannot be saved for now; the host tries again.",
        _HOST,
        _PATH,
        _REASON,
    )
    AGENT_WORK_KEPT = (
        "agent.work_kept",
        "An attempt has ended, and only its host has its work.",
        _HOST,
        _PATH,
        _REASON,
    )
    AGENT_WORK_SAVED = (
        "agent.work_saved",
        "Work that could not be saved before is in the origin.",
        _COMMIT_IF_ANY,
    )
    AGENT_FILES_LEFT_OUT = (
        "agent.files_left_out",
        "Files of an agent are too many or too large to be committed, or git refuses them.",
        _HOST,
        _PATH,
        _REASON,
    )
    AGENT_FILES_SET_ASIDE = (
        "agent.files_set_aside",
        "New files that an ended agent had not committed are kept on its host.",
        _HOST,
        _PATH,
        _REASON,
    )
    AGENT_COMMITS_KEPT = (
        "agent.commits_kept",
        "Commits that the branch of an ended agent does not hold are kept on its host.",
        _HOST,
        _PATH,
        _REASON,
    )
    AGENT_WORK_LOST = (
        "agent.work_lost",
        "Files or commits of an agent are lost; its task goes on from what is saved.",
        _HOST,
        _REASON,
    )
    AGENT_BEGAN_ANEW = (
        "agent.began_anew",
        "An attempt that was to resume a conversation could not, and begins anew.",
        _REASON,
    )
    AGENT_RELEASED = (
        "agent.released",
        "Nothing of an ended agent is left on its host.",
        _HOST,
    )

    MERGE_STATUS_CHANGED = (
        "merge.status_changed",
        "The status of a merge has changed.",
        _FROM,
        _TO,
    )
    MERGE_RECORDED = (
        "merge.recorded",
        "A merge is over.",
        _text("status", "Its outcome: merged or nothing."),
        _COMMIT_IF_ANY,
        Field("conflicts", "list of objects", "Files changed on both sides, as resolved."),
    )
    MERGE_HELD = ("merge.held", "An obstacle delays a merge; the host tries again.", _REASON)
    MERGE_CONFLICTED = (
        "merge.conflicted",
        "A merge conflicts with work that was merged before.",
        Field("paths", "list of texts", "Files changed on both sides."),
        _REASON_IF_ANY,
    )

    REVIEW_STARTED = (
        "review.started",
        "Work that was reported done, or left in silence, is reviewed.",
        _REVIEW,
        _REVIEWED_COMMIT,
        _ITERATION,
    )
    REVIEW_STATUS_CHANGED = (
        "review.status_changed",
        "The status of a review has changed.",
        _REVIEW,
        _REVIEWED_COMMIT,
        _ITERATION,
        _FROM,
        _TO,
        _REASON_IF_ANY,
        _text("decided_by", "The agent or the person that has judged.", optional=True),
    )
    RESULT_SUBMITTED = ("result.submitted", "An agent has submitted a result.", _RESULT, _OUTCOME)
    RESULT_ACCEPTED = ("result.accepted", "Its reviewer has accepted it.", _RESULT, _FEEDBACK)
    RESULT_REJECTED = ("result.rejected", "Its reviewer has rejected it.", _RESULT, _FEEDBACK)

    MESSAGE_SENT = (
        "message.sent",
        "A message waits for an agent.",
        _MESSAGE,
        _text("sender", "Its author."),
    )
    MESSAGE_DELIVERED = (
        "message.delivered",
        "An agent has a message.",
        _MESSAGE,
        _text("how", "asked: by its own tool; pasted: into its session."),
    )
    MESSAGE_LEFT = (
        "message.left",
        "A program did not accept a message; the message waits until the agent fetches it.",
        _MESSAGE,
        Field("pastes", "number", "Number of tries."),
    )

    MESSAGES_LOOPED = (
        "messages.looped",
        "Two agents answer each other again and again; what they write waits in the mailbox.",
        _MESSAGE,
        Field("other_agent_id", "id", "The agent that the message is for."),
    )

    QUESTION_ASKED = (
        "question.asked",
        "An agent has asked a person a question.",
        _QUESTION,
        _text("text", "The first 500 characters of it."),
        Field("options", "list of texts", "The answers to choose from; empty: any text."),
        _text("wait", "yes: its agent ends until the answer; no: it goes on meanwhile."),
        _text("expires_at", "Until when it can be answered."),
    )
    QUESTION_ANSWERED = (
        "question.answered",
        "A person has answered a question.",
        _QUESTION,
        _text("answer", "The first 500 characters of it."),
        _text("answered_by", "Who has answered."),
    )
    QUESTION_EXPIRED = (
        "question.expired",
        "Nobody has answered a question in time; its agent decides by itself.",
        _QUESTION,
    )
    QUESTION_CANCELLED = (
        "question.cancelled",
        "The task of a question has ended before a person answered.",
        _QUESTION,
    )

    HOST_REGISTERED = (
        "host.registered",
        "A worker has started on a host.",
        _HOST,
        Field("slots", "number", "Agents that it runs at once."),
        Field("labels", "list of texts", "Its labels."),
        _PROGRAMS,
    )
    HOST_PROGRAMS_CHANGED = (
        "host.programs_changed",
        "A program was installed or removed.",
        _HOST,
        _PROGRAMS,
    )
    HOST_LABELLED = (
        "host.labelled",
        "A person has given a host labels.",
        _HOST,
        Field("labels", "list of texts", "The new labels; null: its own again.", optional=True),
    )
    HOST_DRAINED = ("host.drained", "A host takes no more work.", _HOST)
    HOST_RESUMED = ("host.resumed", "A host takes work again.", _HOST)
    HOST_SUSPECTED = ("host.suspected", "A host was found silent.", _HOST)
    HOST_LOST = (
        "host.lost",
        "A host stayed silent.",
        _HOST,
        Field("attempts", "number", "Attempts that were taken from it."),
    )
    HOST_RECOVERED = ("host.recovered", "A lost host has given a sign of life.", _HOST)
    HOST_CLOCK_WRONG = (
        "host.clock_wrong",
        "A host's clock differs from the database's by two seconds or more.",
        _HOST,
        _AHEAD,
    )
    HOST_CLOCK_RIGHT = ("host.clock_right", "A host's clock is right again.", _HOST, _AHEAD)
    HOST_UNWELL = (
        "host.unwell",
        "A host claims nothing for now, since it failed by itself.",
        _HOST,
        _FAULT_CAUSE,
        _FAULT_REPOSITORY,
        _REASON,
        _text("next_try_at", "When it tries to start an agent again.", optional=True),
    )
    HOST_WELL = (
        "host.well",
        "A fault of a host is over.",
        _HOST,
        _FAULT_CAUSE,
        _FAULT_REPOSITORY,
    )

    TOKEN_CREATED = ("token.created", "An API token was created.", _TOKEN)
    TOKEN_REVOKED = ("token.revoked", "An API token was revoked.", _TOKEN)

    def check(self, data: Mapping[str, Any]) -> None:
        """Check the values for an event of this type.

        Raises:
            ValueError: a value is missing, unknown or of another type, a fault of the caller.
        """
        known = {field.name: field for field in self.fields}
        wrong = [name for name, value in data.items() if not _fits(known.get(name), value)]
        missing = [n for n, field in known.items() if not field.optional and n not in data]
        if wrong or missing:
            raise ValueError(f"{self}: wrong {wrong}, missing {missing}")


def _fits(field: Field | None, value: Any) -> bool:
    if field is None:
        return False
    return (field.optional and value is None) or isinstance(value, _PYTHON[field.type])
