"""The SDK with a local stack of its own: every process real, agents scripted."""

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from hephaestus_sdk import HephaestusSDK, HephaestusStartupError, Phase
from hephaestus_sdk.cli.main import main
from hephaestus_sdk.cli.report import ExitCode
from hephaestus_sdk.runtime import stack
from hephaestus_sdk.runtime.home import Home
from tests.pseudo_terminal import COLUMNS, on_terminal
from tests.waiting import wait_until

PHASES = [
    Phase(id=1, name="recon", description="Look around"),
    Phase(id=2, name="report", description="Write it down"),
]
TASK = """Write the notes.

```script
- write: {path: notes.md, content: "found\\n"}
- commit: Write the notes
- done: Wrote the notes
```
"""


@pytest.mark.timeout(240)
def test_from_start_to_shutdown(project: Path, settings: dict[str, Any], tmp_path: Path) -> None:
    shutil.rmtree(settings["home"])
    sdk = HephaestusSDK(phases=PHASES, working_directory=str(project), **settings)
    sdk.start(timeout=90, log_dir=tmp_path / "logs")
    assert sdk.is_healthy()["overall"]
    assert (tmp_path / "logs" / "web.log").exists()
    assert sdk.url.endswith(str(settings["mcp_port"]))
    sdk.create_task(TASK, phase_id=1, agent_id="main-session-agent")
    summary = sdk.wait_for_completion(timeout=60)
    assert summary.succeeded, summary
    assert (project / "notes.md").read_text() == "found\n"
    assert not sdk.wait_for_result(timeout=5).validated, "nobody submitted a result"

    # A second SDK joins the stack that runs, and leaves it running.
    with HephaestusSDK(phases=PHASES, working_directory=str(project), **settings) as other:
        assert other.url == sdk.url
        assert other.workflow_id != sdk.workflow_id
    assert sdk.is_healthy()["overall"]

    sdk.shutdown(graceful=True)
    assert not (Path(settings["home"]) / "run" / "stack.json").exists() or (
        stack.stop(Path(settings["home"])) is False
    )


#: Joins the stack and does not leave it before its input ends.
GUEST = """
import sys
from hephaestus_sdk import HephaestusSDK
with HephaestusSDK(home=sys.argv[1]) as sdk:
    print(sdk.url, flush=True)
    sys.stdin.read()
    assert sdk.is_healthy()["overall"]
"""


@pytest.mark.timeout(240)
def test_who_started_a_stack_leaves_it_to_those_who_joined_it(
    project: Path, settings: dict[str, Any]
) -> None:
    sdk = HephaestusSDK(working_directory=str(project), **settings)
    sdk.start(timeout=90)
    with subprocess.Popen(
        [sys.executable, "-c", GUEST, settings["home"]],
        cwd=project,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as guest:
        assert guest.stdout is not None
        assert guest.stdout.readline() == f"{sdk.url}\n"
        with pytest.warns(UserWarning, match="it stops when the last of them ends"):
            sdk.shutdown()
        guest.communicate("")
    assert guest.returncode == 0, "the stack served until its guest was done"
    assert stack.stop(Path(settings["home"])) is False, "the guest stopped it, as the message said"


@pytest.fixture
def run(
    project: Path, settings: dict[str, Any], tmp_path: Path
) -> Callable[..., subprocess.Popen[str]]:
    """Runs a workflow of one phase with ``hephaestus run`` and a stack of its own."""
    phases = tmp_path / "phases"
    phases.mkdir()
    (phases / "01_write.yaml").write_text("description: Write it down\n")
    config = tmp_path / "settings.yaml"
    config.write_text("\n".join(f"{name}: {value}" for name, value in settings.items()))
    command = [sys.executable, "-m", "hephaestus_sdk.cli.main", "run", str(phases)]

    def begin(task: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*command, "--task", task, *arguments],
            cwd=project,
            env={
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "HOME": str(tmp_path),
                "HEPHAESTUS_CONFIG": str(config),
                "PYTHONPATH": str(Path(__file__).parents[3]),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return begin


@pytest.mark.timeout(240)
def test_run_brings_its_own_stack_and_takes_it_away(
    project: Path, settings: dict[str, Any], run: Callable[..., subprocess.Popen[str]]
) -> None:
    with run(TASK) as process:
        output, errors = process.communicate(timeout=200)
    assert process.returncode == 0, output + errors
    assert "1 task (1 done)" in output
    assert (project / "notes.md").read_text() == "found\n"
    assert stack.stop(Path(settings["home"])) is False, "run leaves nothing running"


COSTLY = """Use two dollars, and go on.

```script
- write: {path: notes.md, content: "found\\n"}
- usage: {input_tokens: 2000000, model: claude-haiku-4-5}
- hang: true
```
"""


@pytest.mark.timeout(240)
def test_a_run_ends_with_its_own_code_once_its_budget_is_spent(
    tmp_path: Path, run: Callable[..., subprocess.Popen[str]]
) -> None:
    with (tmp_path / "settings.yaml").open("a") as config:
        config.write("\nmonitoring_interval: 2\n")
    with run(COSTLY, "--budget", "1", "--json") as process:
        output, errors = process.communicate(timeout=200)
    assert process.returncode == ExitCode.BUDGET_SPENT, output + errors
    [told] = json.loads(output)["workflows"]
    assert told["condition"]["cause"] == "budget"
    assert told["tasks"]["queued"] == 1, "the task waits, with its work kept"


HANG = "Hang.\n\n```script\n- hang: true\n```\n"
STOPPED = "the workflow is stopped, and what was finished is kept; the stack is stopped"


@pytest.mark.timeout(240)
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("number", "arguments", "code", "says", "left"),
    [
        (signal.SIGINT, [], 130, f"interrupted; {STOPPED}", "stopped"),
        (signal.SIGTERM, [], 143, f"interrupted; {STOPPED}", "stopped"),
        (signal.SIGHUP, [], 143, f"interrupted; {STOPPED}", "stopped"),
        (None, ["--timeout", "0.5"], 124, f"0 of 1 tasks done; {STOPPED}", "stopped"),
        (
            *(signal.SIGTERM, ["--keep"], 143),
            "interrupted; the stack is stopped; the work goes on at the next start",
            "active",
        ),
    ],
)
def test_a_run_that_ends_early_leaves_no_work_for_the_next_start(
    *,
    settings: dict[str, Any],
    run: Callable[..., subprocess.Popen[str]],
    number: signal.Signals | None,
    arguments: list[str],
    code: int,
    says: str,
    left: str,
) -> None:
    with run(HANG, *arguments) as process:
        assert process.stderr is not None
        workflow = process.stderr.readline().strip()
        if number is not None:
            process.send_signal(number)
        _, errors = process.communicate(timeout=120)
    assert (process.returncode, len(workflow)) == (code, 36), workflow + errors
    assert says in errors
    assert stack.stop(Path(settings["home"])) is False, "nothing is left running"
    with HephaestusSDK(**settings) as later:
        assert later.get_workflow(workflow).status == left
        # The signal may have come before the first task was created.
        tasks = later.get_tasks(workflow_id=workflow)
        assert all(task.finished == (left == "stopped") for task in tasks)


@pytest.mark.timeout(240)
@pytest.mark.usefixtures("interruptible")
def test_a_run_that_is_interrupted_before_its_workflow_says_so(
    settings: dict[str, Any], run: Callable[..., subprocess.Popen[str]]
) -> None:
    home = Home(Path(settings["home"]))
    with run(HANG) as process:
        wait_until(home.stack_file.exists, timeout=60, what="the stack starts")
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=120)
    assert (process.returncode, output) == (130, ""), errors
    assert errors.endswith("interrupted; no workflow was started\n")
    assert stack.stop(home.root) is False, "nothing is left running"


@pytest.mark.timeout(240)
def test_up_registers_the_phases_of_the_configured_folder(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "phases"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEPHAESTUS_PHASES_FOLDER", str(folder))
    up = ["up", "--home", settings["home"], "--port", str(settings["mcp_port"])]
    up += ["--ui-port", str(settings["ui_port"])]
    refused = CliRunner().invoke(main, up)
    assert (refused.exit_code, stack.stop(Path(settings["home"]))) == (2, False)
    assert "phases_folder: " in refused.output
    (folder / "01_write.yaml").write_text("description: Write it down\n")
    done = CliRunner().invoke(main, up)
    assert done.exit_code == 0, done.output
    [registered] = re.findall(r"Phases are registered as (phases-\w+): write\.", done.output)
    listed = CliRunner().invoke(main, ["definitions", "--home", settings["home"]])
    assert listed.output.startswith(f"{registered}\twrite\twrite\t")


@pytest.mark.timeout(240)
def test_up_prints_a_link_that_logs_in_on_a_terminal_alone(
    settings: dict[str, Any], project: Path
) -> None:
    config = project / "settings.yaml"
    config.write_text("\n".join(f"{name}: {value}" for name, value in settings.items()))
    env = {"HEPHAESTUS_CONFIG": str(config)}
    code, shown = on_terminal("up", "--timeout", "90", env=env, cwd=project)
    assert code == 0, shown
    ui = f"http://127.0.0.1:{settings['ui_port']}"
    links = re.findall(rf"{ui}/login#heph_login_\S+", shown)
    assert len(links) == 1, shown
    assert len(f"  {links[0]}") <= COLUMNS, "it fits on one line"
    with httpx.Client(base_url=ui, headers={"Accept": "text/html"}) as browser:
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/login").text)
        assert token is not None
        form = {"csrf_token": token[1], "token": links[0]}
        assert browser.post("/login", data=form).status_code == 303
        assert browser.get("/").status_code == 200
    printed = CliRunner().invoke(main, ["up", "--json"], env=env).stdout
    told = json.loads(printed)
    assert (told["ui_url"], told["started_here"], told["phases"]) == (ui, False, None)
    assert told["home"] == settings["home"]
    assert "heph_login" not in printed
    assert "heph_login" not in CliRunner().invoke(main, ["up"], env=env).output
    logs = list(Path(settings["home"]).glob("logs/*/*"))
    assert logs
    assert not any("heph_login" in log.read_text(errors="replace") for log in logs)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_up_ends_with_130(settings: dict[str, Any], tmp_path: Path) -> None:
    ports_given = ["--port", str(settings["mcp_port"]), "--ui-port", str(settings["ui_port"])]
    command = [sys.executable, "-m", "hephaestus_sdk.cli.main", "up", "--home", settings["home"]]
    with subprocess.Popen(
        [*command, *ports_given], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert "ready after" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "interrupted" in errors
    assert stack.stop(Path(settings["home"])) is False, "nothing half-started is left"


@pytest.mark.usefixtures("interruptible")
def test_interrupted_logs_end_with_130(tmp_path: Path) -> None:
    session = tmp_path / "logs" / "session-20260101-000000"
    session.mkdir(parents=True)
    (session / "web.log").write_text("first\n")
    command = [sys.executable, "-m", "hephaestus_sdk.cli.main", "logs", "-f", "--home"]
    with subprocess.Popen(
        [*command, str(tmp_path)], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"web | first\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, b"hephaestus: interrupted\n")


def test_a_stack_that_cannot_start_says_why(
    project: Path, settings: dict[str, Any], tmp_path: Path
) -> None:
    shutil.rmtree(settings["home"])
    (tmp_path / "home").write_text("a file stands in the way")
    with pytest.raises(HephaestusStartupError, match="home"):
        HephaestusSDK(phases=PHASES, working_directory=str(project), **settings).start()
