"""All tools and their callers: a tool that is not offered to a caller cannot be called by it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from mcp.server.mcpserver.tools import Tool
from mcp_types import Tool as ListedTool
from mcp_types import ToolAnnotations

from hephaestus_core.agents.tools import Effect
from hephaestus_core.contract.errors import Forbidden, NotFound
from hephaestus_core.contract.spelling import nearest
from hephaestus_web.access import auth
from hephaestus_web.mcp.identity import AgentDoor, Door

ToolFunction = Callable[..., Any]

#: No tool reaches beyond this system.
_HINTS: Final = {
    Effect.READS: ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    ),
    Effect.ADDS: ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
    ),
    Effect.SETS: ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    ),
    Effect.ENDS: ToolAnnotations(
        read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
    ),
}

#: The dialect of pydantic's schemas.
_DIALECT: Final = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


@dataclass(frozen=True)
class Offer:
    """A tool and its kind of caller."""

    tool: Tool
    listed: ListedTool
    effect: Effect
    route: str | None
    """The route that a person must be allowed to use; None: a tool of agents."""

    @property
    def access(self) -> auth.Access | None:
        """The access that a person needs; None if the tool is closed."""
        return None if self.route is None else auth.access_of(self.route)


def offer(
    function: ToolFunction,
    *,
    name: str,
    title: str,
    summary: str,
    effect: Effect,
    route: str | None = None,
) -> Offer:
    """Return a function as a tool; its schemas come from its signature."""
    hints = _HINTS[effect]
    tool = Tool.from_function(
        function, name=name, title=title, description=summary, annotations=hints
    )
    listed = ListedTool(
        name=name,
        title=title,
        description=summary,
        input_schema={**_DIALECT, **tool.parameters, "additionalProperties": False},
        output_schema=tool.output_schema,
        annotations=hints,
    )
    return Offer(tool, listed, effect, route)


class Catalogue:
    """The tools of agents and the tools of people; names are unique within each."""

    def __init__(self, offers: Iterable[Offer]) -> None:
        self._agents: dict[str, Offer] = {}
        self._people: dict[str, Offer] = {}
        for each in offers:
            kind = self._agents if each.route is None else self._people
            kind[each.tool.name] = each

    @property
    def of_agents(self) -> list[Offer]:
        """The tools of agents, in order."""
        return list(self._agents.values())

    @property
    def of_people(self) -> list[Offer]:
        """The tools of people, in order."""
        return list(self._people.values())

    def offered(self, door: Door) -> list[Offer]:
        """Return the tools that a caller is offered, in order."""
        if isinstance(door, AgentDoor):
            return self.of_agents
        return [o for o in self.of_people if auth.may(door.person, o.access)]

    def tool(self, door: Door, name: str) -> Tool:
        """Return the tool that a caller calls.

        Raises:
            NotFound: there is none of this name.
            Forbidden: it is not for this caller.
        """
        own, others = self._people, self._agents
        if isinstance(door, AgentDoor):
            own, others = others, own
        if name in own:
            return self._allowed(door, own[name])
        if name in others:
            kind = "people" if isinstance(door, AgentDoor) else "agents"
            raise Forbidden(f"'{name}' is a tool for {kind}; call tools/list to see your tools.")
        raise NotFound(f"Unknown tool '{name}'{nearest(name, list(own))}.")

    def change(self, door: Door, name: str) -> Offer | None:
        """Return the tool of people of this name if it changes something, else None.

        The person's rights are not checked.
        """
        found = None if isinstance(door, AgentDoor) else self._people.get(name)
        return None if found is None or found.effect is Effect.READS else found

    def _allowed(self, door: Door, found: Offer) -> Tool:
        if found.route is not None and not isinstance(door, AgentDoor):
            auth.refuse_unless_allowed(door.person, found.access)
        return found.tool
