"""Reads of workflows, results and tasks: people read all, agents those of their own workflow."""

from uuid import UUID

from hephaestus_core.agents.details import TaskDetail, task_detail
from hephaestus_core.contract.errors import NotFound
from hephaestus_core.lifecycle.service import get_workflow
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.results.service import get_result, page_of_results
from hephaestus_web.mcp.identity import AgentDoor, Door
from hephaestus_web.mcp.shapes import Results, listed_result
from hephaestus_web.requests.cursors import cursor_key, cursor_text


def read_workflow(door: Door, workflow_id: UUID) -> WorkflowView:
    """Return a workflow.

    Raises:
        NotFound: there is none with this id, or it is not the calling agent's.
        StaleAttempt, Forbidden: the caller may read nothing.
    """
    door.check_may_read()
    if isinstance(door, AgentDoor) and workflow_id != door.caller.workflow_id:
        raise NotFound(f"Workflow {workflow_id} is not yours; yours is {door.caller.workflow_id}.")
    return get_workflow(door.database, workflow_id)


def read_results(
    door: Door, workflow_id: UUID, *, result_id: UUID | None, limit: int, cursor: str
) -> Results:
    """Return a page of a workflow's results, or a single one in full.

    Raises:
        NotFound: no such workflow, or it has no such result.
        InvalidInput: this server did not make the cursor.
    """
    if result_id is not None:
        result = get_result(door.database, result_id)
        if result.workflow_id != workflow_id:
            raise NotFound(
                f"This workflow has no result {result_id}; "
                "list its results with get_workflow_results.",
                field="result_id",
            )
        return Results([result], None)
    found, following = page_of_results(
        door.database, workflow_id, limit=limit, cursor=cursor_key(cursor or None)
    )
    return Results([listed_result(result) for result in found], cursor_text(following))


def read_task(door: Door, task_id: UUID) -> TaskDetail:
    """Return a task with its attempts, parent and children.

    Raises:
        NotFound: there is none with this id, or it belongs to another agent's workflow.
        StaleAttempt, Forbidden: the caller may read nothing.
    """
    door.check_may_read()
    task = task_detail(door.database, task_id)
    if isinstance(door, AgentDoor) and task.workflow_id != door.caller.workflow_id:
        raise NotFound(
            f"Your workflow has no task {task_id}; list its tasks with get_tasks.", field="task_id"
        )
    return task
