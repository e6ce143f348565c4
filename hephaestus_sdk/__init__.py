"""Run workflows of AI coding agents from Python.

Example:
    Start the stack, give it work, and wait::

        with HephaestusSDK(phases=[Phase(id=1, name="build", description="…")]) as sdk:
            sdk.create_task("Build feature X")
            print(sdk.wait_for_completion())
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hephaestus_sdk.client import HephaestusClient
    from hephaestus_sdk.config import Settings
    from hephaestus_sdk.errors import (
        ConfigurationError,
        HephaestusError,
        HephaestusStartupError,
        InvalidDefinitionError,
        InvalidPhaseError,
        ProcessSpawnError,
        SDKNotRunningError,
        TaskCreationError,
        TaskNotFoundError,
        TaskTimeoutError,
    )
    from hephaestus_sdk.models import (
        Agent,
        Check,
        CompletionSummary,
        Event,
        LaunchParameter,
        LaunchTemplate,
        Phase,
        Task,
        ValidationCriteria,
        Workflow,
        WorkflowConfig,
        WorkflowDefinition,
        WorkflowResult,
    )
    from hephaestus_sdk.sdk import HephaestusSDK

__version__ = "0.1.0"

__all__ = [
    "Agent",
    "Check",
    "CompletionSummary",
    "ConfigurationError",
    "Event",
    "HephaestusClient",
    "HephaestusError",
    "HephaestusSDK",
    "HephaestusStartupError",
    "InvalidDefinitionError",
    "InvalidPhaseError",
    "LaunchParameter",
    "LaunchTemplate",
    "Phase",
    "ProcessSpawnError",
    "SDKNotRunningError",
    "Settings",
    "Task",
    "TaskCreationError",
    "TaskNotFoundError",
    "TaskTimeoutError",
    "ValidationCriteria",
    "Workflow",
    "WorkflowConfig",
    "WorkflowDefinition",
    "WorkflowResult",
]

# Imported on demand: the supervisor and `hephaestus up` import this package too, and need no HTTP
# client.
_MODULES = ("errors", "models", "config", "client", "sdk")


def __getattr__(name: str) -> Any:
    if name in __all__:
        for module in _MODULES:
            found = getattr(import_module(f"{__name__}.{module}"), name, None)
            if found is not None:
                globals()[name] = found
                return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
