"""Tools about workflow definitions and workflows."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field

from hephaestus_core.changes.diffs import workflow_diff
from hephaestus_core.changes.rules import DiffView
from hephaestus_core.contract.conditions import Condition
from hephaestus_core.contract.policies import ConflictPolicy
from hephaestus_core.definitions.service import list_definitions
from hephaestus_core.definitions.store import DefinitionView, makes_a_task
from hephaestus_core.lifecycle import service
from hephaestus_core.lifecycle.approving import approve_delivery, send_back
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.summaries.service import Summary, summarize
from hephaestus_web.history.files import WorkflowFiles
from hephaestus_web.history.service import files_by_author
from hephaestus_web.launching.starting import start
from hephaestus_web.mcp.identity import CallContext, person_door
from hephaestus_web.mcp.reading import read_results, read_workflow
from hephaestus_web.mcp.shapes import (
    Cursor,
    ExpectedCommit,
    Limit,
    NextCursor,
    OnlyResult,
    OnlyStatus,
    Reason,
    Results,
    TaskState,
    Title,
    WithPatch,
    Word,
    shortened,
    shown_diff,
)
from hephaestus_web.requests.cursors import cursor_key, cursor_text

OnlyCondition = Annotated[
    Literal["", "at_work", "waits_for_you", "stands_still", "quiet", "over"],
    Field(description="Only those that stand so; empty: all."),
]
Command = Annotated[
    str, Field(description="A shell command; empty: the definition's, else the repository's.")
]
WorkflowId = Annotated[UUID, Field(description="From start_workflow or list_workflows.")]
OnlyPath = Annotated[
    Word, Field(description="Only this file, or what lies below this folder; empty: all.")
]
OnlyTask = Annotated[UUID | None, Field(description="Only what this task changed.")]
OnlyAttempt = Annotated[UUID | None, Field(description="Only what this attempt changed.")]

#: Authors of each file that a list of all files shows.
_LISTED_AUTHORS: Final = 3


@dataclass(frozen=True)
class PhaseLine:
    """A phase of a definition; the description is cut off."""

    id: int
    name: str
    description: str


@dataclass(frozen=True)
class DefinitionLine:
    """A definition in a list, with what a launch of it takes."""

    id: str
    name: str
    description: str
    phases: list[PhaseLine]
    launch_params: list[dict[str, Any]]
    needs_task: bool
    """A launch has to bring the first task."""


@dataclass(frozen=True)
class Definitions:
    """All workflow definitions, by name."""

    definitions: list[DefinitionLine]


@dataclass(frozen=True)
class WorkflowLine:
    """A workflow in a list; the description is cut off."""

    workflow_id: UUID
    definition_id: str
    title: str
    description: str
    status: str
    condition: Condition
    reason: str
    delivery: str
    task_counts: dict[str, int]
    live_tasks: int
    active_agents: int
    created_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True)
class WorkflowLines:
    """A page of workflows, newest first."""

    workflows: list[WorkflowLine]
    next_cursor: NextCursor


def list_workflow_definitions(context: CallContext) -> Definitions:
    """List the workflow definitions with their phases and launch parameters."""
    found = list_definitions(person_door(context).database, offered_only=True)
    return Definitions([_definition_line(definition) for definition in found])


def start_workflow(  # noqa: PLR0917 - the SDK passes all of them by name
    context: CallContext,
    definition_id: Annotated[Word, Field(description="From list_workflow_definitions.")],
    launch_params: Annotated[
        dict[str, Any], Field(description="A value for each launch parameter of the definition.")
    ] = {},  # noqa: B006 - pydantic copies it
    description: Annotated[str, Field(description="What this workflow is to reach.")] = "",
    main_repo_path: Annotated[
        Word,
        Field(description="Path or URL of the git repository; empty: as the server is set up."),
    ] = "",
    base_branch: Annotated[
        Word, Field(description="Branch to start from and deliver to; empty: the checked out one.")
    ] = "",
    auto_merge: Annotated[
        bool | None,
        Field(description="Deliver without asking; null: as the server is set up."),
    ] = None,
    conflict_resolution: Annotated[
        ConflictPolicy | None,
        Field(
            description="How merge conflicts are settled; null: by the definition, else as the "
            "server is set up."
        ),
    ] = None,
    title: Title = "",
    task: Annotated[
        str, Field(description="The first task, for definitions with `needs_task`.")
    ] = "",
    tasks_follow: Annotated[
        bool, Field(description="Start such a definition without one: create_task comes next.")
    ] = False,
    setup_command: Command = "",
    test_command: Command = "",
    lint_command: Command = "",
) -> WorkflowView:
    """Start a workflow on a repository; agents start as soon as hosts have free slots."""
    own = person_door(context)
    given = {
        "definition_id": definition_id,
        "launch_params": launch_params,
        "title": title or None,
        "description": description,
        "main_repo_path": main_repo_path or None,
        "base_branch": base_branch or None,
        "auto_merge": auto_merge,
        "conflict_resolution": conflict_resolution,
        "task": task or None,
        "tasks_follow": tasks_follow,
        "setup_command": setup_command or None,
        "test_command": test_command or None,
        "lint_command": lint_command or None,
    }
    return start(own.wiring, given, created_by=own.person.name, key=own.idempotency_key)


def list_workflows(
    context: CallContext,
    status: OnlyStatus = "",
    condition: OnlyCondition = "",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> WorkflowLines:
    """List workflows, newest first, each with its condition and the reason."""
    own = person_door(context)
    found, following = service.list_workflows(
        own.database,
        status=status or None,
        condition=condition or None,
        limit=limit,
        cursor=cursor_key(cursor or None),
    )
    return WorkflowLines([_workflow_line(workflow) for workflow in found], cursor_text(following))


def get_workflow(context: CallContext, workflow_id: WorkflowId) -> WorkflowView:
    """Read one workflow: its phases, task counts and delivery."""
    return read_workflow(person_door(context), workflow_id)


def get_workflow_summary(context: CallContext, workflow_id: WorkflowId) -> Summary:
    """Read a workflow's outcome: task tree, failures, merges, result and delivery."""
    return summarize(person_door(context).database, workflow_id)


def get_workflow_diff(
    context: CallContext, workflow_id: WorkflowId, with_patch: WithPatch = False
) -> DiffView:
    """Read a workflow's changes so far: files and, on request, the patch."""
    found = workflow_diff(person_door(context).database, workflow_id)
    return shown_diff(found, with_patch=with_patch)


def get_workflow_files(
    context: CallContext,
    workflow_id: WorkflowId,
    path: OnlyPath = "",
    task_id: OnlyTask = None,
    agent_id: OnlyAttempt = None,
    limit: Limit = 50,
) -> WorkflowFiles:
    """List the files that a workflow's merged work changed; `path` tells all who changed one."""
    own = person_door(context)
    found = files_by_author(
        *(own.database, own.wiring.settings, workflow_id),
        task_id=task_id,
        agent_id=agent_id,
        path=path or None,
    )
    listed = found.files[:limit]
    if not path:
        listed = [replace(each, authors=each.authors[:_LISTED_AUTHORS]) for each in listed]
    truncated = found.truncated or len(listed) < len(found.files)
    return replace(found, files=listed, truncated=truncated)


def get_workflow_results(
    context: CallContext,
    workflow_id: WorkflowId,
    result_id: OnlyResult = None,
    limit: Limit = 10,
    cursor: Cursor = "",
) -> Results:
    """List the results submitted in a workflow, with their reviews."""
    own = person_door(context)
    return read_results(own, workflow_id, result_id=result_id, limit=limit, cursor=cursor)


def stop_workflow(
    context: CallContext, workflow_id: WorkflowId, reason: Reason = "stopped"
) -> WorkflowView:
    """Stop a workflow and all its tasks; the agents' work stays in their branches."""
    return service.stop_workflow(person_door(context).database, workflow_id, reason=reason)


def approve_workflow(
    context: CallContext, workflow_id: WorkflowId, expected_commit: ExpectedCommit = ""
) -> WorkflowView:
    """Approve the delivery of a workflow to its base branch, or accept where that was moved to."""
    own = person_door(context)
    return approve_delivery(own.database, workflow_id, expected_commit=expected_commit)


def send_back_workflow(
    context: CallContext,
    workflow_id: WorkflowId,
    feedback: Annotated[str, Field(description="What is to be mended.")],
    expected_commit: ExpectedCommit = "",
) -> TaskState:
    """Have work that waits for its delivery mended; answers with the task that does it."""
    own = person_door(context)
    task = send_back(
        own.database,
        workflow_id,
        feedback=feedback,
        by=own.person.name,
        expected_commit=expected_commit,
    )
    return TaskState(task.id, task.status)


def _definition_line(definition: DefinitionView) -> DefinitionLine:
    template = definition.launch_template or {"parameters": []}
    return DefinitionLine(
        id=definition.id,
        name=definition.name,
        description=definition.description,
        phases=[
            PhaseLine(phase["id"], phase["name"], shortened(phase["description"]))
            for phase in definition.phases
        ],
        launch_params=template["parameters"],
        needs_task=not makes_a_task(definition),
    )


def _workflow_line(workflow: WorkflowView) -> WorkflowLine:
    return WorkflowLine(
        workflow_id=workflow.id,
        definition_id=workflow.definition_id,
        title=workflow.title,
        description=shortened(workflow.description),
        status=workflow.status,
        condition=workflow.condition.name,
        reason=workflow.condition.reason,
        delivery=workflow.delivery.status,
        task_counts=workflow.task_counts,
        live_tasks=workflow.live_tasks,
        active_agents=workflow.active_agents,
        created_at=workflow.created_at,
        completed_at=workflow.completed_at,
    )
