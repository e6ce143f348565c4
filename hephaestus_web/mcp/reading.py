"""Reading one workflow or task: people may read all, an agent those of its own workflow."""

from dataclasses import dataclass
from uuid import UUID

from hephaestus_core.agents.service import page_of_agents
from hephaestus_core.agents.views import AgentView
from hephaestus_core.errors import NotFound
from hephaestus_core.lifecycle.service import get_workflow
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.tasks.service import get_task
from hephaestus_core.tasks.views import TaskView
from hephaestus_web.mcp.identity import AgentDoor, Door


@dataclass(frozen=True)
class TaskWithAttempts:
    """A task whole, with the newest attempts at it."""

    task: TaskView
    attempts: list[AgentView]


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


def read_task(door: Door, task_id: UUID) -> TaskWithAttempts:
    """Return a task with the attempts at it.

    Raises:
        NotFound: there is none with this id, or it is of another workflow than the calling agent's.
        StaleAttempt, Forbidden: the caller may read nothing.
    """
    door.check_may_read()
    task = get_task(door.database, task_id)
    if isinstance(door, AgentDoor) and task.workflow_id != door.caller.workflow_id:
        raise NotFound(
            f"No task {task_id} in your workflow; list them with get_tasks.", field="task_id"
        )
    return TaskWithAttempts(task, page_of_agents(door.database, task_id=task_id)[0])
