"""A provider of models on loopback: both APIs in their wire form, with every fault on order.

One request is answered by one step of the script; the last step answers all that follow.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.loopback_server import serving

Json = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """The answer to one request."""

    text: str = ""
    """What the model says."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    stop: str = "end_turn"
    """Also ``refusal`` or ``max_tokens``."""
    tokens: tuple[int, int, int] = (100, 20, 0)
    """Input without the cache, output, and read from the cache."""
    cost: float | None = None
    error: str = "it failed"
    raw: bytes | None = None
    """The whole body, in place of one in the form of the API."""
    fault: str = ""
    """``hang``: no answer until the end of the block; ``drip``: a byte now and then; ``cut``: the
    connection ends in the middle."""


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: Json


class Provider:
    """The script and the requests of a server."""

    def __init__(self, port: int, steps: list[Step]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.steps = steps
        self.asked: list[Asked] = []
        self.gate = threading.Event()
        """Opens at the end; steps that hang wait for it."""
        self.before_answer: Callable[[], None] = lambda: None
        """Is called while the asker waits."""
        self._lock = threading.Lock()

    def take(self, asked: Asked) -> Step:
        """Record a request; return the step that answers it."""
        with self._lock:
            self.asked.append(asked)
            return self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]


@contextmanager
def provider(*steps: Step) -> Iterator[Provider]:
    """Answer by these steps until the end of the block."""
    running: list[Provider] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            asked = Asked(
                self.path, {k.lower(): v for k, v in self.headers.items()}, json.loads(raw)
            )
            step = running[0].take(asked)
            running[0].before_answer()
            _answer(self, running[0], step)

        def do_GET(self) -> None:
            running[0].take(Asked(self.path, {}, {}))
            self.send_error(404)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with serving(Handler) as port:
        running.append(Provider(port, list(steps)))
        try:
            yield running[0]
        finally:
            running[0].gate.set()


def _answer(handler: BaseHTTPRequestHandler, served: Provider, step: Step) -> None:
    if step.fault == "hang":
        served.gate.wait(60)
        return
    shape = _FORMS["chat/completions" if "chat/completions" in handler.path else "messages"]
    body = step.raw if step.raw is not None else json.dumps(shape(step)).encode()
    handler.send_response(step.status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    for name, value in step.headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    if step.fault == "cut":
        handler.wfile.write(body[: len(body) // 2])
        return
    if step.fault == "drip":
        _drip(handler, served, body)
        return
    handler.wfile.write(body)


def _drip(handler: BaseHTTPRequestHandler, served: Provider, body: bytes) -> None:
    try:
        for byte in body * 100:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            if served.gate.wait(0.05):
                return
    except OSError:
        return


def _messages(step: Step) -> Json:
    if step.status != 200:
        return {"type": "error", "error": {"type": "api_error", "message": step.error}}
    given, made, cached = step.tokens
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "served",
        "content": [{"type": "text", "text": step.text}],
        "stop_reason": step.stop,
        "stop_sequence": None,
        "usage": {
            "input_tokens": given,
            "output_tokens": made,
            "cache_read_input_tokens": cached,
            "cache_creation_input_tokens": 0,
        },
    }


def _completions(step: Step) -> Json:
    if step.status != 200:
        return {"error": {"message": step.error, "type": "server_error", "code": None}}
    given, made, cached = step.tokens
    refused = step.stop == "refusal"
    usage: Json = {
        "prompt_tokens": given + cached,
        "completion_tokens": made,
        "total_tokens": given + cached + made,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    if step.cost is not None:
        usage["cost"] = step.cost
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "served",
        "choices": [
            {
                "index": 0,
                "finish_reason": "length" if step.stop == "max_tokens" else "stop",
                "message": {
                    "role": "assistant",
                    "content": None if refused else step.text,
                    "refusal": step.text if refused else None,
                },
            }
        ],
        "usage": usage,
    }


_FORMS: dict[str, Callable[[Step], Json]] = {
    "messages": _messages,
    "chat/completions": _completions,
}
