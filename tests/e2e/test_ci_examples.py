"""The CI examples, run as by a CI service: in a fresh checkout of a forge's repository."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from examples.demo.demo import HANGS_SECONDS, PROJECT, make_project
from hephaestus_sdk.runtime import kept_agents, ports
from tests.e2e.scripts import task
from tests.e2e.stack import assert_nothing_left, git
from tests.waiting import wait_until

CI = Path(__file__).parents[2] / "examples" / "ci"
TITLE = "A discount takes off too much"
PROOF = "{command: python3 -m unittest -q test_prices, expect: 40 != 45}"
#: Nobody answers questions in a pipeline.
REPORT = task(
    "`discount(50, 10)` gives 40.",
    "run: '! python3 -m unittest -q test_prices'",
    "record_facts: {test_command: python3 -m unittest -q}",
    "create_task: {phase_id: 2, description: The percentage is subtracted as an amount.}",
    f"done: {{summary: The percentage is subtracted as an amount., proof: {PROOF}}}",
)


def github(checkout: Path, commit: str) -> tuple[list[str], dict[str, str]]:
    """Check out as GitHub does; return its steps as scripts, without the installation."""
    git(checkout, "checkout", "--quiet", "-B", "main", commit)
    workflow = yaml.safe_load((CI / "github-actions.yml").read_text())
    steps: list[dict[str, Any]] = workflow["jobs"]["agents"]["steps"]
    scripts = [step["run"] for step in steps if "run" in step and step["name"] != "Install"]
    return scripts, {"GITHUB_RUN_ID": "77", "TITLE": TITLE, "DESCRIPTION": REPORT}


def gitlab(checkout: Path, commit: str) -> tuple[list[str], dict[str, str]]:
    """Check out as GitLab does, on no branch; return the job's script."""
    git(checkout, "checkout", "--quiet", "--detach", commit)
    job = yaml.safe_load((CI / "gitlab-ci.yml").read_text())["agents"]
    values = {"CI_PIPELINE_ID": "77", "BUG_TITLE": TITLE, "BUG_DESCRIPTION": REPORT}
    return ["\n".join(job["script"])], values


def forged(folder: Path) -> tuple[Path, Path, Path]:
    """Make a forge's repository; return it, a clone without files, and a place for a home."""
    forge = make_project(folder / "project")
    bare = folder / "forge.git"
    git(forge, "clone", "--quiet", "--bare", ".", str(bare))
    git(bare, "config", "receive.advertisePushOptions", "true")
    checkout = folder / "checkout"
    git(folder, "clone", "--quiet", "--no-checkout", f"file://{bare}", str(checkout))
    return bare, checkout, folder / "home"


def surroundings(home: Path) -> dict[str, str]:
    """Return the environment of a job."""
    api = ports.choose()
    return {
        **{name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HEPHAESTUS_HOME": str(home),
        "HEPHAESTUS_MCP_PORT": str(api),
        "HEPHAESTUS_UI_PORT": str(ports.choose(taken=[api])),
        # The scripted agent replaces a program that needs a login.
        "HEPHAESTUS_DEFAULT_CLI_TOOL": "scripted",
        # One agent of the project hangs until the Guardian steers it.
        "HEPHAESTUS_MONITORING_INTERVAL": "2",
        "HEPHAESTUS_STUCK_MINUTES": str(HANGS_SECONDS / 60),
    }


@pytest.mark.parametrize("service", [github, gitlab])
def test_a_pipeline_fixes_a_bug_and_pushes_the_fix(service: Any, tmp_path: Path) -> None:
    bare, checkout, home = forged(tmp_path)
    scripts, values = service(checkout, git(bare, "rev-parse", "main"))
    environment = surroundings(home) | values
    for script in scripts:
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=checkout,
            env=environment,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    summary = json.loads((checkout / "summary.json").read_text())
    assert summary["workflows"][0]["result"]["status"] == "accepted"
    fixed = git(bare, "show", "fix-77:prices.py")
    assert fixed != (PROJECT / "prices.py").read_text().rstrip("\n")
    test = [sys.executable, "-B", "-m", "unittest", "discover", "-s", str(checkout)]
    assert subprocess.run(test, capture_output=True, check=False).returncode == 0
    assert_nothing_left(home)


@pytest.mark.parametrize(
    ("service", "number", "code"), [(github, signal.SIGINT, 130), (gitlab, signal.SIGTERM, 143)]
)
def test_a_cancelled_job_ends_its_agents_and_saves_their_work(
    service: Any, number: signal.Signals, code: int, tmp_path: Path
) -> None:
    bare, checkout, home = forged(tmp_path)
    scripts, values = service(checkout, git(bare, "rev-parse", "main"))
    steps = ("write: {path: half.txt, content: half}", "run: 'touch waits; sleep 1000'")
    for name in ("DESCRIPTION", "BUG_DESCRIPTION"):
        values[name] = task("It hangs.", *steps)
    script = tmp_path / "script.sh"
    script.write_text(scripts[0])
    # A test run in the background ignores SIGINT, and its children would do so as well.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        job = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=checkout,
            env=surroundings(home) | values,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        wait_until(
            lambda: list(home.glob("host/worktrees/*/waits")) or job.poll() is not None,
            timeout=120,
            what="an agent works",
        )
        assert job.poll() is None
        job.send_signal(number)
        _, said = job.communicate(timeout=150)
        assert job.returncode == code, said
        assert "the workflow is stopped" in said
    finally:
        job.kill()
    assert kept_agents.found(home) == []
    assert_nothing_left(home)
    branches = git(checkout, "branch", "--list", "--format=%(refname:short)", "hephaestus/*")
    assert any(git(checkout, "ls-tree", "--name-only", b, "half.txt") for b in branches.split())
