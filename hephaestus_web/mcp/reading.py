"""Reading one workflow or task: people may read all, an agent those of its own workflow."""

from uuid import UUID

from hephaestus_core.agents.details import TaskDetail, task_detail
from hephaestus_core.errors import NotFound
from hephaestus_core.lifecycle.service import get_workflow
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_web.mcp.identity import AgentDoor, Door


def read_workflow(door: Door, workflow_id: UUID) -> WorkflowView:
    """Return a workflow.

    Raises:
        NotFound: there is none with this id, or it is another than the calling agent's.
        StaleAttempt, Forbidden: the caller may read nothing.
    """
    door.check_may_read()
    if isinstance(door, AgentDoor) and workflow_id != door.caller.workflow_id:
        raise NotFound(f"No workflow {workflow_id}; yours is {door.caller.workflow_id}.")
    return get_workflow(door.database, workflow_id)


def read_task(door: Door, task_id: UUID) -> TaskDetail:
    """Return a task with all that stands around it.

    Raises:
        NotFound: there is none with this id, or it is of another workflow than the calling agent's.
        StaleAttempt, Forbidden: the caller may read nothing.
    """
    door.check_may_read()
    task = task_detail(door.database, task_id)
    if isinstance(door, AgentDoor) and task.workflow_id != door.caller.workflow_id:
        raise NotFound(
            f"No task {task_id} in your workflow; list them with get_tasks.", field="task_id"
        )
    return task
