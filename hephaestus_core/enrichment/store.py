"""Tables of hints on tasks; joins the open transaction."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.enrichment.models import TaskHint
from hephaestus_core.enrichment.rules import HintsView, TaskHints, TaskText, kept
from hephaestus_core.llm.views import Reply
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task

_ANSWERED: Final = LlmOutcome.ANSWERED


def wanted(session: Session, task: "Task") -> TaskText | None:
    """Return the text of a task whose current attempt should be given hints; None: it should not.

    A task has them once. After a call without an answer, the next attempt asks again. Tasks of the
    system have instructions of their own.
    """
    known = session.get(TaskHint, task.id)
    if KINDS[task.kind].template is not None or _is_asked(known, task.attempt):
        return None
    workflow = workflows.get(session, task.workflow_id)
    return TaskText(
        task_id=task.id,
        workflow_id=workflow.id,
        attempt=task.attempt,
        repository=workflow.repository,
        base_branch=workflow.base_branch,
        title=task.title,
        description=task.description,
        done_definition=task.done_definition,
        phase=_phase(session, task),
        purpose=f"{workflow.title}\n{workflow.description}",
    )


def keep(session: Session, task: TaskText, reply: Reply[TaskHints], paths: Sequence[str]) -> None:
    """Keep a model's hints, or the reason for none; the first hints stay."""
    hints = None if reply.answer is None else kept(reply.answer, frozenset(paths))
    values = {
        "attempt": task.attempt,
        "outcome": reply.outcome,
        "detail": reply.detail,
        "model": reply.model,
        **({} if hints is None else hints.model_dump()),
    }
    session.execute(
        insert(TaskHint)
        .values(task_id=task.task_id, **values)
        .on_conflict_do_update(
            index_elements=[TaskHint.task_id],
            set_=values,
            where=TaskHint.outcome != _ANSWERED,
        )
    )


def hints_of(session: Session, task_id: UUID) -> HintsView | None:
    """Return the outcome of asking for hints on a task; None: nobody was asked."""
    return hints_view(session.get(TaskHint, task_id))


def hints_view(found: TaskHint | None) -> HintsView | None:
    """Return a row as readers see it."""
    if found is None:
        return None
    return HintsView(
        outcome=found.outcome,
        detail=found.detail,
        done_when=found.done_when,
        checks=found.checks,
        files=found.files,
        model=found.model,
        asked_at=found.asked_at,
    )


def _is_asked(known: TaskHint | None, attempt: int) -> bool:
    return known is not None and (known.outcome == _ANSWERED or known.attempt >= attempt)


def _phase(session: Session, task: "Task") -> str:
    if task.phase_id is None:
        return ""
    phase = workflows.phase(session, task.workflow_id, task.phase_id)
    return f"{phase.name}\n{phase.spec['description']}"
