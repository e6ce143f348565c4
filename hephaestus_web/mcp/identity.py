"""Who calls a tool: the agent whose attempt token came with the request, and nobody else."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from mcp.server.mcpserver import Context

from hephaestus_core.access.service import AgentCaller
from hephaestus_core.db.engine import Database
from hephaestus_core.errors import StaleAttempt

#: What tools ask for as a parameter; the SDK fills it in and shows it to no client.
CallContext = Context[Any, Any]

#: Where the mount leaves the :class:`Door` for the tools.
ENVIRON_KEY: Final = "hephaestus.door"


@dataclass(frozen=True)
class Door:
    """What a tool works with."""

    database: Database
    caller: AgentCaller
    sent_key: str | None
    """The request's Idempotency-Key."""

    @property
    def idempotency_key(self) -> str | None:
        """The key under which a creation counts once, for this agent alone."""
        return self.sent_key and f"agent {self.agent_id}:{self.sent_key}"

    @property
    def agent_id(self) -> UUID:
        """The calling agent."""
        return self.caller.agent_id


def door(context: CallContext) -> Door:
    """Return what the request that calls the tool came with; core checks the reports themselves."""
    request: Any = context.request_context.request
    found: Door = request.scope["wsgi_environ"][ENVIRON_KEY]
    return found


def live_door(context: CallContext) -> Door:
    """Return what the request came with, for reads.

    Raises:
        StaleAttempt: the calling agent's attempt is over.
    """
    found = door(context)
    if found.caller.over:
        raise StaleAttempt("Your attempt at this task is over; nothing more is to do. Stop.")
    return found
