"""The official MCP client, with an agent's token, for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult


@asynccontextmanager
async def mcp_client(url: str, token: str, *, mode: str = "auto") -> AsyncIterator[Client]:
    """Connect to ``<url>/mcp``; ``mode`` is 'legacy', 'auto', or a protocol version."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


async def call(url: str, token: str, tool: str, **arguments: Any) -> CallToolResult:
    """Connect, call one tool, and disconnect."""
    async with mcp_client(url, token) as client:
        return await client.call_tool(tool, arguments)
