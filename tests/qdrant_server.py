"""A server on loopback that speaks the calls of Qdrant's REST API that are made, with faults."""

import json
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from tests.loopback_server import serving

Json = dict[str, Any]


class Collection:
    """The points of one collection by id: a unit vector and its payload."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.points: dict[str, tuple[list[float], Json]] = {}

    def put(self, batch: Json) -> None:
        for id_, vector, payload in zip(
            batch["ids"], batch["vectors"], batch["payloads"], strict=True
        ):
            if len(vector) != self.size:
                raise ValueError(f"Vector dimension error: expected dim: {self.size}")
            self.points[id_] = (vector, payload)

    def query(self, asked: Json) -> list[Json]:
        [condition] = asked["filter"]["must"]
        scored = [
            {"id": id_, "version": 1, "score": _cosine(vector, asked["query"]["nearest"])}
            for id_, (vector, payload) in self.points.items()
            if payload[condition["key"]] in condition["match"]["any"]
        ]
        return sorted(scored, key=lambda point: -point["score"])[: asked["limit"]]


class QdrantServer:
    """The collections and the faults, which may be changed at any time."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.collections: dict[str, Collection] = {}
        self.status = 200
        self.hangs = False
        self.calls: list[str] = []
        """Each that came: its method, its path and the status of its answer."""
        self.gate = threading.Event()
        """Opens at the end; requests that hang wait for it."""

    @property
    def only(self) -> Collection:
        [collection] = self.collections.values()
        return collection

    def answer(self, method: str, path: str, body: Json) -> tuple[int, Any]:
        """Return the status and the result of a call."""
        if self.hangs:
            self.gate.wait(60)
        if self.status != 200:
            return self.status, None
        _, _, name, *rest = path.split("/")
        call = f"{method} {'/'.join(rest)}".strip()
        if call in _OF_SERVER:
            return 200, _OF_SERVER[call](self.collections, name, body)
        if name not in self.collections:
            return 404, None
        return 200, _OF_COLLECTION[call](self.collections[name], body)


_DONE = {"operation_id": 1, "status": "completed"}


def _make(collections: dict[str, Collection], name: str, body: Json) -> bool:
    collections[name] = Collection(body["vectors"]["size"])
    return True


def _delete(held: Collection, body: Json) -> Json:
    for id_ in body["points"]:
        held.points.pop(id_, None)
    return _DONE


def _put(held: Collection, body: Json) -> Json:
    held.put(body["batch"])
    return _DONE


_OF_SERVER: dict[str, Callable[[dict[str, Collection], str, Json], Any]] = {
    "GET exists": lambda held, name, _: {"exists": name in held},
    "PUT": _make,
    "DELETE": lambda held, name, _: held.pop(name, None) is not None,
}
_OF_COLLECTION: dict[str, Callable[[Collection, Json], Any]] = {
    "GET": lambda held, _: _told(held),
    "PUT index": lambda *_: _DONE,
    "PUT points": _put,
    "POST points/delete": _delete,
    "POST points/count": lambda held, _: {"count": len(held.points)},
    "POST points/query": lambda held, body: {"points": held.query(body)},
}


@contextmanager
def qdrant_server() -> Iterator[QdrantServer]:
    """Answer until the end of the block."""
    running: list[QdrantServer] = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = urlsplit(self.path).path
            try:
                status, result = running[0].answer(
                    self.command, path, json.loads(raw) if raw else {}
                )
            except ValueError as error:
                status, result = 400, str(error)
            running[0].calls.append(f"{self.command} {path} {status}")
            told = {"time": 0.001, "status": "ok", "result": result}
            if status != 200:
                told = {"time": 0.001, "status": {"error": f"it failed: {result}"}}
            body = json.dumps(told).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                return  # the caller has given up

        do_GET = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815 - names of the library

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with serving(Handler) as port:
        running.append(QdrantServer(port))
        try:
            yield running[0]
        finally:
            running[0].gate.set()


def _told(held: Collection) -> Json:
    return {
        "status": "green",
        "optimizer_status": "ok",
        "points_count": len(held.points),
        "segments_count": 1,
        "config": {
            "params": {"vectors": {"size": held.size, "distance": "Cosine"}},
            "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000},
            "optimizer_config": {
                "deleted_threshold": 0.2,
                "vacuum_min_vector_number": 1000,
                "default_segment_number": 0,
                "flush_interval_sec": 5,
            },
        },
        "payload_schema": {},
    }


def _cosine(one: list[float], other: list[float]) -> float:
    length = math.sqrt(sum(a * a for a in one) * sum(b * b for b in other))
    return sum(a * b for a, b in zip(one, other, strict=True)) / length if length else 0.0
