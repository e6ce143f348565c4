"""Who calls: the agent or the person whose token came with the request, and nobody else."""

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

#: What tools ask for as a parameter; the server fills it in and shows it to no client.
CallContext = Context[Any, Any]

#: Where the mount leaves the :data:`Door` for the server.
SCOPE_KEY: Final = "hephaestus.door"


@dataclass(frozen=True)
class AgentDoor:
    """What a tool of agents works with."""

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

    def check_may_read(self) -> None:
        """Refuse an agent that has nothing more to do.

        Raises:
            StaleAttempt: its attempt is over.
        """
        if self.caller.over:
            raise StaleAttempt("Your attempt at this task is over; nothing more is to do. Stop.")


@dataclass(frozen=True)
class PersonDoor:
    """What a tool of people works with."""

    wiring: Wiring
    feed: EventFeed
    permits: Permits
    person: Person
    address: str
    """Where the request came from."""
    sent_key: str | None
    """The request's Idempotency-Key."""

    @property
    def database(self) -> Database:
        """Where everything is."""
        return self.wiring.database

    @property
    def idempotency_key(self) -> str | None:
        """The key under which a creation counts once, for this person alone, as over REST."""
        return self.sent_key and own_key(self.person, self.sent_key)

    def check_may_read(self) -> None:
        """Refuse a person whose token is not for reading.

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
        return AgentDoor(wiring.database, caller, sent_key)
    return PersonDoor(wiring, event_feed(), waiting_permits(), caller, address, sent_key)


def door_of_request(context: ServerRequestContext[Any, Any]) -> Door:
    """Return what the mount has left with a request."""
    request: Any = context.request
    found: Door = request.scope[SCOPE_KEY]
    return found


def person_door(context: CallContext) -> PersonDoor:
    """Return what a person's tool works with; the catalogue gives such tools to people alone."""
    found: Any = door_of_request(context.request_context)
    own: PersonDoor = found
    return own


def agent_door(context: CallContext) -> AgentDoor:
    """Return what an agent's tool works with; core checks the reports themselves."""
    found: Any = door_of_request(context.request_context)
    own: AgentDoor = found
    return own


def live_door(context: CallContext) -> AgentDoor:
    """Return what an agent's tool works with, for reads.

    Raises:
        StaleAttempt: the calling agent's attempt is over.
    """
    found = agent_door(context)
    found.check_may_read()
    return found
