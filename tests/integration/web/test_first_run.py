"""The page of the first run."""

import subprocess
from pathlib import Path
from typing import Any

import httpx

from hephaestus_core.contract.statuses import Containment
from hephaestus_core.hosts import service as hosts
from tests.integration.web.browsing import hidden
from tests.integration.web.conftest import DEFINITION
from tests.web_server import WebServer


def register_forge(web: WebServer, **further: Any) -> None:
    """Let a host live that has the scripted program and Claude Code."""
    programs = ["scripted", "claude"]
    hosts.register(
        *(web.database, "forge"),
        slots=4,
        labels=[],
        lease_seconds=60,
        programs=programs,
        **further,
    )


def test_it_says_what_is_ready_and_what_is_next(visitor: httpx.Client, web: WebServer) -> None:
    page = visitor.get("/first-run").text
    assert "No worker is alive" in page
    assert page.count("not installed") == 4
    register_forge(web, containment=Containment.SANDBOX)
    page = visitor.get("/first-run").text
    assert "forge takes agents, 4 at once" in page
    assert page.count("not installed") == 3
    assert "✓ ready on forge" in page
    assert "<code>npm install -g @openai/codex</code>, then run <code>codex login</code>" in page


def test_a_program_without_a_login_is_not_called_ready(
    visitor: httpx.Client, web: WebServer
) -> None:
    register_forge(web, without_login=["claude"])
    page = visitor.get("/first-run").text
    assert page.count("▲ not logged in") == 2
    assert "On forge, start <code>claude</code> once" in page
    assert "ready on" not in page


def test_a_repository_that_was_found_leads_to_a_workflow_on_it(
    visitor: httpx.Client, api: httpx.Client, tmp_path: Path, web: WebServer
) -> None:
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "First"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    asked = visitor.get("/first-run", params={"repository": str(tmp_path)}).text
    assert 'action="#repository-step"' in asked
    assert f"hephaestus dev --path {tmp_path} --home {web.home}" in asked
    api.put("/api/v1/workflow-definitions/two-phases", json=DEFINITION).raise_for_status()
    asked = visitor.get("/first-run", params={"repository": str(tmp_path)}).text
    given = f"?main_repo_path={tmp_path}"
    assert f'href="/launch{given}"' in asked
    assert f'href="/launch/two-phases{given}"' in visitor.get(f"/launch{given}").text


def test_it_looks_at_a_repository(visitor: httpx.Client, tmp_path: Path) -> None:
    asked = visitor.get("/first-run", params={"repository": str(tmp_path)}).text
    assert "is no git repository" in asked
    for command in (
        ["init", "-q", "-b", "trunk"],
        ["commit", "-q", "--allow-empty", "-m", "First"],
    ):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    asked = visitor.get("/first-run", params={"repository": str(tmp_path)}).text
    assert "begins at branch <code>trunk</code>" in asked
    secret = {"repository": "https://ann:hunter2@code.example/boats"}
    asked = visitor.get("/first-run", params=secret).text
    assert "https://code.example/boats" in asked
    assert "hunter2" not in asked


def test_the_sample_makes_its_project_once(
    visitor: httpx.Client, api: httpx.Client, web: WebServer
) -> None:
    form = {"csrf_token": hidden(visitor.get("/first-run").text, "csrf_token")}
    started = [visitor.post("/first-run/sample", data=form) for _ in range(2)]
    found = [api.get(f"/api/v1{answer.headers['Location']}").json() for answer in started]
    project = web.home / "sample-project"
    assert {each["repository"] for each in found} == {str(project)}
    assert [each["auto_merge"] for each in found] == [False, False]
    log = subprocess.run(
        ["git", "-C", str(project), "log", "--format=%s"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert log.stdout == "A notebook without notes\n"
    assert (project / "agents" / "plan.yaml").is_file()
    # Its scripts are in its own project: nobody is led to launch it on another one.
    assert "Sample run" not in visitor.get("/launch").text
    assert [path.name for path in web.home.glob("sample-project*")] == ["sample-project"]
