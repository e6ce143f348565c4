"""Every class that callers write or read, in one place to import from."""

from hephaestus_core.contract.definitions.config import WorkflowConfig
from hephaestus_core.contract.definitions.criteria import Check, ValidationCriteria
from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.definitions.launch_parameters import LaunchParameter
from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate
from hephaestus_core.contract.definitions.phases import Phase
from hephaestus_sdk.api.agent_views import Agent, AgentOutput, Message, Watch
from hephaestus_sdk.api.change_views import Commit, Conflict, Diff, FileChange, Merge, TaskCommits
from hephaestus_sdk.api.coherence_views import Coherence, CoherenceFinding
from hephaestus_sdk.api.conflicts import FileConflict
from hephaestus_sdk.api.diagnosis_views import Diagnoses, Diagnosis
from hephaestus_sdk.api.host_views import Host, HostFault, Orphan
from hephaestus_sdk.api.result_views import ResultFile, WorkflowResult
from hephaestus_sdk.api.summary import (
    CompletionSummary,
    HeldMerge,
    PhaseSummary,
    TaskBranch,
    TaskFailure,
    WorkflowSummary,
)
from hephaestus_sdk.api.views import (
    Delivery,
    Event,
    PhaseCounts,
    Queue,
    Task,
    TaskBrief,
    Timeline,
    Workflow,
)

__all__ = [
    "Agent",
    "AgentOutput",
    "Check",
    "Coherence",
    "CoherenceFinding",
    "Commit",
    "CompletionSummary",
    "Conflict",
    "Delivery",
    "Diagnoses",
    "Diagnosis",
    "Diff",
    "Event",
    "FileChange",
    "FileConflict",
    "HeldMerge",
    "Host",
    "HostFault",
    "LaunchParameter",
    "LaunchTemplate",
    "Merge",
    "Message",
    "Orphan",
    "Phase",
    "PhaseCounts",
    "PhaseSummary",
    "Queue",
    "ResultFile",
    "Task",
    "TaskBranch",
    "TaskBrief",
    "TaskCommits",
    "TaskFailure",
    "Timeline",
    "ValidationCriteria",
    "Watch",
    "Workflow",
    "WorkflowConfig",
    "WorkflowDefinition",
    "WorkflowResult",
    "WorkflowSummary",
]
