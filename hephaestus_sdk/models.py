"""Every class that callers write or read, in one place to import from."""

from hephaestus_sdk.change_views import Conflict, Diff, FileChange, Merge
from hephaestus_sdk.definitions import (
    Phase,
    ValidationCriteria,
    WorkflowConfig,
    WorkflowDefinition,
)
from hephaestus_sdk.launching import LaunchParameter, LaunchTemplate
from hephaestus_sdk.summary import (
    CompletionSummary,
    HeldMerge,
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
    Message,
    PhaseCounts,
    Queue,
    Task,
    TaskBrief,
    Timeline,
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
    "Conflict",
    "Delivery",
    "Diff",
    "Event",
    "FileChange",
    "HeldMerge",
    "Host",
    "LaunchParameter",
    "LaunchTemplate",
    "Merge",
    "Message",
    "Phase",
    "PhaseCounts",
    "PhaseSummary",
    "Queue",
    "Task",
    "TaskBranch",
    "TaskBrief",
    "TaskFailure",
    "TaskStatus",
    "Timeline",
    "ValidationCriteria",
    "Workflow",
    "WorkflowConfig",
    "WorkflowDefinition",
    "WorkflowExecution",
    "WorkflowResult",
    "WorkflowSummary",
]
