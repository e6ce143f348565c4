"""The SDK with a local stack of its own: every process real, agents scripted."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hephaestus_sdk import HephaestusSDK, HephaestusStartupError, Phase
from hephaestus_sdk.runtime import ports, stack

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


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A git repository with one empty commit, as the specification asks for."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", "Initial commit")
    return folder


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Settings of a stack with a home and ports of its own, which is gone afterwards."""
    home = tmp_path / "home"
    yield {
        "home": str(home),
        "mcp_port": ports.choose(),
        "ui_port": ports.choose(),
        "default_cli_tool": "scripted",
    }
    stack.stop(home, graceful=False)


@pytest.mark.timeout(240)
def test_from_start_to_shutdown(project: Path, settings: dict[str, Any], tmp_path: Path) -> None:
    sdk = HephaestusSDK(phases=PHASES, working_directory=str(project), **settings)
    sdk.start(timeout=90, log_dir=tmp_path / "logs")
    assert sdk.is_healthy()["overall"]
    assert (tmp_path / "logs" / "web.log").exists()
    assert sdk.url.endswith(str(settings["mcp_port"]))
    sdk.create_task(TASK, phase_id=1, agent_id="main-session-agent")
    summary = sdk.wait_for_completion(timeout=60)
    assert summary.succeeded, summary
    assert (project / "notes.md").read_text() == "found\n"
    assert sdk.wait_for_result(timeout=5).validated

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
        with pytest.warns(UserWarning, match="`hephaestus down`"):
            sdk.shutdown()
        guest.communicate("")
    assert guest.returncode == 0, "the stack served until its guest was done"
    with HephaestusSDK(working_directory=str(project), **settings) as later:
        assert later.is_healthy()["overall"]
    assert stack.stop(Path(settings["home"])) is True, "it still ran, as the message said"


@pytest.mark.timeout(240)
def test_run_brings_its_own_stack_and_takes_it_away(
    project: Path, settings: dict[str, Any], tmp_path: Path
) -> None:
    phases = tmp_path / "phases"
    phases.mkdir()
    (phases / "01_write.yaml").write_text("description: Write it down\n")
    config = tmp_path / "settings.yaml"
    config.write_text("\n".join(f"{name}: {value}" for name, value in settings.items()))
    done = subprocess.run(
        [sys.executable, "-m", "hephaestus_sdk.cli.main", "run", str(phases), "--task", TASK],
        cwd=project,
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(tmp_path),
            "HEPHAESTUS_CONFIG": str(config),
            "PYTHONPATH": str(Path(__file__).parents[3]),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 tasks (1 done)" in done.stdout
    assert (project / "notes.md").read_text() == "found\n"
    assert stack.stop(Path(settings["home"])) is False, "run leaves nothing running"


def test_a_stack_that_cannot_start_says_why(
    project: Path, settings: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("a file stands in the way")
    with pytest.raises(HephaestusStartupError, match="home"):
        HephaestusSDK(phases=PHASES, working_directory=str(project), **settings).start()
