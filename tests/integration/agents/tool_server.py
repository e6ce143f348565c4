"""An MCP server on the official SDK that stands where the engine will stand.

It holds no task and decides nothing: it notes calls and answers as each test tells it.
"""

import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from mcp.server.mcpserver import MCPServer

from tests.waiting import wait_until

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass
class ToolServer:
    """What a test sees of the running server.

    ``status`` other than 200 is answered to every request. ``keys`` are the idempotency keys of
    all requests, those refused too.
    """

    url: str
    token: str
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    status: int = 200
    keys: list[str] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)

    def called(self, name: str) -> list[dict[str, Any]]:
        return [arguments for called, arguments in self.calls if called == name]

    def answer(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((name, arguments))
        answer = self.answers.get(name, {"status": "ok"})
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)


@contextlib.contextmanager
def running_tool_server(token: str, *, json_response: bool = False) -> Iterator[ToolServer]:
    """Run the server on a free port of the loopback interface."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        tools = ToolServer(url, token)
        app = _mcp_server(tools).streamable_http_app(
            stateless_http=True, json_response=json_response
        )
        config = uvicorn.Config(
            _guarded(app, tools), log_level="warning", ws="none", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            wait_until(lambda: server.started, what="the tool server to start")
            yield tools
        finally:
            server.should_exit = True
            thread.join()


def _mcp_server(tools: ToolServer) -> MCPServer[Any]:
    server: MCPServer[Any] = MCPServer("hephaestus")

    @server.tool()
    def get_my_task() -> dict[str, Any]:
        """Return the caller's own task."""
        return tools.answer("get_my_task", {})

    @server.tool()
    def create_task(description: str, phase_id: int, priority: str = "medium") -> dict[str, Any]:
        """Create a task."""
        arguments = {"description": description, "phase_id": phase_id, "priority": priority}
        return tools.answer("create_task", arguments)

    @server.tool()
    def update_task_status(
        status: str, summary: str, failure_reason: str | None = None
    ) -> dict[str, Any]:
        """Report on the caller's own task."""
        arguments = {"status": status, "summary": summary, "failure_reason": failure_reason}
        return tools.answer("update_task_status", arguments)

    @server.tool()
    def submit_result_validation(validation_passed: bool, feedback: str) -> dict[str, Any]:
        """Judge a result."""
        arguments = {"validation_passed": validation_passed, "feedback": feedback}
        return tools.answer("submit_result_validation", arguments)

    return server


def _guarded(app: App, tools: ToolServer) -> App:
    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        tools.keys.append(headers.get(b"idempotency-key", b"").decode())
        right = headers.get(b"authorization") == f"Bearer {tools.token}".encode()
        status = tools.status if right else 401
        if scope["method"] == "GET":
            status = 405  # a server without sessions has nothing to send by itself
        if status == 200:
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return guarded
