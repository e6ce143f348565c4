"""The MCP server inside the Flask application, on an event loop in a thread of its own."""

import asyncio
import contextlib
import threading
from collections.abc import MutableMapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Blueprint, Request, Response, current_app, g, request
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings

from hephaestus_core.contract.errors import Unavailable
from hephaestus_core.settings.config import Settings
from hephaestus_web.mcp.identity import SCOPE_KEY, door_of
from hephaestus_web.requests.idempotency import sent_key
from hephaestus_web.wiring import wiring

blueprint = Blueprint("mcp", __name__)

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

#: A message of ASGI.
_Message = MutableMapping[str, Any]


class McpMount:
    """Runs the server's event loop; :meth:`answer` answers one POST.

    Stateless, with plain JSON answers: any process can answer any request, and a restart of the
    web process loses no session.
    """

    def __init__(self, server: Server[Any], settings: Settings) -> None:
        self._manager = StreamableHTTPSessionManager(
            server, json_response=True, stateless=True, security_settings=_security(settings)
        )
        self._stop = asyncio.Event()
        self._started = threading.Event()

    def start(self) -> None:
        """Start the loop in the serving process, and wait until it can answer."""
        run = partial(asyncio.run, self._serve())
        threading.Thread(target=run, name="mcp-loop", daemon=True).start()
        self._started.wait()

    def close(self) -> None:
        """Stop the loop and cancel running calls."""
        if self._started.is_set():
            with contextlib.suppress(RuntimeError):  # it has ended before
                self._loop.call_soon_threadsafe(self._stop.set)

    def answer(self, scope: dict[str, Any], body: bytes) -> Response:
        """Return the server's answer; the calling thread waits for it.

        Raises:
            Unavailable: the loop ends before there is one.
        """
        exchange = _Exchange(body)
        handled = self._manager.handle_request(scope, exchange.receive, exchange.send)
        try:
            asyncio.run_coroutine_threadsafe(handled, self._loop).result()
        except CancelledError as error:
            raise Unavailable("The server is about to stop; try again in a moment.") from error
        return exchange.response()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with self._manager.run():
            self._started.set()
            await self._stop.wait()


@dataclass
class _Exchange:
    """One request and its answer, both complete."""

    body: bytes | None
    status: int = 500
    headers: list[tuple[str, str]] = field(default_factory=list)
    answer: bytes = b""

    async def receive(self) -> _Message:
        """Return the request's body; later calls wait, since the client stays connected."""
        if self.body is None:
            await asyncio.Event().wait()
        body, self.body = self.body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: _Message) -> None:
        """Take a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [(_text(name), _text(value)) for name, value in message["headers"]]
        else:
            self.answer += message.get("body", b"")

    def response(self) -> Response:
        """Return the answer."""
        return Response(self.answer, self.status, self.headers)


@blueprint.post("/mcp")
def call() -> Response:
    """Answer one MCP request of a caller that the guard has let in."""
    # Flask bounds the size of the body.
    body = request.get_data()
    door = door_of(wiring(), g.caller, address=request.remote_addr or "", sent_key=sent_key())
    mount: McpMount = current_app.extensions["mcp"]
    return mount.answer({**_scope(request), SCOPE_KEY: door}, body)


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")


def _scope(asked: Request) -> dict[str, Any]:
    """Return the ASGI scope of the request."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": asked.scheme,
        "path": asked.path,
        "raw_path": asked.path.encode(),
        "query_string": asked.query_string,
        "root_path": "",
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in asked.headers.items()
        ],
        "client": None,
        "server": None,
    }


def _security(settings: Settings) -> TransportSecuritySettings:
    """Return the check of Host and Origin against DNS rebinding.

    It applies on loopback only: elsewhere the server's names are unknown, and the token is the
    guard.
    """
    if settings.mcp_host not in {"127.0.0.1", "localhost", "::1"}:
        return TransportSecuritySettings(enable_dns_rebinding_protection=False)
    return TransportSecuritySettings(
        allowed_hosts=[f"{host}:*" for host in _LOOPBACK],
        allowed_origins=[f"http://{host}:*" for host in _LOOPBACK],
    )
