"""The web process as a process: what it leaves, what it survives, and its bells."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import redis

from hephaestus_core.bells import BROKER_KEY_PREFIX, Bell
from hephaestus_core.doorbell import Doorbell
from hephaestus_core.hosts import service as hosts
from hephaestus_web.live.broker import Broker
from tests.engine import Engine
from tests.servers import Valkey, running_postgres, running_valkey
from tests.waiting import wait_until
from tests.web_server import WebServer, running_web

QUEUE = f"{BROKER_KEY_PREFIX}host.a"
CONTROL = f"{BROKER_KEY_PREFIX}control"


def test_a_created_task_rings_for_whoever_knows_the_hosts(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    with running_web(tmp_path, database_url, redis_url) as web, web.client() as api:
        workflow = Engine(web.database).start_workflow()
        with redis.Redis.from_url(redis_url) as broker:
            body = {"workflow_id": str(workflow.id), "phase_id": 1, "description": "x"}
            api.post("/api/v1/tasks", json=body).raise_for_status()
            message = wait_until(lambda: broker.lpop(CONTROL), what="the bell is there")
            assert isinstance(message, bytes)
            assert json.loads(message)["headers"]["task"] == "hosts.reconcile"
            # A broker that lost everything gets the next bell all the same.
            broker.flushdb()
            other = body | {"description": "y"}
            api.post("/api/v1/tasks", json=other).raise_for_status()
            wait_until(lambda: broker.lpop(CONTROL), what="the bell after a flush")


def test_a_broker_that_does_not_answer_slows_nobody(database_url: str, tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        running_web(
            tmp_path, database_url, f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        ) as web,
        web.client() as api,
    ):
        hosts.register(web.database, "a", slots=1, labels=[], lease_seconds=60)
        workflow = Engine(web.database).start_workflow()
        body = {"workflow_id": str(workflow.id), "phase_id": 1, "description": "x"}
        start = time.monotonic()
        for _ in range(10):
            api.post("/api/v1/tasks", json=body).raise_for_status()
        assert time.monotonic() - start < 8  # the broker's time-out is 1 s
        ready = api.get("/api/v1/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")


def test_bells_flow_again_when_the_broker_is_back(tmp_path: Path) -> None:
    bell = Bell("host.reconcile", "host.a", ())
    with running_valkey(tmp_path) as server:
        url = server.next_url()
        doorbell = Doorbell(Broker(url).send)
        doorbell.start()
        with redis.Redis.from_url(url) as broker:
            doorbell([bell, bell, bell])
            wait_until(lambda: broker.llen(QUEUE), what="the first bell")
            broker.client_kill_filter(_type="normal", skipme=True)

            def rung_again() -> bool:
                doorbell([bell])
                return int(str(broker.llen(QUEUE))) > 3

            wait_until(rung_again, what="bells after the connections were cut")
        doorbell.close()


def test_a_database_that_goes_away_is_unavailable_and_comes_back(
    valkey_server: Valkey, tmp_path: Path
) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "pg").mkdir()
    with running_postgres(tmp_path / "pg") as server:
        url = server.create_database()
        migrate = [sys.executable, "-m", "hephaestus_core.db.migrate"]
        environment = os.environ | {
            "HEPHAESTUS_DATABASE_URL": url,
            "HEPHAESTUS_HOME": str(tmp_path / "web"),
            "PYTHONPATH": str(Path(__file__).parents[3]),
        }
        subprocess.run(migrate, env=environment, check=True, capture_output=True)
        with running_web(tmp_path / "web", url, valkey_server.next_url()) as web:
            with web.client() as api:
                assert api.get("/api/v1/tasks").status_code == 200
            _outage(web, server.server.argv(), tmp_path)


def _outage(web: WebServer, argv: list[str], folder: Path) -> None:
    """Kill the server with its children, look at the answers, and start it again."""
    pid_file = folder / "pg" / "postgres" / "postmaster.pid"
    postmaster = int(pid_file.read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    os.waitpid(postmaster, 0)  # a server that starts takes an unreaped one for a living one
    with web.client() as api:
        away = wait_until(
            lambda: (a := api.get("/api/v1/tasks")).status_code == 503 and a, what="it is away"
        )
        assert isinstance(away, httpx.Response)
        assert away.json()["code"] == "unavailable"
        assert away.headers["Retry-After"] == "1"
        assert api.get("/api/v1/ready").status_code == 503
        assert api.get("/api/v1/health").status_code == 200
        with (folder / "again.log").open("wb") as log:
            again = subprocess.Popen(argv, cwd="/", stdout=log, stderr=log, start_new_session=True)
        try:
            wait_until(
                lambda: api.get("/api/v1/tasks").status_code == 200,
                timeout=20,
                what="it is back",
            )
        finally:
            again.send_signal(signal.SIGQUIT)
            again.wait(10)


def test_nothing_is_left_in_the_users_home(web: WebServer) -> None:
    assert not (Path.home() / ".gunicorn").exists()
    assert {entry.name for entry in web.home.iterdir()} <= {"secrets", "web.log"}
    # The test itself wrote the administrator's token.
    made = [e for e in (web.home / "secrets").iterdir() if e.name != "admin.token"]
    assert made
    assert [entry.name for entry in made if entry.stat().st_mode & 0o077] == []


def test_no_secret_is_in_the_log(web: WebServer) -> None:
    text = web.log.read_text()
    secrets = [entry.read_text().strip() for entry in (web.home / "secrets").iterdir()]
    assert len(secrets) > 1, "those of the test and of the web process"
    assert [secret for secret in secrets if secret in text] == []


@pytest.mark.parametrize("count", [1, 2])
def test_the_process_serves_on_both_ports(web: WebServer, count: int) -> None:
    url = web.url if count == 1 else web.ui_url
    assert httpx.get(f"{url}/api/v1/ready").json()["status"] == "ok"
