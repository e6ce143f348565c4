"""The event loop behind the endpoint, without a web server around it."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast
from uuid import UUID

import pytest

from hephaestus_core.access.service import AgentCaller
from hephaestus_core.agents.tools import Effect
from hephaestus_core.contract.errors import Unavailable
from hephaestus_core.settings.config import load_settings
from hephaestus_web.mcp.catalogue import Catalogue, offer
from hephaestus_web.mcp.identity import SCOPE_KEY, AgentDoor
from hephaestus_web.mcp.mount import McpMount
from hephaestus_web.mcp.resources import Library
from hephaestus_web.mcp.server import mcp_server

HEADERS = {
    "host": "127.0.0.1:8000",
    "accept": "application/json",
    "content-type": "application/json",
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": "sleep",
}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


def scope() -> dict[str, Any]:
    nobody = AgentCaller(UUID(int=1), UUID(int=2), UUID(int=3), over=False)
    return {
        "type": "http",
        "method": "POST",
        "path": "/mcp",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in HEADERS.items()],
        SCOPE_KEY: AgentDoor(*[cast("Any", None)] * 3, nobody, None),
    }


def test_a_call_that_runs_at_the_end_is_told_to_try_again() -> None:
    called = threading.Event()

    async def sleep() -> str:
        called.set()
        await asyncio.Event().wait()
        return "never"

    tool = offer(sleep, name="sleep", title="Sleep", summary="Sleep.", effect=Effect.READS)
    mount = McpMount(mcp_server(Catalogue([tool]), Library()), load_settings(environ={}))
    params = {"name": "sleep", "arguments": {}, "_meta": META}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    mount.start()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(mount.answer, scope(), json.dumps(body).encode())
        assert called.wait(10)
        mount.close()
        with pytest.raises(Unavailable, match="about to stop"):
            answer.result(10)
