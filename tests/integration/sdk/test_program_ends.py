"""A local stack ends with the last program that uses it, however that program ends."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hephaestus_sdk.cli.main import main
from hephaestus_sdk.runtime import kept_agents, stack
from hephaestus_sdk.runtime.home import Home
from tests.waiting import wait_until

pytestmark = [pytest.mark.timeout(240), pytest.mark.usefixtures("interruptible")]

#: Starts a stack with what its first argument says, has one agent write a file and go on without
#: end, says "ready" then, and ends as its input says.
PROGRAM = """
import json, os, signal, sys
from hephaestus_sdk import HephaestusSDK, Phase

TASK = '''Write.

```script
- write: {path: notes.md, content: "found\\\\n"}
- hang: true
```
'''
BEFORE, AFTER = sys.argv[2], sys.argv[3]
exec(BEFORE)
sdk = HephaestusSDK(phases=[Phase(id=1, name="write", description="Write")],
                    **json.loads(sys.argv[1]))
sdk.start(timeout=90)
exec(AFTER)
task = sdk.create_task(TASK)
for event in sdk.events(timeout=60):
    if sdk.get_task(task).status == "in_progress":
        break
print("ready", flush=True)
exec(sys.stdin.readline())
"""

Begin = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def begin(project: Path, settings: dict[str, Any]) -> Iterator[Begin]:
    """Begins a program, and returns it when its agent is at work."""
    with ExitStack() as open_programs:

        def one(*, before: str = "", after: str = "", **given: Any) -> subprocess.Popen[str]:
            values = json.dumps({"working_directory": str(project), **settings, **given})
            program = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, values, before, after],
                cwd=project,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            open_programs.enter_context(program)
            open_programs.callback(program.kill)
            assert program.stdout is not None
            said = program.stdout.readline()
            assert said == "ready\n", program.communicate()
            return program

        yield one


@pytest.fixture
def home(settings: dict[str, Any]) -> Home:
    return Home(Path(settings["home"]))


@pytest.mark.parametrize(
    ("order", "number", "code", "says"),
    [
        ("raise ValueError('no more')", None, 1, "ValueError: no more"),
        ("sys.exit(3)", None, 3, ""),
        ("", None, 0, ""),
        ("sys.stdin.read()", signal.SIGTERM, -signal.SIGTERM, ""),
        ("sys.stdin.read()", signal.SIGHUP, -signal.SIGHUP, ""),
        ("sys.stdin.read()", signal.SIGINT, -signal.SIGINT, "KeyboardInterrupt"),
    ],
)
def test_a_program_stops_its_stack_and_says_what_becomes_of_the_work(
    *,
    home: Home,
    project: Path,
    begin: Begin,
    order: str,
    number: signal.Signals | None,
    code: int,
    says: str,
) -> None:
    program = begin()
    if number is not None:
        program.send_signal(number)
    _, errors = program.communicate(f"{order}\n" if number is None else "", timeout=120)
    assert program.returncode == code, errors
    assert says in errors
    assert f"stopping the stack in {home.root}; 1 agent ends, its work is saved" in errors
    _assert_ended(home, project)


def test_a_killed_program_is_missed_within_30_seconds(
    home: Home, project: Path, begin: Begin
) -> None:
    program = begin()
    log = Path(home.stack()["log_dir"]) / "supervisor.log"
    program.kill()
    wait_until(
        lambda: home.stack().get("state") != "ready", timeout=30, what="the stack begins to stop"
    )
    wait_until(lambda: not home.is_supervised(), timeout=90, what="the stack is stopped")
    assert "every program that used it has ended" in log.read_text()
    _assert_ended(home, project)


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_programs_own_handler_decides(
    home: Home, project: Path, begin: Begin, place: str
) -> None:
    program = begin(**{place: "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))"})
    program.send_signal(signal.SIGTERM)
    _, errors = program.communicate("", timeout=120)
    assert (program.returncode, "stopping the stack" in errors) == (7, True), errors
    _assert_ended(home, project)


def test_the_last_of_two_programs_stops_the_stack(home: Home, begin: Begin) -> None:
    first, second = begin(), begin()
    _, errors = first.communicate("sys.exit()\n", timeout=60)
    assert f"the stack in {home.root} is left running, as others use it" in errors
    assert home.stack()["state"] == "ready"
    second.terminate()
    _, errors = second.communicate("", timeout=120)
    assert f"stopping the stack in {home.root}; 2 agents end, their work is saved" in errors
    assert stack.stop(home.root) is False, "the second one stopped what the first had started"


def test_a_fork_does_not_end_what_its_parent_uses(home: Home, begin: Begin) -> None:
    fork = "pid = os.fork() or sys.exit(); os.waitpid(pid, 0)"
    program = begin(after=fork)
    assert home.stack()["state"] == "ready"
    program.communicate("sys.exit()\n", timeout=120)
    assert stack.stop(home.root) is False


def test_a_stack_that_is_to_stay_stays(home: Home, settings: dict[str, Any], begin: Begin) -> None:
    program = begin(keep_running=True)
    _, errors = program.communicate("sys.exit()\n", timeout=60)
    assert (program.returncode, errors) == (0, "")
    assert home.stack()["state"] == "ready"
    assert len(kept_agents.found(home.root)) == 1, "and its agents with it"
    joined = begin()
    joined.terminate()
    assert (joined.communicate("")[1], joined.returncode) == ("", -signal.SIGTERM)
    assert home.stack()["state"] == "ready"
    assert stack.stop(home.root) is True


def test_up_makes_the_stack_of_a_program_stay(
    home: Home, settings: dict[str, Any], begin: Begin
) -> None:
    program = begin()
    up = CliRunner().invoke(main, ["up", "--home", settings["home"]])
    assert "already running" in up.output
    program.communicate("sys.exit()\n", timeout=60)
    assert home.stack()["state"] == "ready"
    assert stack.stop(home.root) is True
    ports = ["--port", str(settings["mcp_port"]), "--ui-port", str(settings["ui_port"])]
    assert CliRunner().invoke(main, ["up", "--home", settings["home"], *ports]).exit_code == 0
    joined = begin()
    joined.kill()
    joined.wait()
    assert home.stack()["state"] == "ready"
    assert stack.stop(home.root) is True


def _assert_ended(home: Home, project: Path) -> None:
    """Check that stack and agents are gone, and that what the agent had written is saved."""
    assert stack.stop(home.root) is False, "nothing is left running"
    assert kept_agents.found(home.root) == []
    files = subprocess.run(
        ["git", "log", "--all", "--name-only", "--format=", "--", "notes.md"],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert files.split() == ["notes.md"]
