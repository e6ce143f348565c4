"""A real web process for tests: gunicorn on two ports, as the local stack starts it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from hephaestus_core.db.engine import Database
from hephaestus_sdk.runtime import ports
from tests.waiting import wait_until

ADMIN = "heph_api_for_tests_alone_and_long_enough"


@dataclass(frozen=True)
class WebServer:
    """A running web process."""

    url: str
    ui_url: str
    database: Database
    process: subprocess.Popen[bytes]
    log: Path
    home: Path
    redis_url: str | None = None

    def client(self, token: str | None = ADMIN) -> httpx.Client:
        """Return a client of the API; None means no token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        limits = httpx.Limits(max_connections=200)
        return httpx.Client(
            base_url=self.url, headers=headers, timeout=30, verify=False, limits=limits
        )


@contextmanager
def running_web(
    folder: Path,
    database_url: str,
    redis_url: str | None,
    *arguments: str,
    app: str = "hephaestus_web.wsgi:app",
) -> Iterator[WebServer]:
    """Run the web process with a home in ``folder``; further arguments go to gunicorn."""
    (folder / "secrets").mkdir(mode=0o700)
    token = folder / "secrets" / "admin.token"
    token.touch(mode=0o600)
    token.write_text(ADMIN)
    api, ui = ports.choose(), ports.choose()
    log = folder / "web.log"
    argv = [sys.executable, "-m", "gunicorn", "-c", "python:hephaestus_web.gunicorn_conf"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*argv, *arguments, app],
            env=_environment(folder, database_url, redis_url, api, ui),
            stdout=output,
            stderr=output,
        )
    database = Database(database_url)
    server = WebServer(
        f"http://127.0.0.1:{api}",
        f"http://127.0.0.1:{ui}",
        database,
        process,
        log,
        folder,
        redis_url,
    )
    try:
        wait_until(lambda: _is_ready(server), timeout=30, what=f"web is ready, see {log}")
        yield server
    finally:
        database.close()
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(
    home: Path, database_url: str, redis_url: str | None, api: int, ui: int
) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("HEPHAESTUS_")}
    given = {
        "HEPHAESTUS_HOME": str(home),
        "HEPHAESTUS_DATABASE_URL": database_url,
        "HEPHAESTUS_MCP_PORT": str(api),
        "HEPHAESTUS_UI_PORT": str(ui),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    if redis_url is not None:
        given["HEPHAESTUS_REDIS_URL"] = redis_url
    return inherited | given


def _is_ready(server: WebServer) -> bool:
    assert server.process.poll() is None, f"ended at the start:\n{server.log.read_text()}"
    try:
        return httpx.get(f"{server.url}/api/v1/ready").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
