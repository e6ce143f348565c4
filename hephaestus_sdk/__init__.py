"""Run workflows of AI coding agents from Python.

Example:
    Start the stack, give it work, and wait::

        with HephaestusSDK(phases=[Phase(id=1, name="build", description="…")]) as sdk:
            sdk.create_task("Build feature X")
            print(sdk.wait_for_completion())
"""

from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.config import HephaestusConfig
from hephaestus_sdk.errors import (
    ConfigurationError,
    HephaestusError,
    HephaestusStartupError,
    InvalidDefinitionError,
    InvalidPhaseError,
    ProcessSpawnError,
    RestartError,
    SDKNotRunningError,
    TaskCreationError,
    TaskNotFoundError,
    TaskTimeoutError,
)
from hephaestus_sdk.models import (
    Agent,
    AgentStatus,
    CompletionSummary,
    Event,
    LaunchParameter,
    LaunchTemplate,
    Phase,
    Task,
    TaskStatus,
    ValidationCriteria,
    Workflow,
    WorkflowConfig,
    WorkflowDefinition,
    WorkflowExecution,
    WorkflowResult,
)
from hephaestus_sdk.sdk import HephaestusSDK

__version__ = "0.1.0"

__all__ = [
    "Agent",
    "AgentStatus",
    "CompletionSummary",
    "ConfigurationError",
    "Event",
    "HephaestusClient",
    "HephaestusConfig",
    "HephaestusError",
    "HephaestusSDK",
    "HephaestusStartupError",
    "InvalidDefinitionError",
    "InvalidPhaseError",
    "LaunchParameter",
    "LaunchTemplate",
    "Phase",
    "ProcessSpawnError",
    "RestartError",
    "SDKNotRunningError",
    "Task",
    "TaskCreationError",
    "TaskNotFoundError",
    "TaskStatus",
    "TaskTimeoutError",
    "ValidationCriteria",
    "Workflow",
    "WorkflowConfig",
    "WorkflowDefinition",
    "WorkflowExecution",
    "WorkflowResult",
]
