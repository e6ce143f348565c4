"""The MCP server inside the Flask application, on an event loop in a thread of its own."""

import asyncio
import contextlib
import io
import threading
from typing import Any

from a2wsgi import ASGIMiddleware
from flask import Blueprint, current_app, g, request
from mcp.server.lowlevel import Server
from mcp.server.transport_security import TransportSecuritySettings
from werkzeug.wrappers import Response

from hephaestus_core.config import Settings
from hephaestus_web.idempotency import sent_key
from hephaestus_web.mcp.identity import ENVIRON_KEY, door_of
from hephaestus_web.wiring import wiring

blueprint = Blueprint("mcp", __name__)

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class McpMount:
    """Runs the server's event loop; its :attr:`wsgi` answers one POST per call.

    Stateless, with plain JSON answers: every process can answer every request, and nobody loses
    a session when the web process is restarted.
    """

    def __init__(self, server: Server[Any], settings: Settings) -> None:
        self._app = server.streamable_http_app(
            stateless_http=True, json_response=True, transport_security=_security(settings)
        )
        self._server = server
        self._stop = asyncio.Event()
        self._started = threading.Event()

    def start(self) -> None:
        """Start the loop, in the process that serves, and wait until it can answer."""
        self._loop = asyncio.new_event_loop()
        asgi: Any = self._app
        self.wsgi = ASGIMiddleware(asgi, loop=self._loop)
        threading.Thread(target=self._run, name="mcp-loop", daemon=True).start()
        self._started.wait()

    def close(self) -> None:
        """End the loop; running calls are cancelled."""
        if self._started.is_set():
            with contextlib.suppress(RuntimeError):  # it has ended before
                self._loop.call_soon_threadsafe(self._stop.set)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        async with self._server.session_manager.run():
            self._started.set()
            await self._stop.wait()


@blueprint.post("/mcp")
def call() -> Response:
    """Answer one MCP request of whom the guard has let in."""
    body = request.get_data()
    environ = {
        **request.environ,
        # Read here, where its size is bounded, whichever way it was sent.
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        ENVIRON_KEY: door_of(
            wiring(), g.caller, address=request.remote_addr or "", sent_key=sent_key()
        ),
    }
    mount: McpMount = current_app.extensions["mcp"]
    wsgi: Any = mount.wsgi
    return Response.from_app(wsgi, environ, buffered=True)


def _security(settings: Settings) -> TransportSecuritySettings:
    """Return the check of Host and Origin.

    On loopback it keeps a web page that a browser was lured to from reaching the server by DNS
    rebinding. Elsewhere the names under which hosts reach us are not known; the token guards.
    """
    if settings.mcp_host not in {"127.0.0.1", "localhost", "::1"}:
        return TransportSecuritySettings(enable_dns_rebinding_protection=False)
    return TransportSecuritySettings(
        allowed_hosts=[f"{host}:*" for host in _LOOPBACK],
        allowed_origins=[f"http://{host}:*" for host in _LOOPBACK],
    )
