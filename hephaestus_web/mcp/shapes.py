"""Parameters and answers that tools of agents and of people share.

Models pay for each character, so lists show only the beginnings of texts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, FailFast, Field
from pydantic_core import PydanticCustomError

from hephaestus_core.changes.rules import DiffView
from hephaestus_core.contract.texts import UNSTORABLE, is_storable
from hephaestus_core.messages.views import MessageView
from hephaestus_core.results.views import ResultView
from hephaestus_core.reviews.views import ReviewView
from hephaestus_core.tasks.views import TaskView


def _storable(text: str) -> str:
    if not is_storable(text):
        raise PydanticCustomError("unstorable", f"It {UNSTORABLE.rstrip('.')}")
    return text


#: A name, an id or a path: used as it is, while free texts are cleaned first.
Word = Annotated[str, AfterValidator(_storable)]
#: Of many wrong items, only the first is told.
Texts = Annotated[list[str], FailFast()]
Priority = Literal["low", "medium", "high", "critical"]
CliTool = Annotated[Word | None, Field(description="Agent program; default: as the phase says.")]
CliModel = Annotated[
    Word | None,
    Field(description="Model for that program; default: the phase's, for the phase's program."),
]
Title = Annotated[str, Field(description="One line; empty: the first of the description.")]
PhaseNumber = Annotated[int, Field(ge=0, le=2**31 - 1, description="Number of the phase.")]
After = Annotated[
    list[UUID],
    FailFast(),
    Field(description="Tasks, by id; the new one starts only once all of them are done."),
]
OnlyStatus = Annotated[Word, Field(description="Only those in this state; empty: all.")]
OnlyPhase = Annotated[int, Field(ge=-1, description="Only tasks of this phase; -1: all.")]
OnlyAgents = Annotated[
    int, Field(ge=-1, le=2**31 - 1, description="Only agents at tasks of this phase; -1: all.")
]
WithPatch = Annotated[bool, Field(description="Also the patch: up to 256 KiB of text.")]
ExpectedCommit = Annotated[
    str, Field(description="Commit of the diff that was looked at; no other one is delivered.")
]
Reason = Annotated[str, Field(description="Why, for whoever reads the history.")]
Cursor = Annotated[Word, Field(description="next_cursor of the page before; empty: first page.")]
NextCursor = Annotated[str | None, Field(description="Continues after this page; null: the end.")]
NextStep = Annotated[str, Field(description="What happens next, and what to do.")]
Limit = Annotated[int, Field(ge=1, le=200, description="Most items to return.")]
OnlyResult = Annotated[
    UUID | None, Field(description="Only this result, whole; null: all, the beginnings of texts.")
]

#: Characters of a description that lists show.
_LIST_TEXT: Final = 300
#: Characters of each text of a result that lists show, and how much of its evidence.
_RESULT_TEXT: Final = 2000
_EVIDENCE: Final = 10


@dataclass(frozen=True)
class TaskState:
    """A task that was made or changed."""

    task_id: UUID
    status: str


@dataclass(frozen=True)
class ReviewState:
    """A review that was judged, and its status after that."""

    review_id: UUID
    task_id: UUID
    status: str


@dataclass(frozen=True)
class TaskLine:
    """A task in a list; description and summary are cut off."""

    task_id: UUID
    phase_id: int | None
    phase_name: str | None
    kind: str
    status: str
    priority: str
    title: str
    description: str
    summary: str | None
    parent_task_id: UUID | None
    created_by_agent_id: UUID | None
    agent_id: UUID | None


@dataclass(frozen=True)
class Sent:
    """How many agents a message went to, and the ids of their messages."""

    recipients: int
    message_ids: list[UUID]
    next_step: NextStep


@dataclass(frozen=True)
class Results:
    """A page of a workflow's results, oldest first."""

    results: list[ResultView]
    next_cursor: NextCursor


def sent_to(sent: Sequence[MessageView]) -> Sent:
    """Return the receipt for messages that were just sent."""
    receipts = "It is given to its readers at their next pause; get_messages has the receipts."
    told = receipts if sent else "Nobody is at work there, so nobody gets it."
    return Sent(len(sent), [message.id for message in sent], told)


def shortened(text: str, most: int = _LIST_TEXT) -> str:
    """Return the beginning of a text for a list."""
    return text if len(text) <= most else text[:most] + " […]"


def listed_result(result: ResultView) -> ResultView:
    """Return the result with shortened texts, for a list."""
    return replace(
        result,
        explanation=shortened(result.explanation, _RESULT_TEXT),
        evidence=[shortened(item) for item in result.evidence[:_EVIDENCE]],
        content=shortened(result.content, _RESULT_TEXT),
        feedback=None if result.feedback is None else shortened(result.feedback, _RESULT_TEXT),
    )


def review_state(review: ReviewView) -> ReviewState:
    """Return what a review has come to."""
    return ReviewState(review.id, review.task_id, review.status)


def shown_diff(diff: DiffView, *, with_patch: bool) -> DiffView:
    """Return the diff, with its patch only if asked for."""
    return diff if with_patch else replace(diff, patch="")


def task_line(task: TaskView) -> TaskLine:
    """Return the task with shortened texts, for a list."""
    return TaskLine(
        task_id=task.id,
        phase_id=task.phase_id,
        phase_name=task.phase_name,
        kind=task.kind,
        status=task.status,
        priority=task.priority,
        title=task.title,
        description=shortened(task.description),
        summary=None if task.summary is None else shortened(task.summary),
        parent_task_id=task.parent_task_id,
        created_by_agent_id=task.created_by_agent_id,
        agent_id=task.agent_id,
    )
