"""Commands that start workflows, on the real API."""

import json
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.cli.main import PLACES
from hephaestus_sdk.cli.report import ExitCode
from tests.integration.sdk.commands import Invoke, parsed
from tests.integration.sdk.conftest import Players
from tests.integration.sdk.test_waits import Waiting, deliver
from tests.waiting import wait_until

ABSENT = "00000000-0000-4000-8000-000000000000"


GOAL = """
id: goal
name: Goal
phases: [{id: 1, name: reach, description: Reach it.}]
config: {has_result: true, result_criteria: It is reached.}
launch_template: {parameters: [{name: what}], phase_1_task_prompt: "Reach {what}"}
"""


def test_a_launch_of_a_definition_until_its_end(
    invoke: Invoke, players: Players, sdk: HephaestusSDK, tmp_path: Path
) -> None:
    (tmp_path / "goal.yaml").write_text(GOAL)
    assert invoke("register", str(tmp_path / "goal.yaml"))[0] == 0
    repository = ("--repo", "https://a.example/r")
    code, output = invoke("launch", "goal", *repository, "--param", "what=the sea")
    assert code == 0, output
    workflow_id = output.strip()
    assert any(item["id"] == workflow_id for item in parsed(invoke("workflows", "--json")))
    waiting = Waiting(lambda: invoke("watch", workflow_id, "--json"))
    players.finish(workflow_id)
    code, output = waiting.outcome()
    assert code == 0
    events = [json.loads(line) for line in output.splitlines()]
    assert events[0]["type"] == "workflow.started"
    assert "workflow.quiet" in [event["type"] for event in events]
    assert invoke("watch", workflow_id)[1].count("\n") == len(events)
    assert parsed(invoke("workflow", workflow_id, "--json"))["finished"] is True
    assert "1 of 1 done" in invoke("workflow", workflow_id)[1]


@pytest.mark.parametrize("by", ["option", "variable"])
def test_a_launch_is_on_the_configured_repository_and_never_on_a_path_of_this_machine(
    by: str, invoke: Invoke, sdk: HephaestusSDK, monkeypatch: pytest.MonkeyPatch, api_url: str
) -> None:
    Path(".git").mkdir()
    monkeypatch.setenv("HEPHAESTUS_MAIN_REPO_PATH", "https://a.example/configured")
    monkeypatch.setenv("HEPHAESTUS_AUTO_MERGE", "false")
    bug = ("bug-fix", "--param", "bug_title=A", "--param", "bug_description=B", "--json")
    if by == "option":
        launched = parsed(invoke("launch", *bug))
    else:
        monkeypatch.setenv("HEPHAESTUS_URL", api_url)
        result = CliRunner().invoke(import_module(PLACES["launch"]).launch, bug)
        launched = parsed((result.exit_code, result.output))
    assert launched["repository"] == "https://a.example/configured"
    assert launched["auto_merge"] is False


def test_a_launch_elsewhere_does_not_send_the_folder_it_was_typed_in(
    api_url: str,
    token: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEPHAESTUS_URL", api_url)
    monkeypatch.setenv("HEPHAESTUS_TOKEN", token)
    command: click.Command = import_module(PLACES["launch"]).launch
    bug = ("bug_title=a", "bug_description=b", "severity=High")
    result = CliRunner().invoke(command, ["bug-fix", *(f"--param={given}" for given in bug)])
    assert result.exit_code != 0
    assert "No repository is named" in result.output


def test_a_launch_that_makes_no_task_is_refused(invoke: Invoke, sdk: HephaestusSDK) -> None:
    definition = sdk.get_workflow(str(sdk.workflow_id)).definition_id
    before = len(sdk.list_workflows())
    repository = ("--repo", "https://a.example/r")
    code, output = invoke("launch", definition, *repository, "--wait", "--timeout", "0.3")
    assert code == ExitCode.BAD_INPUT
    assert "makes no first task; give one by --task" in output
    assert invoke("launch", definition, *repository)[0] == ExitCode.BAD_INPUT
    assert len(sdk.list_workflows()) == before


def test_a_launch_with_a_first_task(invoke: Invoke, sdk: HephaestusSDK) -> None:
    definition = sdk.get_workflow(str(sdk.workflow_id)).definition_id
    code, output = invoke("launch", definition, "--repo", "https://a.example/r", "--task", "Look")
    assert code == 0, output
    [task] = sdk.get_tasks(workflow_id=output.strip())
    assert sdk.get_workflow(output.strip()).title == "Look"
    assert (task.description, task.phase_id) == ("Look", 1)


def test_run_of_phases_with_a_first_task(
    invoke: Invoke, players: Players, sdk: HephaestusSDK, tmp_path: Path
) -> None:
    (tmp_path / "01_build.yaml").write_text("description: Build it")
    before = {workflow.id for workflow in sdk.list_workflows()}
    arguments = (
        "run",
        str(tmp_path),
        "--task",
        "Build",
        "--repo",
        "https://a.example/r",
        "--json",
    )
    waiting = Waiting(lambda: invoke(*arguments))
    started = wait_until(
        lambda: {workflow.id for workflow in sdk.list_workflows()} - before,
        what="the workflow is started",
    ).pop()
    wait_until(lambda: sdk.get_tasks(workflow_id=started), what="its task is created")
    players.finish(started)
    deliver(players.of(started))
    code, output = waiting.outcome()
    assert code == 0, output
    summary = json.loads(output.partition("\n")[2])
    assert summary["succeeded"] is True
    assert summary["tasks"] == {"total": 1, "done": 1}


def test_run_of_a_definition_on_the_stack_starts_nothing_else(
    invoke: Invoke,
    players: Players,
    sdk: HephaestusSDK,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "phases").mkdir()
    (tmp_path / "phases" / "01_other.yaml").write_text("description: Something else")
    monkeypatch.setenv("HEPHAESTUS_PHASES_FOLDER", str(tmp_path / "phases"))
    definition = sdk.get_workflow(str(sdk.workflow_id)).definition_id
    before = {workflow.id for workflow in sdk.list_workflows()}
    arguments = ("run", definition, "--task", "Build", "--repo", "https://a.example/r")
    code, output = invoke(*arguments, "--timeout", "0.2")
    assert code == ExitCode.TIMEOUT, output
    [started] = {workflow.id for workflow in sdk.list_workflows()} - before
    assert sdk.get_workflow(started).definition_id == definition
    assert sdk.get_workflow(started).status == "stopped"
    assert "0 of 1 tasks done; the workflow is stopped, and what was finished is kept\n" in output
