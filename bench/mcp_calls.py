"""The time of a reading tool's call over HTTP, in an older and the newest protocol revision."""

import http.client
import json
import time
from collections.abc import Mapping
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from bench.rows import Row, Target, p50, percentile
from bench.surroundings import Stack, running_stack
from hephaestus_core.contract.home import HomeLayout

CALLS = 300
_WARM_UP = 30
_TASKS = 50

_OLDER, _NEWEST = "2025-06-18", "2026-07-28"
_META = "io.modelcontextprotocol/"
_ENVELOPE = {f"{_META}protocolVersion": _NEWEST, f"{_META}clientCapabilities": {}}


def measure() -> dict[str, Row]:
    """Return the row ``mcp_call_milliseconds``, for two tools in two revisions of the protocol."""
    with running_stack() as stack:
        stack.sdk.client.drain_host(stack.host)
        workflow_id = stack.sdk.start_workflow("bench", description="tool calls")
        tasks = [
            stack.sdk.create_task_in_workflow(workflow_id, f"Task {number} to read", 1)
            for number in range(_TASKS)
        ]
        calls = {"get_task": {"task_id": tasks[0]}, "get_tasks": {"workflow_id": workflow_id}}
        taken = {
            f"{tool}, {version}": _timed(stack, version, tool, arguments)
            for tool, arguments in calls.items()
            for version in (_OLDER, _NEWEST)
        }
    every = list(chain.from_iterable(taken.values()))
    raw = {
        "p50": {name: p50(milliseconds) for name, milliseconds in taken.items()},
        "p95": {name: percentile(milliseconds, 95) for name, milliseconds in taken.items()},
    }
    return {"mcp_call_milliseconds": Row(p50(every), "ms", Target(15), len(every), raw)}


def _timed(stack: Stack, version: str, tool: str, arguments: Mapping[str, Any]) -> list[float]:
    """Call a tool repeatedly on one connection; return each call's milliseconds."""
    address = urlsplit(stack.sdk.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
    token = HomeLayout(stack.home).admin_token.read_text().strip()
    headers = _headers(version, tool) | {"Authorization": f"Bearer {token}"}
    params = {"name": tool, "arguments": dict(arguments)}
    if version == _NEWEST:
        params["_meta"] = _ENVELOPE
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    taken = []
    for _ in range(_WARM_UP + CALLS):
        began = time.perf_counter()
        connection.request("POST", "/mcp", body, headers)
        answer = connection.getresponse().read()
        taken.append((time.perf_counter() - began) * 1000)
    connection.close()
    if json.loads(answer)["result"].get("isError"):
        raise RuntimeError(f"{tool} was refused: {answer.decode()}")
    return taken[_WARM_UP:]


def _headers(version: str, tool: str) -> dict[str, str]:
    return {
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
        "MCP-Protocol-Version": version,
        "Mcp-Method": "tools/call",
        "Mcp-Name": tool,
    }
