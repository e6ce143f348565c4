"""An endpoint of embeddings on loopback, in the wire form of OpenAI's API, with faults on order."""

import json
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.loopback_server import serving


class Endpoint:
    """Its vectors count words; its faults may be changed at any time."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/v1"
        self.dimension = 8
        self.means: dict[str, str] = {}
        """Words that mean the same as another one."""
        self.status = 200
        self.refused = ""
        """A text that contains it is refused, with all others of the same call."""
        self.hangs = False
        self.on_ask: Callable[[], None] = lambda: None
        """Called while a request waits for its answer."""
        self.asked: list[list[str]] = []
        self.keys: list[str] = []
        self.gate = threading.Event()
        """Opens at the end; requests that hang wait for it."""

    def answer(self, texts: list[str]) -> tuple[int, object]:
        """Return the status and the content of the answer to a request."""
        self.asked.append(texts)
        self.on_ask()
        if self.hangs:
            self.gate.wait(60)
        if self.refused and any(self.refused in text for text in texts):
            return 400, {"error": {"message": "a text is too long"}}
        if self.status != 200:
            return self.status, {"error": {"message": "it failed"}}
        found = [{"index": i, "embedding": self._vector(text)} for i, text in enumerate(texts)]
        return 200, {"object": "list", "data": found[::-1], "model": "served"}

    def _vector(self, text: str) -> list[float]:
        counts = [0.0] * self.dimension
        for word in (self.means.get(word, word) for word in text.lower().split()):
            counts[zlib.crc32(word.encode()) % self.dimension] += 1.0
        return counts


@contextmanager
def embedding_endpoint() -> Iterator[Endpoint]:
    """Answer until the end of the block."""
    running: list[Endpoint] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            running[0].keys.append(self.headers.get("Authorization", ""))
            status, content = running[0].answer(asked["input"])
            body = json.dumps(content).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                return  # the caller has given up

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with serving(Handler) as port:
        running.append(Endpoint(port))
        try:
            yield running[0]
        finally:
            running[0].gate.set()
