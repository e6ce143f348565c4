"""Every class that callers write or read, in one place to import from."""

from hephaestus_sdk.definitions import (
    Phase,
    ValidationCriteria,
    WorkflowConfig,
    WorkflowDefinition,
)
from hephaestus_sdk.launching import LaunchParameter, LaunchTemplate
from hephaestus_sdk.summary import (
    CompletionSummary,
    PhaseSummary,
    TaskBranch,
    TaskFailure,
    WorkflowSummary,
)
from hephaestus_sdk.views import (
    Agent,
    AgentOutput,
    Delivery,
    Event,
    Host,
    Merge,
    PhaseCounts,
    Queue,
    Task,
    Workflow,
    WorkflowResult,
)

#: Names of the predecessor, for code that was written for it.
TaskStatus = Task
AgentStatus = Agent
WorkflowExecution = Workflow

__all__ = [
    "Agent",
    "AgentOutput",
    "AgentStatus",
    "CompletionSummary",
    "Delivery",
    "Event",
    "Host",
    "LaunchParameter",
    "LaunchTemplate",
    "Merge",
    "Phase",
    "PhaseCounts",
    "PhaseSummary",
    "Queue",
    "Task",
    "TaskBranch",
    "TaskFailure",
    "TaskStatus",
    "ValidationCriteria",
    "Workflow",
    "WorkflowConfig",
    "WorkflowDefinition",
    "WorkflowExecution",
    "WorkflowResult",
    "WorkflowSummary",
]
