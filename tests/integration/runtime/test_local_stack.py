"""Starting, stopping and reading a stack of small real processes on the real servers."""

import contextlib
import stat
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest
import redis

from hephaestus_core.settings.config import Settings, load_settings
from hephaestus_sdk.runtime import ports, postgres, stack, status
from hephaestus_sdk.runtime.errors import DataVersion, HomeUnusable, PortInUse, StartFailed
from hephaestus_sdk.runtime.home import Home
from hephaestus_sdk.runtime.processes import ProcessSpec
from hephaestus_sdk.runtime.table import Servers
from tests.integration.runtime import little_stack
from tests.integration.runtime.conftest import processes_in
from tests.servers import libpq_url
from tests.waiting import wait_until

Make = Callable[..., Settings]
Start = Callable[..., stack.StackInfo]


def _changed(name: str, **changes: object) -> Callable[..., Sequence[ProcessSpec]]:
    """Return the little stack with one process changed."""

    def programs(settings: Settings, home: Home, servers: Servers) -> Sequence[ProcessSpec]:
        specs = little_stack.programs(settings, home, servers)
        return [replace(s, **changes) if s.name == name else s for s in specs]  # type: ignore[arg-type]

    return programs


def test_a_stack_starts_serves_and_stops_in_order(settings_for: Make, start: Start) -> None:
    settings = settings_for(made=False)
    ready: list[str] = []
    info = start(settings, progress=lambda name, _: ready.append(name))
    assert info.started_here
    assert set(ready[:2]) == {"postgres", "valkey"}
    assert ready[2] == "migrate"
    assert set(ready[3:]) == {"web", "worker", "beat"}

    found = status.read(settings.home)
    assert (found.state, found.pid, found.healthy) == ("ready", info.pid, True)
    assert {p.name for p in found.processes} == {"postgres", "valkey", "web", "worker", "beat"}
    assert all(p.pid and p.restarts == 0 for p in found.processes)
    counted = [p.memory_bytes or 0 for p in found.processes]
    assert all(counted)
    # What is left is the supervisor's own.
    assert 0 < (found.memory_bytes or 0) - sum(counted) < 40 * 2**20

    assert stack.stop(settings.home)
    assert (settings.home / "order").read_text().split() == ["beat", "worker", "agents"]
    assert processes_in(settings.home) == []
    assert status.read(settings.home).state == "stopped"
    assert not stack.stop(settings.home)


def test_a_second_start_finds_the_first(settings_for: Make, start: Start) -> None:
    settings = settings_for()
    first = start(settings)
    second = start(replace(settings, mcp_port=ports.choose()))
    assert not second.started_here
    assert (second.pid, second.api_url) == (first.pid, first.api_url)


def test_of_starts_at_once_one_wins_and_all_return_it(settings_for: Make, start: Start) -> None:
    settings = settings_for()
    infos: list[stack.StackInfo] = []
    threads = [threading.Thread(target=lambda: infos.append(start(settings))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(i.started_here for i in infos) == [False, False, False, True]
    assert len({i.pid for i in infos}) == 1


def test_two_stacks_run_side_by_side(settings_for: Make, start: Start) -> None:
    one, other = settings_for("one"), settings_for("other")
    start(one)
    start(other)
    stacks = [Home(s.home).stack() for s in (one, other)]
    for key in ("api_url", "database_url", "redis_url", "pid"):
        assert stacks[0][key] != stacks[1][key]
    stack.stop(one.home)
    assert status.read(other.home).state == "ready"


def test_urls_and_data_outlive_a_restart(settings_for: Make, start: Start) -> None:
    settings = settings_for()
    start(settings)
    before = Home(settings.home).stack()
    _execute(before["database_url"], "CREATE TABLE kept AS SELECT 42 AS n")
    stack.stop(settings.home)
    start(settings)
    after = Home(settings.home).stack()
    assert after["database_url"] == before["database_url"]
    assert after["redis_url"] == before["redis_url"]
    _execute(after["database_url"], "SELECT n FROM kept")


def test_a_lost_password_file_is_made_anew(settings_for: Make, start: Start) -> None:
    settings = settings_for()
    start(settings)
    stack.stop(settings.home)
    Home(settings.home).secret("postgres.password").unlink()
    start(settings)
    _execute(Home(settings.home).stack()["database_url"], "SELECT 1")


def test_servers_refuse_clients_without_password(settings_for: Make, start: Start) -> None:
    settings = settings_for()
    start(settings)
    running = Home(settings.home).stack()
    database = libpq_url(running["database_url"])
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(
            database.partition("://")[0] + "://hephaestus:x@" + database.rpartition("@")[2]
        )
    port = int(running["redis_url"].rpartition(":")[2].partition("/")[0])
    with (
        contextlib.closing(redis.Redis(port=port)) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_no_secret_is_in_argv_or_open_to_others(settings_for: Make, start: Start) -> None:
    settings = settings_for()
    start(settings)
    home = Home(settings.home)
    secrets = [
        home.secret(f"{name}.password").read_text().strip() for name in ("postgres", "valkey")
    ]
    argvs = " ".join(processes_in(settings.home))
    assert "postgres" in argvs
    assert not any(secret in argvs for secret in secrets)
    for path in settings.home.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            open_to_others = stat.S_IMODE(path.lstat().st_mode) & 0o077
            assert not open_to_others or path.name in {"worker.ready", "worker.log"}, path
    database = home.postgres
    assert {path.owner() for path in database.iterdir()} == {database.owner()}


def test_children_see_the_settings_that_were_given(settings_for: Make, start: Start) -> None:
    settings = settings_for(max_concurrent_agents=3, host_labels=("gpu", "big"))
    start(settings)
    home = Home(settings.home)
    read = load_settings(file=home.config_file, environ={})
    assert (read.max_concurrent_agents, read.host_labels) == (3, ("gpu", "big"))
    assert (read.home, read.mcp_port) == (settings.home, settings.mcp_port)
    assert read.database_url == home.stack()["database_url"]


@pytest.mark.parametrize("name", ["web", "worker", "migrate"])
def test_a_process_that_fails_at_the_start_takes_everything_back(
    settings_for: Make, start: Start, name: str
) -> None:
    settings = settings_for()
    broken = _changed(name, argv=("/bin/sh", "-c", "echo what went wrong; exit 3"))
    with pytest.raises(StartFailed, match=rf"(?s){name} ended with status 3.*what went wrong"):
        start(settings, programs=broken)
    assert processes_in(settings.home) == []
    assert status.read(settings.home).state == "stopped"


def test_a_process_that_is_never_ready_is_named(settings_for: Make, start: Start) -> None:
    settings = settings_for()
    never = _changed("beat", ready=("file", str(settings.home / "never")))
    with pytest.raises(StartFailed, match=r"(?s)beat not ready within 1 s.*working"):
        start(settings, programs=never, timeout=1)
    assert processes_in(settings.home) == []


def test_a_stop_interrupts_a_start(settings_for: Make, start: Start) -> None:
    settings = settings_for()
    never = _changed("beat", ready=("file", str(settings.home / "never")))
    faults: list[StartFailed] = []

    def try_start() -> None:
        try:
            start(settings, programs=never)
        except StartFailed as fault:
            faults.append(fault)

    starting = threading.Thread(target=try_start)
    starting.start()
    home = Home(settings.home)
    wait_until(
        lambda: home.stack().get("processes", {}).get("beat", {}).get("pid"), what="beat started"
    )
    assert stack.stop(settings.home)
    starting.join()
    assert "stopped before it was ready" in str(faults[0])


def test_a_process_that_will_not_stop_is_killed_with_its_group(
    settings_for: Make, start: Start
) -> None:
    settings = settings_for()
    deaf = 'trap "" TERM; sleep 1000 & touch "$0"; while :; do wait; done'
    ready = str(Home(settings.home).ready_file("worker"))
    argv = ("/bin/sh", "-c", deaf, ready)
    start(settings, programs=_changed("worker", argv=argv, stop_seconds=0.2))
    stack.stop(settings.home)
    assert processes_in(settings.home) == []


def test_agents_can_be_kept(settings_for: Make, start: Start) -> None:
    settings = settings_for()
    start(settings)
    stack.stop(settings.home, keep_agents=True)
    assert (settings.home / "order").read_text().split() == ["beat", "worker"]
    assert Home(settings.home).kept_agents_file.exists(), "so that no caretaker ends them"


def test_a_port_in_use_is_named_with_its_holder(settings_for: Make, start: Start) -> None:
    one, other = settings_for("one"), settings_for("other")
    start(one)
    clash = replace(other, ui_port=one.mcp_port)
    with pytest.raises(PortInUse, match=rf"ui_port: port {one.mcp_port} is in use by process \d+"):
        start(clash)
    assert not Home(other.home).launch_file.exists()


def test_a_home_that_cannot_be_made_is_named(settings_for: Make, start: Start) -> None:
    settings = settings_for("file/home", made=False)
    settings.home.parent.write_text("no folder")
    with pytest.raises(HomeUnusable, match=rf"{settings.home} cannot be used .*home=…"):
        start(settings)
    settings.home.parent.unlink()


def test_data_of_another_version_is_left_alone(settings_for: Make, start: Start) -> None:
    settings = settings_for(made=False)
    folder = settings.home / "postgres"
    folder.mkdir(parents=True)
    (folder / "PG_VERSION").write_text("16\n")
    with pytest.raises(DataVersion, match="written by PostgreSQL 16, this is PostgreSQL 18"):
        start(settings)
    assert [f.name for f in folder.iterdir()] == ["PG_VERSION"]


def test_a_folder_with_other_things_is_not_taken(settings_for: Make, start: Start) -> None:
    settings = settings_for(made=False)
    elsewhere = settings.home.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "thesis.txt").write_text("years of work")
    with pytest.raises(HomeUnusable, match="is not empty and holds no database"):
        start(replace(settings, database_path=elsewhere))
    assert (elsewhere / "thesis.txt").exists()


def test_an_interrupted_making_of_the_database_is_done_again(
    settings_for: Make, start: Start
) -> None:
    settings = settings_for(made=False)
    home = Home(settings.home)
    home.make()
    home.postgres.mkdir()
    (home.postgres / "PG_VERSION").write_text("18\n")
    (home.postgres / "base").mkdir()
    home.postgres_marker.touch()
    start(settings)
    assert not home.postgres_marker.exists()
    _execute(home.stack()["database_url"], "SELECT 1")


def test_two_homes_cannot_share_a_database(settings_for: Make, start: Start) -> None:
    one = settings_for("one")
    start(one)
    other = replace(settings_for("other"), database_path=Home(one.home).postgres)
    with pytest.raises(HomeUnusable, match="Another stack uses the database"):
        start(other)
    assert status.read(one.home).state == "ready"
    assert postgres.is_ready(Home(one.home).postgres, _port(one.home))


def _port(home: Path) -> int:
    url: str = Home(home).stack()["database_url"]
    return int(url.rpartition(":")[2].partition("/")[0])


def _execute(url: str, statement: str) -> None:
    with (
        contextlib.closing(psycopg2.connect(libpq_url(url))) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
