"""A model that judges duplicates for the plays; it knows what their folders say.

It stands for a model that reads well, so that what is measured is what the system makes of its
answers: which tasks it is shown, and what becomes of them.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from bench.behaviours.folders import Behaviour

#: The pieces of material, each with its title.
_PIECE: Final = re.compile(
    r"^BEGIN (?P<mark>\w+) (?P<title>.*)\n(?P<text>(?:.*\n)*?)END (?P=mark)$", re.MULTILINE
)
_OTHER: Final = "other task "

Groups = Sequence[Sequence[str]]


@contextmanager
def judging(behaviours: Sequence[Behaviour]) -> Iterator[dict[str, Any]]:
    """Serve the model; yield the settings by which a stack asks it about duplicates only.

    The settings are empty if no folder says what it would answer.
    """
    groups = [group for each in behaviours for group in each.same_work]
    if not groups:
        yield {}
        return

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            _serve(self, groups)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield _settings(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _settings(port: int) -> dict[str, Any]:
    provider = {"api": "anthropic", "base_url": f"http://127.0.0.1:{port}"}
    return {
        "llm_providers": {"scripted": provider},
        "llm_model_assignments": {
            "duplicate_judge": {"provider": "scripted", "model": "scripted-judge"}
        },
    }


def _serve(handler: BaseHTTPRequestHandler, groups: Groups) -> None:
    asked = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
    reply = {
        "id": "msg",
        "type": "message",
        "role": "assistant",
        "model": asked["model"],
        "content": [{"type": "text", "text": json.dumps(answer(_material(asked), groups))}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 5},
    }
    body = json.dumps(reply).encode()
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _material(asked: Mapping[str, Any]) -> dict[str, str]:
    """Return the pieces of a request by their titles."""
    contents = [message["content"] for message in asked["messages"]]
    texts = [
        content if isinstance(content, str) else "\n".join(part["text"] for part in content)
        for content in contents
    ]
    return {
        piece["title"]: piece["text"].strip() for text in texts for piece in _PIECE.finditer(text)
    }


def answer(material: Mapping[str, str], groups: Groups) -> dict[str, Any]:
    """Return the answer on a new task: the first other task of its group, else none."""
    new = material.get("new task", "")
    for group in groups:
        for title, text in material.items():
            if title.startswith(_OTHER) and new in group and text in group:
                number = int(title.removeprefix(_OTHER))
                return {"same_as": number, "reason": "Both have the same cause."}
    return {"same_as": 0, "reason": "They ask for other work."}
