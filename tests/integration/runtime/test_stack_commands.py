"""``hephaestus up | down | status | logs | doctor`` as people run them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.settings.config import Settings
from hephaestus_sdk.cli.main import CONTENTS, main
from hephaestus_sdk.runtime import table
from hephaestus_sdk.runtime.processes import ProcessSpec
from hephaestus_worker.terminal.tmux import Tmux
from tests.integration.runtime import little_stack

Make = Callable[..., Settings]


@pytest.fixture(autouse=True)
def _little(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(table, "programs", little_stack.programs)
    monkeypatch.chdir(tmp_path)  # no settings file there
    for name in [n for n in os.environ if n.startswith("HEPHAESTUS_")]:
        monkeypatch.delenv(name)


def _run(*words: str, settings: Settings | None = None) -> Result:
    home = ["--home", str(settings.home)] if settings else []
    return CliRunner().invoke(main, [*words, *home])


def _up(settings: Settings) -> Result:
    ports = ["--port", str(settings.mcp_port), "--ui-port", str(settings.ui_port)]
    return _run("up", *ports, settings=settings)


def test_a_life_from_up_to_down(settings_for: Make) -> None:
    settings = settings_for()
    assert (before := _run("status", settings=settings)).exit_code == 9
    assert "start it with 'hephaestus up'" in before.output

    first = _up(settings)
    assert (first.exit_code, "is ready after" in first.output) == (0, True)
    assert f"http://127.0.0.1:{settings.ui_port}" in first.output
    again = _up(settings)
    assert (again.exit_code, "is already running" in again.output) == (0, True)

    shown = _run("status", settings=settings)
    assert (shown.exit_code, "Hephaestus is ready." in shown.output) == (0, True)
    read = json.loads(_run("status", "--json", settings=settings).output)
    assert read["state"] == "ready"
    assert read["api_url"] == f"http://127.0.0.1:{settings.mcp_port}"
    assert {p["name"] for p in read["processes"]} >= {"postgres", "valkey", "web"}

    one = _run("logs", "worker", settings=settings)
    assert one.output == "working\n"
    unknown = _run("logs", "nope", settings=settings)
    assert unknown.exit_code == 10
    assert "there are: beat, migrate, postgres, supervisor, valkey, web, worker." in unknown.output
    for_programs = _run("logs", "worker", "--json", settings=settings).output
    assert json.loads(for_programs) == {"process": "worker", "line": "working"}
    both = _run("logs", "-n", "1", settings=settings)
    assert "worker     | working\n" in both.output

    ended = _run("down", settings=settings)
    assert (ended.exit_code, ended.output) == (0, "Hephaestus is stopped.\n")
    assert _run("down", settings=settings).output == "Hephaestus was not running.\n"


def test_a_down_that_could_not_end_all_says_so_and_fails(
    settings_for: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def programs(*given: Any) -> list[ProcessSpec]:
        argv = ("/bin/sh", "-c", "echo Processes 1, 2 are left.; exit 1")
        specs = little_stack.programs(*given)
        return [replace(s, argv=argv) if s.name == "agents" else s for s in specs]

    monkeypatch.setattr(table, "programs", programs)
    settings = settings_for()
    _up(settings)
    ended = _run("down", settings=settings)
    assert ended.exit_code == 1
    assert "is stopped, but 'agents' could not end all: Processes 1, 2 are left." in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_down_of_no_stack_does_not_keep_silent_about_agents(settings_for: Make) -> None:
    settings = settings_for()
    tmux = Tmux(HomeLayout(settings.home).tmux_socket)
    tmux.new_session("agent-1", command=["sleep", "100"], cwd=Path("/"))
    try:
        ended = _run("down", settings=settings)
        assert (ended.exit_code, "has left still are (1)" in ended.stderr) == (1, True)
        assert _run("down", "--keep-agents", settings=settings).exit_code == 0
    finally:
        tmux.kill_server()
    assert _run("down", settings=settings).output == "Hephaestus was not running.\n"


def test_an_up_with_other_ports_says_that_they_do_not_count(settings_for: Make) -> None:
    settings = settings_for()
    first = _up(settings)
    assert first.exit_code == 0, first.output
    other = _run("up", "--port", "1", settings=settings)
    assert other.exit_code == 0
    assert "for http://127.0.0.1:1 run 'hephaestus down' first" in other.output


def test_a_port_in_use_has_its_exit_code(settings_for: Make) -> None:
    one, other = settings_for("one"), settings_for("other")
    _up(one)
    clash = _run("up", "--port", str(one.mcp_port), settings=other)
    assert clash.exit_code == 3
    assert clash.stderr.count("\n") == 1
    assert "choose another port by --port" in clash.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["up", "--port", "70000"], 2, "70000 is not in the range"),
        (["up", "--port", "3000"], 2, "mcp_port and ui_port are both 3000"),
        (["up", "--config", "none.yaml"], 2, "none.yaml: no such file"),
        (["logs"], 9, "There are no logs"),
    ],
)
def test_what_cannot_be_used_has_its_exit_code(
    settings_for: Make, words: list[str], code: int, said: str
) -> None:
    result = _run(*words, settings=settings_for())
    assert (result.exit_code, said in result.stderr) == (code, True), result.output


def test_servers_that_do_not_answer_are_named_without_password(
    settings_for: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for()
    monkeypatch.setenv("HEPHAESTUS_DATABASE_URL", "postgresql://me:hidden@127.0.0.1:1/mine")
    result = _up(settings)
    assert result.exit_code == 6
    assert "postgresql://127.0.0.1:1/mine cannot be reached: " in result.stderr
    monkeypatch.delenv("HEPHAESTUS_DATABASE_URL")
    monkeypatch.setenv("HEPHAESTUS_REDIS_URL", "redis://:hidden@127.0.0.1:1/0")
    result = _up(settings)
    assert result.exit_code == 6
    assert "redis://127.0.0.1:1/0 cannot be reached: " in result.stderr
    assert "hidden" not in result.stderr


def test_given_servers_are_used(
    settings_for: Make, monkeypatch: pytest.MonkeyPatch, database_url: str, redis_url: str
) -> None:
    settings = settings_for()
    monkeypatch.setenv("HEPHAESTUS_DATABASE_URL", database_url)
    monkeypatch.setenv("HEPHAESTUS_REDIS_URL", redis_url)
    assert _up(settings).exit_code == 0
    read = json.loads(_run("status", "--json", settings=settings).output)
    assert {p["name"] for p in read["processes"]} == {"web", "worker", "beat"}


def test_a_missing_program_is_named_with_how_to_install_it(
    settings_for: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    only_git = tmp_path / "bin"
    only_git.mkdir()
    (only_git / "git").write_text("#!/bin/sh\necho git version 2.37.1\n")
    (only_git / "git").chmod(0o755)
    settings = settings_for()
    monkeypatch.setenv("PATH", str(only_git))
    result = _up(settings)
    assert result.exit_code == 5
    assert "git version 2.37.1 is too old; install git 2.38 or newer: '" in result.stderr
    (only_git / "git").write_text("#!/bin/sh\necho git version 2.38.0\n")
    result = _up(settings)
    assert result.exit_code == 5
    assert "tmux is missing; install tmux 3.0 or newer: '" in result.stderr


def test_doctor_names_everything_it_looked_at(
    settings_for: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for()
    report = json.loads(_run("doctor", "--llm", "--json", settings=settings).output)
    found = {f["name"]: f["level"] for f in report["findings"]}
    assert (found["llm"], found["llm trial"]) == ("ok", "fail"), "no stack runs that could ask"
    assert {"python", "packages", "git", "tmux", "home", "disk", "database", "ports"} <= set(found)
    assert (found["git"], found["tmux"], found["home"]) == ("ok", "ok", "ok")
    assert found["sandbox"] == "ok"
    monkeypatch.setenv("HEPHAESTUS_AGENT_WRITABLE", "~/no-such-cache")
    told = _run("doctor", settings=settings).output
    assert "warn  sandbox        Agents are contained" in told
    assert f"no agent gets it: {Path.home()}/no-such-cache; make it" in told


def test_doctor_says_that_agents_are_not_contained_and_the_remedy(
    settings_for: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = settings_for()
    for name in ("git", "tmux", "sh", "env", "true", "unshare"):
        (tmp_path / name).symlink_to(shutil.which(name) or "")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HEPHAESTUS_AGENT_SANDBOX", "auto")
    result = _run("doctor", settings=settings)
    [line] = [line for line in result.output.splitlines() if "sandbox" in line]
    assert line.startswith("warn  sandbox        Agents are not contained")
    assert "apt install bubblewrap" in line
    monkeypatch.setenv("HEPHAESTUS_AGENT_SANDBOX", "bubblewrap")
    assert "fail  sandbox" in _run("doctor", settings=settings).output


def test_doctor_says_of_programs_that_are_not_there_that_they_are_not(
    settings_for: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither is it well nor a failure; the one that agents are started with is asked for."""
    settings = settings_for()
    for name in ("git", "tmux", "sh", "env", "true"):
        (tmp_path / name).symlink_to(shutil.which(name) or "")
    monkeypatch.setenv("PATH", str(tmp_path))
    shown = _run("doctor", settings=settings).output
    assert "warn  claude         not installed; to use it: npm install" in shown
    for name in ("codex", "opencode", "droid"):
        assert f"info  {name:<14} not installed; to use it: npm install" in shown


def test_doctor_goes_on_behind_the_first_fault(
    settings_for: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for("file/home", made=False)
    settings.home.parent.write_text("no folder")
    result = _run("doctor", settings=settings)
    assert result.exit_code == 1
    assert f"fail  home           The home folder {settings.home} cannot be used" in result.output
    assert "ok    tmux" in result.output


def test_every_command_in_the_table_of_contents_is_there() -> None:
    for name in [name for part in CONTENTS.values() for name in part]:
        shown = _run(name, "--help")
        assert (shown.exit_code, "Usage:" in shown.output) == (0, True), name


def test_help_is_quick_because_it_imports_little() -> None:
    heavy = "sqlalchemy yaml rich httpx psutil celery flask hephaestus_sdk.runtime"
    script = (
        "import sys\nfrom hephaestus_sdk.cli.main import main\n"
        "main(['--help'], standalone_mode=False)\n"
        f"print('loaded:', [m for m in '{heavy}'.split() if m in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=table.inherited_environment(os.environ),
    ).stdout
    assert "  up " in said
    assert said.endswith("loaded: []\n")
