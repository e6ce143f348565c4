"""Use cases of whole workflows: start, read, stop."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from hephaestus_core.budgets import service as budgets
from hephaestus_core.contract.branch_names import branch_slug
from hephaestus_core.contract.budgets import LaunchBudget
from hephaestus_core.contract.commands import COMMAND_LIMIT, COMMANDS, with_commands
from hephaestus_core.contract.conditions import Condition
from hephaestus_core.contract.definitions.config import DEFAULT_RESULT_CRITERIA, WorkflowConfig
from hephaestus_core.contract.definitions.launch_templates import (
    filled_parameters,
)
from hephaestus_core.contract.definitions.phases import Phase
from hephaestus_core.contract.definitions.placeholders import Filling
from hephaestus_core.contract.errors import InvalidDefinitionError, InvalidInput
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.folders import checked_folder
from hephaestus_core.contract.repository_urls import REPOSITORY_LIMIT
from hephaestus_core.contract.statuses import (
    BudgetScope,
    WorkflowStatus,
    checked_word,
)
from hephaestus_core.contract.texts import plain_text
from hephaestus_core.contract.titles import checked_title
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions.store import DefinitionView, find_definition, makes_a_task
from hephaestus_core.events.log import emit
from hephaestus_core.intake.creation import TaskOrder, add
from hephaestus_core.lifecycle import closing
from hephaestus_core.lifecycle.orders import LaunchOrder, check, own_words, template_of
from hephaestus_core.lifecycle.reading import in_condition, views
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.orders import order_hash, refuse_another
from hephaestus_core.repositories import store as logins
from hephaestus_core.repositories.service import sealed_login
from hephaestus_core.workflows import limits as workflow_limits
from hephaestus_core.workflows import store as workflows
from hephaestus_core.workflows.store import NewWorkflow

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Workflow


def start_workflow(db: Database, order: LaunchOrder) -> WorkflowView:
    """Start a workflow and its first task: both or neither.

    Raises:
        NotFound: no such definition.
        UnknownParameter, InvalidInput: launch parameters or other values are wrong, or there
            would be nothing to do.
        RepositoryError: the branch can be none, or nothing could protect the login.
        KeyReused: the idempotency key was used for another order.
    """
    sealed = sealed_login(db, order.repository, order.login)
    with db.transaction() as session:
        if sealed is not None:
            logins.keep(session, order.repository, sealed)
        known = order.idempotency_key and workflows.by_key(session, order.idempotency_key)
        if known:
            refuse_another(known.order_hash, order_hash(order.asked))
            return views(session, [known])[0]
        definition = find_definition(session, order.definition_id)
        check(order, definition)
        parameters = filled_parameters(template_of(definition), order.launch_params)
        filling = Filling(parameters)
        workflow = workflows.add(session, _new_workflow(order, definition, parameters, filling))
        workflow.order_hash = order_hash(order.asked) if order.idempotency_key else None
        emit(
            session,
            EventType.WORKFLOW_STARTED,
            workflow_id=workflow.id,
            definition_id=definition.id,
            notice=order.notice,
        )
        if order.budget is not None:
            _add_budget(session, workflow, order.budget, order.created_by)
        first = _first_task(order, definition, filling)
        if first is not None:
            workflow.initial_task_id = _add_first_task(session, workflow, definition, first, order)
        session.flush()
        return views(session, [workflow])[0]


def get_workflow(db: Database, workflow_id: UUID) -> WorkflowView:
    """Return one workflow with its tasks counted.

    Raises:
        NotFound: there is none with this id.
    """
    with db.snapshot() as session:
        return views(session, [workflows.get(session, workflow_id)])[0]


def repository_of(db: Database, workflow_id: UUID) -> str:
    """Return the repository that a workflow works on, by one read of its row.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        return workflows.get(session, workflow_id).repository


def list_workflows(
    db: Database,
    *,
    status: str | None = None,
    condition: str | None = None,
    title: str | None = None,
    limit: int = 50,
    cursor: tuple[datetime, UUID] | None = None,
) -> tuple[list[WorkflowView], tuple[datetime, UUID] | None]:
    """Return a page of workflows, newest first, and the cursor of the next page.

    Args:
        status: only those with it.
        condition: only those in it.
        title: only those with this in their titles, in capital or small letters.
        limit: at most as many.
        cursor: where the page begins.

    Raises:
        InvalidInput: ``status`` is no status, or ``condition`` no condition of a workflow.
    """
    stands = None if condition is None else checked_word(Condition, condition, "condition")
    page: dict[str, Any] = {
        "status": None if status is None else checked_word(WorkflowStatus, status, "status"),
        "title": title,
        "limit": limit + 1,
        "cursor": cursor,
    }
    with db.snapshot() as session:
        if stands is None:
            found = workflows.newest(session, **page)
        else:
            found = in_condition(session, stands, **page)
        shown = found[:limit]
        more = (shown[-1].created_at, shown[-1].id) if len(found) > limit else None
        return views(session, shown), more


def stop_workflow(db: Database, workflow_id: UUID, *, reason: str = "stopped") -> WorkflowView:
    """Stop a workflow and all of its tasks; the agents' work stays in their branches.

    Raises:
        NotFound: there is none with this id.
        WorkflowClosed: it was closed before.
    """
    with db.transaction() as session:
        workflow = workflows.lock(session, workflow_id)
        words = plain_text(reason, "reason", limit=2000)
        closing.stop_all(session, workflow, WorkflowStatus.STOPPED, words)
        session.flush()
        return views(session, [workflow])[0]


def change_limits(db: Database, workflow_id: UUID, limits: Mapping[str, int]) -> WorkflowView:
    """Change some limits of an active workflow, for its running agents too.

    Raises:
        NotFound: there is none with this id.
        WorkflowClosed: it takes no more work.
        InvalidInput: no limit is named, or one of them is below 1 or unknown.
    """
    with db.transaction() as session:
        workflow = workflows.lock(session, workflow_id)
        workflow_limits.change(session, workflow, limits)
        session.flush()
        return views(session, [workflow])[0]


def _add_budget(session: Session, workflow: "Workflow", budget: LaunchBudget, by: str) -> None:
    scope = BudgetScope.WORKFLOW
    budgets.add(session, scope, workflow.id, budget.most, action=budget.action, by=by)


def _new_workflow(
    order: LaunchOrder,
    definition: DefinitionView,
    parameters: Mapping[str, Any],
    filling: Filling,
) -> NewWorkflow:
    identity = uuid4()
    slug = branch_slug(definition.id)
    config = _config(order, definition, filling)
    return NewWorkflow(
        id=identity,
        definition_id=definition.id,
        title=checked_title(order.title, own_words(order, definition)) or definition.name,
        description=plain_text(order.description, "description"),
        repository=plain_text(
            order.repository, "main_repo_path", limit=REPOSITORY_LIMIT, required=True
        ),
        base_branch=plain_text(order.base_branch, "base_branch", limit=200, required=True),
        integration_branch=f"hephaestus/{slug}-{identity.hex[:8]}",
        working_directory=checked_folder(order.working_directory, "working_directory"),
        auto_merge=order.auto_merge,
        conflict_resolution=order.conflict_resolution
        or config["conflict_resolution"]
        or order.usual_conflict_resolution,
        max_agents=order.max_agents,
        limits=order.limits.as_dict(),
        launch_params=dict(parameters),
        config=config,
        idempotency_key=order.idempotency_key,
        phases=[_filled_phase(filling, phase) for phase in definition.phases],
    )


def _config(order: LaunchOrder, definition: DefinitionView, filling: Filling) -> dict[str, Any]:
    stored = WorkflowConfig.from_dict(definition.config, strict=False).to_dict()
    asked = {name: plain_text(getattr(order, name), name, limit=COMMAND_LIMIT) for name in COMMANDS}
    filled = filling.config(stored, DEFAULT_RESULT_CRITERIA)
    return with_commands(filled, asked, order.usual_commands)


def _filled_phase(filling: Filling, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a phase with the launch's values, checked once more with them.

    Raises:
        InvalidInput: a value does not fit where a definition uses it, such as an unknown reviewer.
    """
    phase = Phase.from_dict(stored, strict=False).to_dict()
    try:
        return Phase.from_dict(filling.phase(phase)).to_dict()
    except InvalidDefinitionError as error:
        raise InvalidInput(
            f"The launch parameters do not fit phase {phase['id']}: {error.message}",
            field="launch_params",
        ) from None


def _first_task(order: LaunchOrder, definition: DefinitionView, filling: Filling) -> str | None:
    """Return the description of the first task; None: the tasks follow.

    Raises:
        InvalidInput: the launch parameters make it too long.
    """
    template = definition.launch_template
    if template is not None and makes_a_task(definition):
        return filling.text(template["phase_1_task_prompt"], "phase_1_task_prompt")
    return order.task if order.task.strip() else None


def _add_first_task(
    session: Session,
    workflow: "Workflow",
    definition: DefinitionView,
    description: str,
    launch: LaunchOrder,
) -> UUID:
    order = TaskOrder(
        workflow_id=workflow.id,
        phase_id=int(definition.phases[0]["id"]),
        title=workflow.title,
        description=description,
        priority="high",
        created_by=launch.created_by,
        compared=launch.compared,
    )
    return add(session, order).id
