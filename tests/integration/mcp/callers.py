"""Those who call tools in tests, and calls that must work or must be refused."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from mcp_types import CallToolResult, TextContent

from hephaestus_core.agents import hosting
from hephaestus_core.agents.views import AgentView
from hephaestus_core.tokens import token_hash
from tests.engine import Engine
from tests.mcp_client import call
from tests.web_server import WebServer


@dataclass(frozen=True)
class Person:
    """A person or a program of theirs."""

    token: str


@dataclass(frozen=True)
class LiveAgent:
    """A claimed, running agent and its token."""

    view: AgentView
    token: str


def start_agent(engine: Engine, description: str = "work") -> LiveAgent:
    """Create a task and bring an agent to work on it."""
    engine.create(description, priority="critical")
    agent = engine.claimed()
    token = f"heph_agent_{agent.id}"
    hosting.record_prepared(
        engine.db, agent.id, fence=agent.fence, base_commit="b", token_hash=token_hash(token)
    )
    hosting.record_running(engine.db, agent.id, fence=agent.fence)
    return LiveAgent(agent, token)


def answer(
    web: WebServer, caller: LiveAgent | Person, tool: str, **arguments: Any
) -> dict[str, Any]:
    """Call a tool and return what it answered; a refusal fails the test."""
    result = asyncio.run(call(web.url, caller.token, tool, **arguments))
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


def refusal(
    web: WebServer, caller: LiveAgent | Person, tool: str, **arguments: Any
) -> dict[str, Any]:
    """Call a tool that must refuse, and return the refusal."""
    return refusal_in(asyncio.run(call(web.url, caller.token, tool, **arguments)))


def refusal_in(result: CallToolResult) -> dict[str, Any]:
    """Return the refusal that a result is; one of another form fails the test."""
    assert result.is_error, result.structured_content
    # Clients would hold it against the schema of what the tool returns when all goes well.
    assert result.structured_content is None
    [text] = result.content
    assert isinstance(text, TextContent)
    refused: dict[str, Any] = json.loads(text.text)
    return refused
