"""The HTTP side: one thread a request, on a free port of the loopback interface."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.model_server.answers import Answer, Fault
from tests.model_server.dialect import Dialect
from tests.model_server.requests import Request
from tests.model_server.scripts import Script, reply_to


class ModelServer:
    """Answers as ``script`` says, and keeps all requests.

    ``script`` may be changed while the server runs. Used as a context manager.
    """

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[Request] = []
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def conversations(self) -> list[Request]:
        """Return the requests of agents at work, without side requests."""
        return [request for request in list(self.requests) if request.is_conversation]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, owner: ModelServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a program that is stopped drops its connections."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_HEAD(self) -> None:
        self._note({})
        self._send(200, b"")

    def do_GET(self) -> None:
        self._note({})
        self._send(404, b"{}")

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            body = json.loads(raw)
        except ValueError:
            body = {}
        request = self._note(body if isinstance(body, dict) else {})
        if request.path == "/v1/messages/count_tokens":
            self._send(200, json.dumps({"input_tokens": len(raw) // 4}).encode())
        elif request.dialect:
            self._answer(request, request.dialect)
        else:
            self._send(404, b"{}")

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: the tests look at requests, not at a log."""

    def _note(self, body: dict[str, Any]) -> Request:
        path = self.path.split("?", 1)[0]
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, headers, body)
        self.server.owner.requests.append(request)
        return request

    def _answer(self, request: Request, dialect: Dialect) -> None:
        reply = reply_to(request, self.server.owner.script)
        if isinstance(reply, Fault):
            body = json.dumps(dialect.fault(reply)).encode()
            self._send(reply.status, body, **reply.headers)
            return
        reply.wait()
        model = str(request.body.get("model", "scripted"))
        if request.body.get("stream"):
            self._stream(reply, model, dialect)
        else:
            self._send(200, json.dumps(dialect.whole(reply, model)).encode())

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _stream(self, answer: Answer, model: str, dialect: Dialect) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in dialect.stream(answer, model):
            data = event.encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.write(b"0\r\n\r\n")
