"""Reports and requests of agents. The token identifies the agent, never an argument."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import store
from hephaestus_core.agents.allowances import count_task
from hephaestus_core.agents.models import Agent
from hephaestus_core.agents.proofs import checked_proof
from hephaestus_core.agents.repeated_orders import asked_before
from hephaestus_core.agents.unjudged import is_unjudged
from hephaestus_core.agents.views import Trouble
from hephaestus_core.bells import Bell, CeleryTaskName, host_queue
from hephaestus_core.contract.errors import InvalidInput, StaleAttempt, TransitionRefused
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import AgentStatus, TaskStatus
from hephaestus_core.contract.texts import DESCRIPTION_LIMIT, plain_text, plain_texts
from hephaestus_core.db.engine import Database, database_now, ring
from hephaestus_core.intake.comparing import Opinion
from hephaestus_core.intake.creation import TaskOrder, add
from hephaestus_core.intake.opinions import with_opinion
from hephaestus_core.llm.service import Llm
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.followers import missing_after
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.tasks.views import TaskView, view
from hephaestus_core.vectors.service import Vectors
from hephaestus_core.workflows import store as workflows
from hephaestus_core.workflows.limits import refusals_told

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task


def report_status(
    db: Database,
    agent_id: UUID,
    *,
    status: str,
    summary: str = "",
    key_learnings: list[str] | None = None,
    proof: Mapping[str, str] | None = None,
    failure_reason: str = "",
    nothing_follows: str = "",
    key: str | None = None,
) -> TaskView:
    """Take an agent's report on its own task.

    Done: the task goes under review; its host saves, merges and ends the agent. Failed: the
    host saves what there is, and the task's retry policy decides. The same report again is
    harmless: the first one counts.

    Args:
        key: of the call. A client whose answer was lost calls with the same key again, however
            late; that changes nothing and is answered though the attempt may be over.
        nothing_follows: why no other work has to follow, though the phase leads on.

    Raises:
        StaleAttempt: a newer attempt holds the task.
        InvalidInput: unknown status, or no summary where one is needed.
        TransitionRefused: the task's status does not allow it, such as failed after done; or the
            phase leads on, and nothing has followed yet.
    """
    _check_status(status)
    with (
        refusals_logged(db, agent_id, f"update_task_status {status}"),
        db.transaction() as session,
    ):
        task, agent, repeats = store.lock_for_call(
            session, agent_id, key=key, answered=lambda each: each.report_key
        )
        if repeats:
            return view(task, workflows.phase_name(session, task.workflow_id, task.phase_id))
        agent.last_report_at = database_now(session)
        agent.report_key = key
        if proof:
            agent.proof = checked_proof(proof) or agent.proof
        if status == "done":
            _report_done(
                session,
                task,
                agent,
                summary=summary,
                key_learnings=key_learnings or [],
                nothing_follows=nothing_follows,
            )
        elif status == "failed":
            _report_failed(session, task, agent, failure_reason or summary)
        elif task.status in {TaskStatus.ASSIGNED, TaskStatus.NEEDS_WORK}:
            note_running(session, task, agent)
        session.flush()
        session.refresh(task)
        return view(task, workflows.phase_name(session, task.workflow_id, task.phase_id))


def _check_status(status: str) -> None:
    if status not in {"in_progress", "done", "failed"}:
        raise InvalidInput(
            f"Unknown status {status!r}; report 'done', 'failed' or 'in_progress'.", field="status"
        )


def _report_done(
    session: Session,
    task: "Task",
    agent: Agent,
    *,
    summary: str,
    key_learnings: list[str],
    nothing_follows: str,
) -> None:
    words = plain_text(summary, "summary", required=True)
    learnings = plain_texts(key_learnings, "key_learnings")
    if task.status != TaskStatus.UNDER_REVIEW:
        tool = KINDS[task.kind].judges_with
        if tool is not None and is_unjudged(session, task.id, task.result_id):
            raise TransitionRefused(
                f"You have not judged yet: call {tool}, which counts as your report."
            )
        _check_followed(session, task, nothing_follows)
        task.summary, task.key_learnings = words, learnings
        if task.status == TaskStatus.ASSIGNED:
            note_running(session, task, agent)
        tasks.move(
            session,
            task,
            TaskStatus.UNDER_REVIEW,
            summary=words[:500],
            nothing_follows=task.nothing_follows,
        )
    ring_to_finish(session, agent)


def _check_followed(session: Session, task: "Task", nothing_follows: str) -> None:
    """Refuse a task of a phase that leads on if nothing has followed, unless there is a reason."""
    reason = plain_text(nothing_follows, "nothing_follows", limit=2000).strip()
    missing = missing_after(session, task, nothing_follows=reason)
    if missing is not None:
        raise TransitionRefused(missing)
    task.nothing_follows = reason or None


def _report_failed(session: Session, task: "Task", agent: Agent, reason: str) -> None:
    words = plain_text(reason, "failure_reason", required=True)
    if task.status == TaskStatus.UNDER_REVIEW:
        raise TransitionRefused(
            f"Task {task.id} is already reported done; the report cannot change. "
            "Create a task for more work."
        )
    store.note_trouble(agent, Trouble(FailureClass.AGENT_FAULT, words))
    agent.stop_requested_at = database_now(session)
    store.move(session, agent, AgentStatus.STOPPING, reason=words[:500])
    ring_to_finish(session, agent)


def create_task(
    db: Database,
    agent_id: UUID,
    order: TaskOrder,
    *,
    after_own: bool = False,
    llm: Llm | None = None,
    vectors: Vectors | None = None,
) -> TaskView:
    """Create a task on behalf of an agent, in its own workflow, to start from its saved work.

    An order asked for before returns the earlier task; see :func:`asked_before`.

    Args:
        db: the database.
        agent_id: the caller.
        order: the wish, without what the caller's identity says.
        after_own: the new task comes after the caller's own.
        llm: is asked about a task that looks like another one; None: the rules alone decide.
        vectors: lead the model to tasks in other words; None: words alone do.

    Raises:
        StaleAttempt: the agent's attempt is over.
        InvalidInput, NotFound, WorkflowClosed: see :func:`creation.add`.
        LimitReached: the attempt, or its workflow, has created as many as it may.
    """
    opinion = _opinion(db, agent_id, order, after_own=after_own, llm=llm, vectors=vectors)
    with (
        refusals_logged(db, agent_id, "create_task"),
        refusals_told(db),
        db.transaction() as session,
    ):
        # Lock order: adding takes the workflow's lock, which comes before task and agent.
        workflow_id = store.get(session, agent_id).workflow_id
        workflows.open_for_work(session, workflow_id)
        own_task, agent = store.lock_current(session, agent_id)
        agent.last_report_at = database_now(session)
        known = asked_before(
            session,
            own_task,
            agent,
            parent_task_id=order.parent_task_id or own_task.id,
            phase_id=order.phase_id,
            description=plain_text(order.description, "description", limit=DESCRIPTION_LIMIT),
        )
        if known is not None:
            if known.creator_agent_id != agent.id and tasks.adopt(session, known.id, agent.id):
                _ring_to_checkpoint(session, agent)
            return view(known, workflows.phase_name(session, workflow_id, known.phase_id))
        count_task(session, agent, own_task.kind)
        wanted = _in_the_name_of(agent, own_task, order, after_own=after_own)
        task = add(session, replace(wanted, opinion=opinion))
        _ring_to_checkpoint(session, agent)
        session.flush()
        return view(task, workflows.phase_name(session, workflow_id, task.phase_id))


def _in_the_name_of(
    agent: Agent, own_task: "Task", order: TaskOrder, *, after_own: bool
) -> TaskOrder:
    """Return the order with what the caller's identity says."""
    return replace(
        order,
        workflow_id=agent.workflow_id,
        creator_agent_id=agent.id,
        created_by=f"agent {agent.id}",
        parent_task_id=order.parent_task_id or own_task.id,
        awaits_creator=not KINDS[own_task.kind].creates_apart,
        after=(*order.after, own_task.id) if after_own else order.after,
    )


def _opinion(
    db: Database,
    agent_id: UUID,
    order: TaskOrder,
    *,
    after_own: bool,
    llm: Llm | None,
    vectors: Vectors | None,
) -> Opinion | None:
    """Return a model's opinion on the task that an agent orders; None: there is none."""
    if llm is None:
        return None
    with db.reading() as session:
        agent = store.get(session, agent_id)
        own_task = tasks.get(session, agent.task_id)
        asked = _in_the_name_of(agent, own_task, order, after_own=after_own)
    return with_opinion(db, llm, asked, vectors).opinion


class refusals_logged:  # noqa: N801 - reads as a phrase in a with statement
    """Record a refused report in a transaction of its own: the first was rolled back."""

    def __init__(self, db: Database, agent_id: UUID, report: str) -> None:
        self._db, self._agent_id, self._report = db, agent_id, report

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, StaleAttempt):
            refuse(self._db, self._agent_id, self._report)


def refuse(db: Database, agent_id: UUID, report: str) -> None:
    """Record that a report of an older attempt was refused."""
    with db.transaction() as session:
        store.tell_refused(session, store.get(session, agent_id), report)


def note_running(session: Session, task: "Task", agent: Agent) -> None:
    """Mark a locked agent and its locked task as being worked on: the agent has just reported."""
    agent.running_at = agent.running_at or database_now(session)
    store.move(session, agent, AgentStatus.WORKING)
    tasks.move(session, task, TaskStatus.IN_PROGRESS)


def _ring_to_checkpoint(session: Session, agent: Agent) -> None:
    ring(session, Bell(CeleryTaskName.CHECKPOINT_AGENT, host_queue(agent.host), (str(agent.id),)))


def ring_to_finish(session: Session, agent: Agent) -> None:
    """Ring the agent's host to end it, once the open transaction has committed."""
    ring(session, Bell(CeleryTaskName.FINISH_AGENT, host_queue(agent.host), (str(agent.id),)))
