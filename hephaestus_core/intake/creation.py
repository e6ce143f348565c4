"""Adding a task to a workflow; joins the open transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.programs import checked_program
from hephaestus_core.contract.statuses import TaskKind, TaskStatus
from hephaestus_core.contract.texts import DESCRIPTION_LIMIT, NAME_LIMIT, plain_text
from hephaestus_core.contract.titles import checked_title
from hephaestus_core.hosts.store import known_programs
from hephaestus_core.intake.comparing import Opinion, Thresholds, add_compared
from hephaestus_core.orders import order_hash, refuse_another
from hephaestus_core.tasks import dependencies, moves, store
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.tasks.merges import waiting_tip
from hephaestus_core.tasks.models import Task
from hephaestus_core.tasks.rounds import tasks_in_round
from hephaestus_core.tasks.rules import done_definitions, priority_number
from hephaestus_core.tasks.tally import count_one
from hephaestus_core.workflows import store as workflows
from hephaestus_core.workflows.limits import limits_of, refuse, refuse_in_phase

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Phase, Workflow

#: Length of a token's name and of the holder's addition.
_CREATOR_LIMIT: Final = 2 * NAME_LIMIT
_BY_KEY: Final = select(Task).where(Task.idempotency_key == bindparam("key"))


@dataclass(frozen=True, kw_only=True)
class TaskOrder:
    """A request for a task."""

    workflow_id: UUID
    description: str
    phase_id: int | None
    title: str | None = None
    """Default: the first line of the description."""
    kind: TaskKind = TaskKind.WORK
    priority: str = "medium"
    done_definition: str | None = None
    parent_task_id: UUID | None = None
    created_by: str = "person"
    creator_agent_id: UUID | None = None
    cli_tool: str | None = None
    cli_model: str | None = None
    ticket_id: str | None = None
    result_id: UUID | None = None
    start_commit: str | None = None
    after: tuple[UUID, ...] = ()
    """Tasks of the workflow; it stays pending until all of them are done."""
    awaits_creator: bool = False
    """Stay pending until the creator's work is saved, from which the task starts."""
    awaits_checks: bool = False
    """Stay pending until :func:`hephaestus_core.tasks.store.queue_checked`."""
    compared: Thresholds | None = None
    """How it is compared with the tasks of its phase; None: not at all."""
    opinion: Opinion | None = None
    """A model's, on the task that is most like it."""
    by_system: bool = False
    """The limits of the workflow do not hold for it."""
    beyond_limit: bool = False
    """It may be one task more than ``most_tasks`` of its phase."""
    idempotency_key: str | None = None
    """An equal order with the same key returns the earlier task."""

    @property
    def asked(self) -> dict[str, Any]:
        """The values that a second order with the same key must repeat."""
        unasked = {"idempotency_key", "compared", "opinion"}
        return {name: value for name, value in vars(self).items() if name not in unasked}


def add(session: Session, order: TaskOrder) -> Task:
    """Create the task that ``order`` asks for; refuses as :func:`add_in_phase` does."""
    return add_in_phase(session, order)[0]


def add_in_phase(session: Session, order: TaskOrder) -> "tuple[Task, Phase | None]":
    """Create the task that ``order`` asks for; returns it with its phase.

    If another task of the phase does the same work, the new one is *duplicated*.

    Raises:
        NotFound: no such workflow or parent task.
        WorkflowClosed: the workflow takes no more work.
        InvalidInput: unknown phase, priority or program, or a text out of bounds.
        KeyReused: the idempotency key was used for another order.
        LimitReached: the workflow or the phase has too many tasks, or an agent's task would be too
            deep.
    """
    known = _already_added(session, order)
    if known is not None:
        return known, _phase_of(session, known)
    workflow, phase = _place(session, order)
    parent = _parent(session, order)
    spec = {} if phase is None else phase.spec
    after = dependencies.checked(session, workflow.id, order.after)
    values = _values(session, order, workflow, spec, parent)
    values["start_commit"] = order.start_commit or (waiting_tip(session, after) if after else None)
    waits = order.awaits_creator or order.awaits_checks or not dependencies.all_done(after)
    task = _added(session, order, values, waits=waits)
    session.flush()
    dependencies.keep(session, task.id, after)
    if task.status != TaskStatus.DUPLICATED:
        _count(session, workflow, order)
        _check_round(session, workflow, phase, order)
    return task, phase


def _values(
    session: Session,
    order: TaskOrder,
    workflow: "Workflow",
    spec: Mapping[str, Any],
    parent: Task | None,
) -> dict[str, Any]:
    """Return the columns of the row that the order asks for, checked."""
    return {
        "workflow_id": workflow.id,
        "phase_id": order.phase_id,
        "kind": order.kind,
        "description": plain_text(
            order.description, "description", limit=DESCRIPTION_LIMIT, required=True
        ),
        "title": checked_title(order.title, order.description),
        "done_definition": done_definitions(spec, _own_definition(order)),
        "priority": priority_number(order.priority),
        "required_labels": spec.get("host_labels", []),
        "cli_tool": _program(session, order),
        "cli_model": _name(order.cli_model, "cli_model"),
        "ticket_id": _name(order.ticket_id, "ticket_id"),
        "created_by": plain_text(order.created_by, "created_by", limit=_CREATOR_LIMIT),
        "creator_agent_id": order.creator_agent_id,
        "parent_task_id": None if parent is None else parent.id,
        "depth": _depth(workflow, order, parent),
        "result_id": order.result_id,
        "awaits_creator": order.awaits_creator,
        "awaits_checks": order.awaits_checks,
        "idempotency_key": order.idempotency_key,
        "order_hash": None if order.idempotency_key is None else order_hash(order.asked),
    }


def is_compared(order: TaskOrder) -> bool:
    """Say whether other tasks of the phase may do the work of such a task."""
    is_ordinary = KINDS[order.kind].is_compared and not order.by_system
    return is_ordinary and order.phase_id is not None


def _added(session: Session, order: TaskOrder, values: dict[str, Any], *, waits: bool) -> Task:
    if order.compared is None or not is_compared(order):
        return moves.added(session, waits=waits, **values)
    return add_compared(
        session,
        order.compared,
        waits=waits,
        after=order.after,
        own_definition=_own_definition(order),
        opinion=order.opinion,
        values=values,
    )


def _already_added(session: Session, order: TaskOrder) -> Task | None:
    """Return the task of a repeated order, even if its workflow is closed."""
    if order.idempotency_key is None:
        return None
    known = session.scalar(_BY_KEY, {"key": order.idempotency_key})
    if known is not None:
        refuse_another(known.order_hash, order_hash(order.asked))
    return known


def _phase_of(session: Session, task: Task) -> "Phase | None":
    if task.phase_id is None:
        return None
    return workflows.phase(session, task.workflow_id, task.phase_id)


def _place(session: Session, order: TaskOrder) -> "tuple[Workflow, Phase | None]":
    if order.phase_id is None:
        return workflows.open_for_work(session, order.workflow_id), None
    return workflows.open_phase(session, order.workflow_id, order.phase_id)


def _own_definition(order: TaskOrder) -> str | None:
    if order.done_definition is None:
        return None
    return plain_text(order.done_definition, "done_definition").strip()


def _name(value: str | None, field: str) -> str | None:
    return None if value is None else plain_text(value, field, limit=NAME_LIMIT)


def _program(session: Session, order: TaskOrder) -> str | None:
    if order.cli_tool is None:
        return None
    return checked_program(order.cli_tool, "cli_tool", known_programs(session))


def _parent(session: Session, order: TaskOrder) -> Task | None:
    if order.parent_task_id is None:
        return None
    parent = store.get(session, order.parent_task_id)
    if parent.workflow_id != order.workflow_id:
        raise InvalidInput(
            f"Task {parent.id} belongs to another workflow and cannot be the parent.",
            field="parent_task_id",
        )
    return parent


def _depth(workflow: "Workflow", order: TaskOrder, parent: Task | None) -> int:
    depth = 0 if parent is None else parent.depth + 1
    limited = KINDS[order.kind].is_limited and order.creator_agent_id is not None
    limited = limited and not order.by_system
    if limited and depth > limits_of(workflow).task_depth:
        raise refuse(workflow, "task_depth", agent_id=order.creator_agent_id)
    return depth


def _count(session: Session, workflow: "Workflow", order: TaskOrder) -> None:
    """Count the new task, last of all: whoever counts has all its other locks by then."""
    if order.by_system or not KINDS[order.kind].is_limited:
        return
    if not count_one(session, workflow.id, most=limits_of(workflow).tasks_per_workflow):
        raise refuse(workflow, "tasks_per_workflow", agent_id=order.creator_agent_id)


def _check_round(
    session: Session, workflow: "Workflow", phase: "Phase | None", order: TaskOrder
) -> None:
    """Refuse a task beyond the most of its phase.

    All others who create tasks in the workflow wait since :func:`_count`, so the number is exact.
    """
    most = None if phase is None else phase.spec.get("most_tasks")
    if most is None or phase is None or order.by_system or order.beyond_limit:
        return
    in_round = tasks_in_round(session, workflow.id, phase.phase_id)
    if KINDS[order.kind].is_limited and in_round > most:
        raise refuse_in_phase(workflow, phase.phase_id, most, agent_id=order.creator_agent_id)
