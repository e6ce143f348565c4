"""Use cases of whole workflows: start, read, stop."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from hephaestus_core.budgets import service as budgets
from hephaestus_core.contract.branch_names import branch_slug, check_branch
from hephaestus_core.contract.budgets import LaunchBudget
from hephaestus_core.contract.commands import COMMAND_LIMIT, COMMANDS, with_commands
from hephaestus_core.contract.conditions import Condition
from hephaestus_core.contract.definitions.config import DEFAULT_RESULT_CRITERIA, WorkflowConfig
from hephaestus_core.contract.definitions.launch_templates import (
    LaunchTemplate,
    filled_parameters,
)
from hephaestus_core.contract.definitions.phases import Phase
from hephaestus_core.contract.definitions.placeholders import Filling
from hephaestus_core.contract.errors import InvalidDefinitionError, InvalidInput
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.folders import checked_folder
from hephaestus_core.contract.limits import Limits
from hephaestus_core.contract.policies import CONFLICT_POLICIES
from hephaestus_core.contract.repository_urls import Login
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.contract.statuses import (
    BudgetScope,
    WorkflowStatus,
    checked_word,
)
from hephaestus_core.contract.texts import plain_text
from hephaestus_core.contract.titles import checked_title, title_of_launch
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions.store import DefinitionView, find_definition, makes_a_task
from hephaestus_core.events.log import emit
from hephaestus_core.intake.comparing import Thresholds
from hephaestus_core.intake.creation import TaskOrder, add
from hephaestus_core.lifecycle import closing
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


@dataclass(frozen=True, kw_only=True)
class LaunchOrder:
    """A request to start a workflow; None means the server's setting."""

    definition_id: str
    repository: str
    """A path, or a URL without a login."""
    login: Login | None = None
    """The login for the URL; hosts use it for all workflows of this repository from now on."""
    title: str | None = None
    """Default: the first line that a person wrote, of the description or a launch parameter."""
    description: str = ""
    launch_params: Mapping[str, Any] = field(default_factory=dict)
    base_branch: str = "main"
    working_directory: str = "."
    auto_merge: bool = True
    conflict_resolution: str | None = None
    """Default: the definition's."""
    usual_conflict_resolution: str = "newest_file_wins"
    """For a definition that names none."""
    max_agents: int | None = None
    limits: Limits = field(default_factory=Limits)
    budget: LaunchBudget | None = None
    setup_command: str = ""
    """Like the next two, a shell command; default: the definition's."""
    test_command: str = ""
    lint_command: str = ""
    usual_commands: Mapping[str, str] = field(default_factory=dict)
    """The repository's commands, for a definition that names none."""
    task: str = ""
    """Description of the first task, where the definition has no prompt for one."""
    notice: str | None = None
    """What the repository lets expect; said in the event of the start."""
    tasks_follow: bool = True
    """Where there is no first task: tasks are created afterwards; off: that is refused."""
    compared: Thresholds | None = None
    """How later tasks are compared with the first one; None: not at all."""
    created_by: str = "person"
    idempotency_key: str | None = None
    """An equal order with the same key returns the earlier workflow."""
    asked: Mapping[str, Any] = field(default_factory=dict)
    """The values that a second order with the same key must repeat: those of the caller, without
    defaults from settings, which may have changed."""


def start_workflow(db: Database, order: LaunchOrder) -> WorkflowView:
    """Start a workflow and its first task: both or neither.

    Raises:
        NotFound: no such definition.
        UnknownParameter, InvalidInput: a launch parameter or another value is wrong, or there
            would be nothing to do.
        RepositoryError: nothing could protect the login.
        KeyReused: the idempotency key was used for another order.
    """
    _check(order)
    sealed = sealed_login(db, order.repository, order.login)
    with db.transaction() as session:
        if sealed is not None:
            logins.keep(session, order.repository, sealed)
        known = order.idempotency_key and workflows.by_key(session, order.idempotency_key)
        if known:
            refuse_another(known.order_hash, order_hash(order.asked))
            return views(session, [known])[0]
        definition = find_definition(session, order.definition_id)
        parameters = filled_parameters(_template(definition), order.launch_params)
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
    limit: int = 50,
    cursor: tuple[datetime, UUID] | None = None,
) -> tuple[list[WorkflowView], tuple[datetime, UUID] | None]:
    """Return a page of workflows, newest first, and the cursor of the next page.

    Raises:
        InvalidInput: ``status`` is no status, or ``condition`` no condition of a workflow.
    """
    stands = None if condition is None else checked_word(Condition, condition, "condition")
    page: dict[str, Any] = {
        "status": None if status is None else checked_word(WorkflowStatus, status, "status"),
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


def _check(order: LaunchOrder) -> None:
    policies = list(CONFLICT_POLICIES)
    asked = order.conflict_resolution
    if asked is not None and asked not in policies:
        raise InvalidInput(
            f"Unknown conflict_resolution {asked!r}{nearest(asked, policies)}; "
            f"known: {', '.join(policies)}.",
            field="conflict_resolution",
        )
    if order.max_agents is not None and order.max_agents < 1:
        raise InvalidInput("'max_agents' must be at least 1.", field="max_agents")
    if order.budget is not None:
        order.budget.most.checked()
    checked_folder(order.working_directory, "working_directory")
    check_branch(order.base_branch, field="base_branch")


def _add_budget(session: Session, workflow: "Workflow", budget: LaunchBudget, by: str) -> None:
    scope = BudgetScope.WORKFLOW
    budgets.add(session, scope, workflow.id, budget.most, action=budget.action, by=by)


def _template(definition: DefinitionView) -> LaunchTemplate | None:
    stored = definition.launch_template
    return None if stored is None else LaunchTemplate.from_dict(stored, strict=False)


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
        title=checked_title(order.title, _own_words(order, definition)) or definition.name,
        description=plain_text(order.description, "description"),
        repository=plain_text(order.repository, "main_repo_path", limit=4096, required=True),
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


def _own_words(order: LaunchOrder, definition: DefinitionView) -> str:
    return title_of_launch(
        definition.launch_template, order.launch_params, order.description or order.task
    )


def _first_task(order: LaunchOrder, definition: DefinitionView, filling: Filling) -> str | None:
    """Return the description of the first task; None: the tasks follow.

    Raises:
        InvalidInput: nobody says what is to be done, or both definition and order do.
    """
    template = definition.launch_template
    if template is not None and makes_a_task(definition):
        if order.task.strip():
            raise InvalidInput(
                f"Definition {definition.id!r} makes its first task from its launch parameters; "
                "leave 'task' out, or create a further task afterwards.",
                field="task",
            )
        return filling.text(template["phase_1_task_prompt"], "phase_1_task_prompt")
    if order.task.strip():
        return order.task
    if order.tasks_follow:
        return None
    raise InvalidInput(
        f"Definition {definition.id!r} makes no first task itself, so there is nothing "
        "to do: give a first task as 'task', or set 'tasks_follow' and create the "
        "tasks afterwards.",
        field="task",
    )


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
