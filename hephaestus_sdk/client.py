"""The API, one method per route, with typed answers and errors."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, TypeVar
from urllib.parse import quote

from hephaestus_sdk.access import AuditEntry, NewToken, Token
from hephaestus_sdk.connection import Connection
from hephaestus_sdk.decoding import decode
from hephaestus_sdk.definitions import WorkflowDefinition
from hephaestus_sdk.errors import (
    HephaestusError,
    InvalidInput,
    NotFound,
    TaskNotFoundError,
    Unauthenticated,
    Unavailable,
    creation_refused,
)
from hephaestus_sdk.summary import WorkflowSummary
from hephaestus_sdk.views import (
    Agent,
    AgentOutput,
    EventPage,
    Host,
    Merge,
    Queue,
    Task,
    Workflow,
    WorkflowResult,
)

View = TypeVar("View")

#: Longest that the server holds a request for events back, in seconds.
LONGEST_WAIT = 25.0
_PAGE = 200


class HephaestusClient:
    """Calls one API. Safe to share between threads; close it, or use it in ``with``.

    Args:
        url: where the API answers.
        token: an API token.
        options: see :class:`~hephaestus_sdk.connection.Connection`.

    Every method raises the errors of :mod:`hephaestus_sdk.errors`.
    """

    def __init__(self, url: str, token: str | None = None, **options: Any) -> None:
        self._connection = Connection(url, token, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where the API answers."""
        return self._connection.url

    def close(self) -> None:
        """Close the connection; the client cannot be used again."""
        self._connection.close()

    # Health

    def is_alive(self) -> bool:
        """Whether the web process answers at all; asked once."""
        return self._connection.probe("/health") is not None

    def readiness(self) -> dict[str, Any]:
        """Return ``{status, database, redis}``, asked once; ``{}`` when nothing answers."""
        return self._connection.probe("/ready") or {}

    def wait_until_ready(self, *, patience: float) -> None:
        """Return when the API is ready to work.

        Raises:
            Unavailable: it is not within ``patience`` seconds.
        """
        self._connection.get("/ready", patience=patience)

    # Workflow definitions

    def definitions(self) -> list[WorkflowDefinition]:
        """Return all registered workflow definitions."""
        items = self._connection.get("/workflow-definitions")["items"]
        return [WorkflowDefinition.from_dict(item, strict=False) for item in items]

    def definition(self, definition_id: str) -> WorkflowDefinition:
        """Return one registered workflow definition."""
        data = self._connection.get(f"/workflow-definitions/{_part(definition_id)}")
        return WorkflowDefinition.from_dict(data, strict=False)

    def register(self, definition: WorkflowDefinition) -> WorkflowDefinition:
        """Register a definition, in place of one with the same id."""
        data = self._connection.put(
            f"/workflow-definitions/{_part(definition.id)}", definition.to_dict()
        )
        return WorkflowDefinition.from_dict(data, strict=False)

    # Workflows

    def start_workflow(self, definition_id: str, **values: Any) -> Workflow:
        """Start a workflow; ``values`` as ``POST /workflows`` takes them, None left out."""
        body = {"definition_id": definition_id, **values}
        return _view(Workflow, self._connection.post("/workflows", body, key=_key()))

    def workflow(self, workflow_id: str) -> Workflow:
        """Return one workflow."""
        return _view(Workflow, self._connection.get(f"/workflows/{_part(workflow_id)}"))

    def workflows(self, *, status: str | None = None, limit: int | None = None) -> list[Workflow]:
        """Return workflows, newest first, at most ``limit``."""
        items = self._pages("/workflows", {"status": status}, limit)
        return [_view(Workflow, item) for item in items]

    def stop_workflow(self, workflow_id: str, reason: str | None = None) -> Workflow:
        """Stop every task of a workflow and close it."""
        path = f"/workflows/{_part(workflow_id)}/stop"
        return _view(Workflow, self._connection.post(path, {"reason": reason}))

    def approve_workflow(self, workflow_id: str) -> Workflow:
        """Let a workflow that waits for approval go on to its base branch."""
        path = f"/workflows/{_part(workflow_id)}/approve"
        return _view(Workflow, self._connection.post(path))

    def summary(self, workflow_id: str) -> WorkflowSummary:
        """Return a workflow's account of itself."""
        data = self._connection.get(f"/workflows/{_part(workflow_id)}/summary")
        return _view(WorkflowSummary, data)

    def results(self, workflow_id: str) -> list[WorkflowResult]:
        """Return all results that agents handed in, oldest first."""
        items = self._connection.get(f"/workflows/{_part(workflow_id)}/results")["items"]
        return [_view(WorkflowResult, item) for item in items]

    def merges(self, workflow_id: str) -> list[Merge]:
        """Return the merges of a workflow, oldest first."""
        items = self._connection.get(f"/workflows/{_part(workflow_id)}/merges")["items"]
        return [_view(Merge, item) for item in items]

    # Tasks

    def create_task(self, workflow_id: str, description: str, phase_id: int, **values: Any) -> Task:
        """Create a task; ``values`` as ``POST /tasks`` takes them, None left out.

        Raises:
            TaskCreationError: refused; the class and ``code`` say why.
        """
        body = {
            "workflow_id": workflow_id,
            "description": description,
            "phase_id": phase_id,
            **values,
        }
        try:
            return _view(Task, self._connection.post("/tasks", body, key=_key()))
        except (Unauthenticated, Unavailable):
            raise
        except HephaestusError as error:
            raise creation_refused(error) from error

    def task(self, task_id: str) -> Task:
        """Return one task with its attempts.

        Raises:
            TaskNotFoundError: no such task.
        """
        return self._task(task_id, self._connection.get)

    def tasks(
        self,
        *,
        workflow_id: str | None = None,
        status: str | None = None,
        phase_id: int | None = None,
        limit: int | None = None,
    ) -> list[Task]:
        """Return the tasks that fit, at most ``limit``; None means any."""
        wanted = {"workflow_id": workflow_id, "status": status, "phase_id": phase_id}
        return [_view(Task, item) for item in self._pages("/tasks", wanted, limit)]

    def cancel_task(self, task_id: str, reason: str | None = None) -> Task:
        """Cancel a task; a running agent is stopped and its work kept."""
        return self._act(task_id, "cancel", {"reason": reason})

    def restart_task(self, task_id: str) -> Task:
        """Put a finished task back into the queue with a new attempt."""
        return self._act(task_id, "restart")

    def bump_task(self, task_id: str) -> Task:
        """Start a queued task at once, beyond the limits if need be."""
        return self._act(task_id, "bump")

    def queue(self) -> Queue:
        """Return the queue of the whole system."""
        return _view(Queue, self._connection.get("/queue"))

    # Agents and hosts

    def agents(self, *, workflow_id: str | None = None, live: bool = True) -> list[Agent]:
        """Return agents, by default those alive now."""
        params = {"workflow_id": workflow_id, "live": live}
        return [_view(Agent, item) for item in self._connection.get("/agents", params)["items"]]

    def agent(self, agent_id: str) -> Agent:
        """Return one agent."""
        return _view(Agent, self._connection.get(f"/agents/{_part(agent_id)}"))

    def agent_output(self, agent_id: str, *, offset: int = 0, limit: int = 65_536) -> AgentOutput:
        """Return what an agent's terminal showed from byte ``offset`` on."""
        path = f"/agents/{_part(agent_id)}/output"
        return _view(AgentOutput, self._connection.get(path, {"offset": offset, "limit": limit}))

    def send_message(self, agent_id: str, text: str) -> dict[str, Any]:
        """Send a message to an agent; its delivery is confirmed by an event."""
        path = f"/agents/{_part(agent_id)}/messages"
        answer: dict[str, Any] = self._connection.post(path, {"text": text})
        return answer

    def stop_agent(self, agent_id: str, reason: str | None = None) -> Agent:
        """Stop an agent; its work is kept."""
        path = f"/agents/{_part(agent_id)}/stop"
        return _view(Agent, self._connection.post(path, {"reason": reason}))

    def hosts(self) -> list[Host]:
        """Return all hosts that ever registered."""
        return [_view(Host, item) for item in self._connection.get("/hosts")["items"]]

    def drain_host(self, name: str, *, drain: bool = True) -> Host:
        """Give a host no new agents, or (``drain=False``) give it some again."""
        path = f"/hosts/{_part(name)}/drain"
        return _view(Host, self._connection.post(path, {"drain": drain}))

    # Events

    def events(
        self,
        after: int = 0,
        *,
        workflow_id: str | None = None,
        limit: int = 500,
        wait: float = 0.0,
        patience: float | None = None,
    ) -> EventPage:
        """Return events with a number above ``after``, oldest first, and where to read on.

        Args:
            after: sequence number of the last event seen.
            workflow_id: only events of this workflow.
            limit: at most this many.
            wait: seconds to wait for the first one, at most :data:`LONGEST_WAIT`.
            patience: seconds to go on trying when nothing answers.
        """
        params = {"after": after, "limit": limit, "wait": wait, "workflow_id": workflow_id}
        data = self._connection.get("/events", params, wait=wait, patience=patience)
        return _view(EventPage, data)

    # Access

    def create_token(
        self,
        name: str,
        *,
        role: str,
        scopes: Sequence[str] = (),
        expires_in: int | None = None,
    ) -> NewToken:
        """Make a token; ``expires_in`` is in seconds, None: it does not expire.

        Sent once: a lost answer cannot be had again. Revoke the token and make another.
        """
        body = {"name": name, "role": role, "scopes": list(scopes), "expires_in": expires_in}
        return _view(NewToken, self._connection.post("/tokens", body))

    def tokens(self) -> list[Token]:
        """Return all tokens that were not revoked."""
        return [_view(Token, item) for item in self._connection.get("/tokens")["items"]]

    def revoke_token(self, name: str) -> Token:
        """End a token."""
        return _view(Token, self._connection.post(f"/tokens/{_part(name)}/revoke"))

    def audit(self, *, limit: int | None = None) -> list[AuditEntry]:
        """Return who changed what, newest first, at most ``limit`` entries."""
        return [_view(AuditEntry, item) for item in self._pages("/audit", {}, limit)]

    def _pages(self, path: str, params: Mapping[str, Any], limit: int | None) -> list[Any]:
        items: list[Any] = []
        cursor: str | None = None
        while limit is None or len(items) < limit:
            size = _PAGE if limit is None else min(_PAGE, limit - len(items))
            page = self._connection.get(path, {**params, "limit": size, "cursor": cursor})
            items += page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                break
        return items

    def _act(self, task_id: str, action: str, body: Mapping[str, Any] | None = None) -> Task:
        return self._task(task_id, lambda path: self._connection.post(f"{path}/{action}", body))

    def _task(self, task_id: str, call: Callable[[str], Any]) -> Task:
        try:
            return _view(Task, call(f"/tasks/{_part(task_id)}"))
        except NotFound as error:
            raise TaskNotFoundError(error.message, details=error.details) from error


def _key() -> str:
    """Return a new idempotency key: one per call, the same for all repetitions of its request."""
    return uuid.uuid4().hex


def _part(value: str) -> str:
    """Return a value as one part of a path, whatever characters it holds."""
    if value in {"", ".", ".."}:
        raise InvalidInput(f"{value!r} is no id; give the id that the thing was created with")
    return quote(str(value), safe="")


def _view(kind: type[View], data: Any) -> View:
    try:
        return decode(kind, data)
    except (AttributeError, TypeError, ValueError) as error:
        raise Unavailable(
            f"the answer is no {kind.__name__} ({error}); client and server may be of versions "
            "too far apart"
        ) from error
