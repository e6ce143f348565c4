"""The CI examples, run as by a CI service: in a fresh checkout of a forge's repository."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from examples.demo.demo import BUG_REPORT, PROJECT, make_project
from hephaestus_sdk.runtime import ports
from tests.e2e.stack import assert_nothing_left, git

CI = Path(__file__).parents[2] / "examples" / "ci"
TITLE = "A discount takes off too much"


def github(checkout: Path, commit: str) -> tuple[list[str], dict[str, str]]:
    """Check out as GitHub does; return its steps as scripts, without the installation."""
    git(checkout, "checkout", "--quiet", "-B", "main", commit)
    workflow = yaml.safe_load((CI / "github-actions.yml").read_text())
    steps: list[dict[str, Any]] = workflow["jobs"]["agents"]["steps"]
    scripts = [step["run"] for step in steps if "run" in step and step["name"] != "Install"]
    return scripts, {"GITHUB_RUN_ID": "77", "TITLE": TITLE, "DESCRIPTION": BUG_REPORT}


def gitlab(checkout: Path, commit: str) -> tuple[list[str], dict[str, str]]:
    """Check out as GitLab does, on no branch; return the job's script."""
    git(checkout, "checkout", "--quiet", "--detach", commit)
    job = yaml.safe_load((CI / "gitlab-ci.yml").read_text())["agents"]
    values = {"CI_PIPELINE_ID": "77", "BUG_TITLE": TITLE, "BUG_DESCRIPTION": BUG_REPORT}
    return ["\n".join(job["script"])], values


@pytest.mark.parametrize("service", [github, gitlab])
def test_a_pipeline_fixes_a_bug_and_pushes_the_fix(service: Any, tmp_path: Path) -> None:
    forge = make_project(tmp_path / "project")
    bare = tmp_path / "forge.git"
    git(forge, "clone", "--quiet", "--bare", ".", str(bare))
    git(bare, "config", "receive.advertisePushOptions", "true")
    checkout = tmp_path / "checkout"
    git(tmp_path, "clone", "--quiet", "--no-checkout", f"file://{bare}", str(checkout))
    scripts, values = service(checkout, git(bare, "rev-parse", "main"))
    home = tmp_path / "home"
    api = ports.choose()
    environment = {
        **{name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HEPHAESTUS_HOME": str(home),
        "HEPHAESTUS_MCP_PORT": str(api),
        "HEPHAESTUS_UI_PORT": str(ports.choose(taken=[api])),
        # The scripted agent replaces a program that needs a login.
        "HEPHAESTUS_DEFAULT_CLI_TOOL": "scripted",
        **values,
    }
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
