"""Everything the SDK raises: the system's own tree, and what only a client can meet.

HephaestusError                      base; ``code``, ``field``, ``details``
├── InvalidInput                     a value breaks a rule; nothing was changed
│   ├── InvalidDefinitionError       a phase, workflow or launch template, refused when built
│   ├── UnknownParameter             a launch parameter that the template does not have
│   ├── ConfigurationError           settings that cannot be used
│   ├── AmbiguousId                  the first characters of several ids; ``details`` lists them
│   └── InvalidPhaseError            no such phase in the workflow (also a TaskCreationError)
├── NotFound
│   └── TaskNotFoundError            no such task
├── Conflict                         the thing is in a state that does not allow this
│   ├── TransitionRefused, StaleAttempt, ResultDecided, ReviewDecided, CommitMoved, WorkflowClosed,
│   │   KeyReused, LimitReached
├── Unauthenticated, Forbidden       the token is missing, wrong, or not enough
├── RateLimited                      too many wrong tokens from this address
├── RepositoryError, AgentProgramError
├── Unavailable                      nothing answers, or not yet; try again later
├── TaskCreationError                the server refused a task; also an error of the tree above
├── TaskTimeoutError                 a wait ran out; carries the progress so far
├── SDKNotRunningError               a call that needs ``start()`` first
└── HephaestusStartupError           the stack did not come up
    └── ProcessSpawnError            one of its processes could not be started

``InvalidDefinitionError`` is a ``ValueError`` too, and ``TaskTimeoutError`` a ``TimeoutError``, so
code that knows only the standard classes catches them.
"""

from typing import TYPE_CHECKING, Any

from hephaestus_core.contract.errors import (
    AgentProgramError,
    AmbiguousId,
    CommitMoved,
    ConfigurationError,
    Conflict,
    Forbidden,
    HephaestusError,
    InvalidDefinitionError,
    InvalidInput,
    KeyReused,
    LimitReached,
    NotFound,
    RateLimited,
    RepositoryError,
    ResultDecided,
    ReviewDecided,
    StaleAttempt,
    TransitionRefused,
    Unauthenticated,
    Unavailable,
    UnknownParameter,
    WorkflowClosed,
)

if TYPE_CHECKING:
    from hephaestus_sdk.api.summary import CompletionSummary

__all__ = [
    "AgentProgramError",
    "AmbiguousId",
    "CommitMoved",
    "ConfigurationError",
    "Conflict",
    "Forbidden",
    "HephaestusError",
    "HephaestusStartupError",
    "InvalidDefinitionError",
    "InvalidInput",
    "InvalidPhaseError",
    "KeyReused",
    "LimitReached",
    "NotFound",
    "ProcessSpawnError",
    "RateLimited",
    "RepositoryError",
    "ResultDecided",
    "ReviewDecided",
    "SDKNotRunningError",
    "StaleAttempt",
    "TaskCreationError",
    "TaskNotFoundError",
    "TaskTimeoutError",
    "TransitionRefused",
    "Unauthenticated",
    "Unavailable",
    "UnknownParameter",
    "WorkflowClosed",
    "creation_refused",
    "from_problem",
]


class TaskCreationError(HephaestusError):
    """The server refused to create a task; ``code`` says why."""


class InvalidPhaseError(TaskCreationError, InvalidInput):
    """The workflow has no such phase; the message lists those it has."""

    code = "invalid_input"


class TaskNotFoundError(NotFound):
    """No such task, or none that the token may see."""


class TaskTimeoutError(HephaestusError, TimeoutError):
    """A wait ran out. The work goes on; ``progress`` says how far it was."""

    code = "timeout"

    def __init__(self, message: str, *, progress: "CompletionSummary | None" = None) -> None:
        super().__init__(message)
        self.progress = progress


class SDKNotRunningError(HephaestusError):
    """The call needs a started SDK."""

    code = "not_running"


class HephaestusStartupError(HephaestusError):
    """The stack did not come up, or the one at the given URL does not answer."""

    code = "startup_failed"


class ProcessSpawnError(HephaestusStartupError):
    """A process of the local stack could not be started."""


_BY_CODE: dict[str, type[HephaestusError]] = {
    error.code: error
    for error in (
        InvalidInput,
        UnknownParameter,
        ConfigurationError,
        AmbiguousId,
        NotFound,
        Conflict,
        TransitionRefused,
        StaleAttempt,
        ResultDecided,
        ReviewDecided,
        CommitMoved,
        WorkflowClosed,
        KeyReused,
        LimitReached,
        Unauthenticated,
        Forbidden,
        RateLimited,
        RepositoryError,
        AgentProgramError,
        Unavailable,
    )
}

#: For answers without a code: a proxy's, or those of a newer server.
_BY_STATUS: dict[int, type[HephaestusError]] = {
    400: InvalidInput,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: InvalidInput,
    422: InvalidInput,
    429: RateLimited,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}

#: The input that names something: the call that lists what there is.
_LISTED_BY: dict[str, str] = {
    "task_id": "get_tasks()",
    "workflow_id": "list_workflows()",
    "agent_id": "client.agents()",
}


def from_problem(status: int, problem: dict[str, Any]) -> HephaestusError:
    """Return the error that a problem+json answer stands for.

    An unknown code falls back to the class of the HTTP status, and that to ``HephaestusError``.
    """
    fallback = _BY_STATUS.get(status, HephaestusError)
    kind = _BY_CODE.get(str(problem.get("code", "")), fallback)
    message = str(problem.get("detail") or problem.get("title") or f"HTTP status {status}")
    details: dict[str, Any] = {
        k: problem[k] for k in ("code", "errors", "candidates") if k in problem
    }
    field = problem.get("field")
    if kind is NotFound and field in _LISTED_BY:
        message = f"{message.rstrip('.')}: `{_LISTED_BY[field]}`"
    return kind(message, field=None if field is None else str(field), details=details)


def creation_refused(error: HephaestusError) -> HephaestusError:
    """Return ``error`` as a ``TaskCreationError`` that keeps its own class and code too."""
    refused = InvalidPhaseError if error.field == "phase_id" else _refusal(type(error))
    return refused(error.message, field=error.field, details=error.details)


def _refusal(kind: type[HephaestusError]) -> type[HephaestusError]:
    if kind not in _REFUSALS:
        _REFUSALS[kind] = type(kind.__name__, (TaskCreationError, kind), {"__doc__": kind.__doc__})
    return _REFUSALS[kind]


_REFUSALS: dict[type[HephaestusError], type[HephaestusError]] = {}
