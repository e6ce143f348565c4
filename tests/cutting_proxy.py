"""A proxy that takes requests to a server, and loses some of its answers."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit


class CuttingProxy(ThreadingHTTPServer):
    """Forwards each POST; while ``cuts`` is above 0, it ends the connection without the answer."""

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Forwarder)
        self.target = urlsplit(target)
        self.cuts = 0
        self.lost: list[bytes] = []
        """The answers that no client got."""

    @property
    def url(self) -> str:
        """The address of the proxy."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Forwarder(BaseHTTPRequestHandler):
    server: CuttingProxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        target = self.server.target
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=60)
        connection.request("POST", self.path, body, dict(self.headers))
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        if self.server.cuts:
            self.server.cuts -= 1
            self.server.lost.append(said)
            self.close_connection = True
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Say nothing: the test tells what went wrong."""


@contextmanager
def cutting_proxy(target: str) -> Iterator[CuttingProxy]:
    """Run a proxy before the server at this address."""
    with CuttingProxy(target) as proxy:
        thread = Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        yield proxy
        proxy.shutdown()
        thread.join()
