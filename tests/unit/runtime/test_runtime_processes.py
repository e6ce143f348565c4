"""Descriptions of processes, their environment, their identity, their readiness."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.settings.config import Settings, load_settings
from hephaestus_sdk.runtime import (
    checks,
    errors,
    identity,
    ports,
    processes,
    readiness,
    table,
    valkey,
)
from hephaestus_sdk.runtime.child import Child
from hephaestus_sdk.runtime.home import Home
from hephaestus_sdk.runtime.processes import Launch, ProcessSpec
from tests.waiting import wait_until

SERVERS = table.Servers("postgresql+psycopg2://db", "redis://broker", (), None)


def test_a_launch_is_read_as_it_was_saved(tmp_path: Path) -> None:
    spec = ProcessSpec(name="web", argv=("a", "b"), stage=1, ready=("http", "http://x"))
    launch = Launch(
        api_url="a",
        ui_url="b",
        database_url="c",
        redis_url="d",
        log_dir="e",
        processes=(spec,),
        start_seconds=3.0,
    )
    processes.save(launch, tmp_path / "launch.json")
    assert processes.load(tmp_path / "launch.json") == launch


def test_the_processes_of_hephaestus_start_and_stop_in_order(tmp_path: Path) -> None:
    specs = table.programs(Settings(home=tmp_path), Home(tmp_path), SERVERS)
    assert [s.name for s in specs] == ["migrate", "web", "agents", "worker", "beat"]
    assert [s.stage for s in specs] == [2, 3, 3, 3, 3]
    text = " ".join(word for s in specs for word in s.argv)
    assert "postgresql" not in text
    assert "redis" not in text


def test_written_settings_mean_the_same_when_read(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path / "h",
        host_labels=("a", "b"),
        main_repo_path="git@x:y.git",
        agent_readable=(tmp_path / "tools",),
    )
    (tmp_path / "config.yaml").write_text(table.as_yaml(settings))
    assert load_settings(file=tmp_path / "config.yaml", environ={}) == settings


def test_relative_repositories_become_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "repo").mkdir()
    monkeypatch.chdir(tmp_path)
    settings = Settings(home=tmp_path, main_repo_path="repo", project_root="git@x:y.git")
    made = table.with_absolute_paths(settings)
    assert (made.main_repo_path, made.project_root) == (str(tmp_path / "repo"), "git@x:y.git")


def test_children_inherit_no_settings_but_find_our_code() -> None:
    inherited = table.inherited_environment(
        {"HEPHAESTUS_MCP_PORT": "1", "ANTHROPIC_API_KEY": "k", "PYTHONPATH": "/x"}
    )
    assert inherited["ANTHROPIC_API_KEY"] == "k"
    assert "HEPHAESTUS_MCP_PORT" not in inherited
    assert inherited["PYTHONPATH"] == f"{Path(__file__).parents[3]}:/x"


def test_a_shown_url_holds_no_password() -> None:
    assert checks.without_password("redis://:p@ss@h:1/0") == "redis://h:1/0"


def test_a_wrong_kind_of_database_url_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url="sqlite:///x.db")
    with pytest.raises(ConfigurationError, match="is no PostgreSQL URL"):
        checks.database(settings, Home(tmp_path))


def test_exit_codes_are_those_of_the_table() -> None:
    kinds = sorted(errors.BY_CODE.values(), key=lambda kind: kind.exit_code)
    assert [kind.exit_code for kind in kinds] == [1, 3, 4, 5, 6, 7, 8, 9]
    assert errors.exit_code(ConfigurationError("x")) == 2
    for kind in kinds:
        assert re.search(
            rf"^{kind.exit_code} +{kind.__name__} ", errors.__doc__ or "", re.MULTILINE
        )


def test_embedded_ports_lie_outside_the_range_of_outgoing_connections() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(ports.choose() < first for _ in range(20))


def test_a_port_is_kept_while_it_is_free() -> None:
    port = ports.choose()
    assert ports.choose(port) == port
    with socket.create_server(("127.0.0.1", port)):
        assert ports.choose(port) != port
        assert f"port {port} is in use by process {os.getpid()}" in str(
            ports.fault("127.0.0.1", port)
        )


def test_a_process_is_told_from_others_and_from_its_own_remains() -> None:
    process = subprocess.Popen(["sleep", "100"], start_new_session=True)
    born = identity.birth(process.pid)
    assert identity.is_same(process.pid, born)
    assert not identity.is_same(process.pid, identity.birth(os.getpid()))
    process.kill()
    # It has ended but nobody has collected it yet.
    wait_until(lambda: identity.birth(process.pid) is None, what="the process has ended")
    process.wait()
    assert not identity.left_a_group(process.pid, born)


def test_a_group_without_its_leader_is_found() -> None:
    leader = subprocess.Popen(
        ["/bin/sh", "-c", "sleep 100 & read line"], start_new_session=True, stdin=subprocess.PIPE
    )
    born = identity.birth(leader.pid)
    leader.communicate(b"end\n")
    assert identity.left_a_group(leader.pid, born)
    assert not identity.left_a_group(leader.pid, "another-boot:1")
    os.killpg(leader.pid, signal.SIGKILL)


@pytest.mark.parametrize(("status", "ready"), [("200 OK", True), ("503 No", False), ("", False)])
def test_only_status_200_is_ready(status: str, ready: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(f"HTTP/1.1 {status}\r\n\r\n".encode() if status else b"")

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        assert readiness.answers_ok(url) == ready
        thread.join()
    assert not readiness.answers_ok(url)


def test_delays_between_starts_grow_to_a_limit_and_are_forgotten(tmp_path: Path) -> None:
    child = Child(ProcessSpec(name="x", argv=("true",), stage=1), tmp_path / "x.log", 0o022)
    child.start()
    delays = [child.delay_next_start() for _ in range(7)]
    assert delays == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    child.started_at -= 31
    assert child.delay_next_start() == 0.2
    wait_until(lambda: child.collect() == 0, what="it has ended")


def test_a_folder_with_spaces_and_quotes_can_hold_valkey(tmp_path: Path) -> None:
    server = valkey.ValkeyServer(tmp_path / 'my "own" folder', 1)
    server.prepare("x")
    assert 'folder"\n' in server.configuration.read_text()
    assert r"my \"own\"" in server.configuration.read_text()


def test_the_supervisor_stays_small() -> None:
    heavy = "yaml click httpx rich sqlalchemy logging asyncio hephaestus_core.settings.config"
    script = (
        "import sys\nimport hephaestus_sdk.runtime.supervisor\n"
        f"print([m for m in '{heavy}'.split() if m in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=table.inherited_environment(os.environ),
    ).stdout
    assert said == "[]\n"
