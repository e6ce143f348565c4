"""A separate web process with its own database, beside those of a stack."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.surroundings import free_ports
from hephaestus_core.contract.home import HomeLayout

_PATIENCE = 60.0


@dataclass(frozen=True)
class Client:
    """One connection to an API. It is minimal because it shares the machine with the server."""

    connection: http.client.HTTPConnection
    token: str

    def get(self, path: str) -> Any:
        """Return the answer to a GET below /api/v1.

        Raises:
            RuntimeError: the server refuses the request.
        """
        return self.send("GET", path)

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the answer to a request; errors as in :meth:`get`."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        given = None if body is None else json.dumps(body)
        self.connection.request(method, f"/api/v1{path}", given, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"{method} {path} was answered with {answer.status}: {text[:200]!r}")
        return json.loads(text)


def client_at(port: int, token: str) -> Client:
    """Return a client of the API that listens on this machine."""
    return Client(http.client.HTTPConnection("127.0.0.1", port, timeout=30), token)


@contextmanager
def web_process(home: Path, database_url: str, redis_url: str = "") -> Iterator[Client]:
    """Run a web process with this home on this database, and yield a client of it.

    Args:
        redis_url: without one, nothing but pages and events is live.
    """
    port, ui_port = free_ports()
    home.mkdir(mode=0o700)
    argv = [sys.executable, "-m", "gunicorn", "-c", "python:hephaestus_web.gunicorn_conf"]
    with (home / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [*argv, "hephaestus_web.wsgi:app"],
            env={
                **os.environ,
                "HEPHAESTUS_HOME": str(home),
                "HEPHAESTUS_DATABASE_URL": database_url,
                **({"HEPHAESTUS_REDIS_URL": redis_url} if redis_url else {}),
                "HEPHAESTUS_MCP_PORT": str(port),
                "HEPHAESTUS_UI_PORT": str(ui_port),
            },
            stdout=log,
            stderr=log,
        )
    try:
        yield _ready(process, home, port)
    finally:
        process.terminate()
        process.wait(30)


def _ready(process: "subprocess.Popen[bytes]", home: Path, port: int) -> Client:
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            client = client_at(port, "")
            client.get("/ready")
            return client_at(port, HomeLayout(home).admin_token.read_text().strip())
        except (OSError, RuntimeError, http.client.HTTPException):
            time.sleep(0.05)
    raise RuntimeError(f"The web process did not start: {(home / 'web.log').read_text()[-2000:]}")
