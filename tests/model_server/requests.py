"""A request to the Messages API, as tests ask about it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

WAIT_FOR_TOOLS = "WaitForMcpServers"
"""Claude Code offers this tool in place of MCP tools that are not connected yet."""


@dataclass(frozen=True)
class Request:
    """One request; ``body`` is empty where none came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body.get("messages", []))

    @property
    def tools(self) -> list[str]:
        """Names of the tools on offer."""
        return [tool["name"] for tool in self.body.get("tools") or []]

    @property
    def is_conversation(self) -> bool:
        """Whether this is the agent at work, not a side request such as for a title."""
        return self.path == "/v1/messages" and bool(self.tools)

    @property
    def turn(self) -> int:
        """How many scripted answers this conversation has had."""
        answers = (m for m in self.messages if m["role"] == "assistant")
        return sum(1 for answer in answers if not _waits_for_tools(answer))

    def texts(self, *roles: str) -> list[str]:
        """Return all text parts of messages of these roles (default: user and system)."""
        wanted = roles or ("user", "system")
        return [
            part["text"]
            for message in self.messages
            if message["role"] in wanted
            for part in _parts(message)
            if part.get("type") == "text"
        ]

    def tool_results(self) -> list[str]:
        """Return what the called tools answered, each as one text."""
        return [
            _as_text(part.get("content"))
            for message in self.messages
            for part in _parts(message)
            if part.get("type") == "tool_result"
        ]


def _parts(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    content = message["content"]
    if isinstance(content, str):
        yield {"type": "text", "text": content}
    else:
        yield from content


def _as_text(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(part.get("text", "") for part in content)
    return content if isinstance(content, str) else json.dumps(content)


def _waits_for_tools(message: Mapping[str, Any]) -> bool:
    return any(part.get("name") == WAIT_FOR_TOOLS for part in _parts(message))
