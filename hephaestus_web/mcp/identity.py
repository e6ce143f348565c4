"""The caller of a tool: the agent or the person whose token came with the request."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Context

from hephaestus_core.access.rules import Scope
from hephaestus_core.access.service import AgentCaller, Person
from hephaestus_core.contract.errors import StaleAttempt
from hephaestus_core.db.engine import Database
from hephaestus_web.access.auth import Access, Need, refuse_unless_allowed
from hephaestus_web.live.event_feed import EventFeed, event_feed
from hephaestus_web.live.permits import Permits, waiting_permits
from hephaestus_web.requests.idempotency import own_key
from hephaestus_web.wiring import Wiring

#: A parameter of tools that the server fills in and hides from clients.
CallContext = Context[Any, Any]

#: Key of the :data:`Door` in the ASGI scope.
SCOPE_KEY: Final = "hephaestus.door"


@dataclass(frozen=True)
class AgentDoor:
    """The context of an agent's tool."""

    wiring: Wiring
    feed: EventFeed
    permits: Permits
    caller: AgentCaller
    sent_key: str | None
    """The request's Idempotency-Key."""

    @property
    def database(self) -> Database:
        """The database."""
        return self.wiring.database

    @property
    def idempotency_key(self) -> str | None:
        """The key under which a creation counts once, for this agent alone."""
        return self.sent_key and f"agent {self.agent_id}:{self.sent_key}"

    @property
    def agent_id(self) -> UUID:
        """The calling agent."""
        return self.caller.agent_id

    def check_may_read(self) -> None:
        """Refuse an agent whose attempt is over.

        Raises:
            StaleAttempt: its attempt is over.
        """
        if self.caller.over:
            raise StaleAttempt(
                "Your attempt at this task is over; there is nothing more to do. Stop."
            )


@dataclass(frozen=True)
class PersonDoor:
    """The context of a person's tool."""

    wiring: Wiring
    feed: EventFeed
    permits: Permits
    person: Person
    address: str
    """The client's address."""
    sent_key: str | None
    """The request's Idempotency-Key."""

    @property
    def database(self) -> Database:
        """The database."""
        return self.wiring.database

    @property
    def idempotency_key(self) -> str | None:
        """The key under which a creation counts once, for this person alone, as over REST."""
        return self.sent_key and own_key(self.person, self.sent_key)

    def check_may_read(self) -> None:
        """Refuse a person whose token may not read.

        Raises:
            Forbidden: it is narrowed to other scopes.
        """
        refuse_unless_allowed(self.person, Access(Need.VIEWER, Scope.READ))


Door = AgentDoor | PersonDoor


def door_of(
    wiring: Wiring, caller: AgentCaller | Person, *, address: str, sent_key: str | None
) -> Door:
    """Return the door of the caller that the guard has let in; takes a request's context."""
    if isinstance(caller, AgentCaller):
        return AgentDoor(wiring, event_feed(), waiting_permits(), caller, sent_key)
    return PersonDoor(wiring, event_feed(), waiting_permits(), caller, address, sent_key)


def door_of_request(context: ServerRequestContext[Any, Any]) -> Door:
    """Return the door from a request's scope."""
    request: Any = context.request
    found: Door = request.scope[SCOPE_KEY]
    return found


def person_door(context: CallContext) -> PersonDoor:
    """Return the context of a person's tool; only people are offered such tools."""
    found: Any = door_of_request(context.request_context)
    own: PersonDoor = found
    return own


def agent_door(context: CallContext) -> AgentDoor:
    """Return the context of an agent's tool; the core checks reports itself."""
    found: Any = door_of_request(context.request_context)
    own: AgentDoor = found
    return own


def live_door(context: CallContext) -> AgentDoor:
    """Return the context of an agent's tool that reads.

    Raises:
        StaleAttempt: the calling agent's attempt is over.
    """
    found = agent_door(context)
    found.check_may_read()
    return found
