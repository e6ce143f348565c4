"""A request to the model, as tests ask about it, whichever API it speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from tests.model_server.chat import ChatCompletions
from tests.model_server.dialect import Dialect, Part
from tests.model_server.messages import Messages
from tests.model_server.responses import Responses

WAIT_FOR_TOOLS = "WaitForMcpServers"
"""Claude Code offers this tool in place of MCP tools that are not connected yet."""
FIND_TOOLS = "ToolSearch"
"""Droid offers this tool in place of MCP tools until they have been asked for."""

DIALECTS: dict[str, Dialect] = {
    "/v1/chat/completions": ChatCompletions(),
    "/v1/messages": Messages(),
    "/v1/responses": Responses(),
}
"""The APIs by the path that they are spoken at."""


@dataclass(frozen=True)
class Request:
    """One request; ``body`` is empty where none came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def dialect(self) -> Dialect | None:
        """The API spoken; None for what is no question to the model."""
        return DIALECTS.get(self.path) if self.method == "POST" else None

    @property
    def tools(self) -> list[str]:
        """Names of the tools on offer."""
        return self.dialect.tools(self.body) if self.dialect else []

    @property
    def is_conversation(self) -> bool:
        """Whether this is the agent at work, not a side request such as for a title."""
        return bool(self.tools)

    @property
    def turn(self) -> int:
        """How many scripted answers this conversation has had."""
        speakers = groupby(self._parts(), key=lambda part: part.role == "assistant")
        answers = (list(parts) for by_model, parts in speakers if by_model)
        fetching = {Part("assistant", "call", name) for name in (WAIT_FOR_TOOLS, FIND_TOOLS)}
        return sum(1 for parts in answers if not fetching.intersection(parts))

    def texts(self, *roles: str) -> list[str]:
        """Return all text parts of messages of these roles (default: user and system)."""
        wanted = roles or ("user", "system")
        return [p.text for p in self._parts() if p.kind == "text" and p.role in wanted]

    def tool_results(self) -> list[str]:
        """Return what the called tools answered, each as one text."""
        return [part.text for part in self._parts() if part.kind == "result"]

    def _parts(self) -> list[Part]:
        return list(self.dialect.parts(self.body)) if self.dialect else []
