"""Commands of the command line, on the real API."""

import json
import warnings
from pathlib import Path

import pytest
from sqlalchemy import text

from hephaestus_core.changes import service as changes
from hephaestus_core.changes.rules import MergeReport
from hephaestus_core.contract.left_out import LeftOut
from hephaestus_core.reviews.left_out import record_left_out
from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.cli.report import ExitCode
from hephaestus_sdk.errors import AmbiguousId, LimitReached
from tests.integration.sdk.commands import ABSENT, Invoke, parsed
from tests.integration.sdk.conftest import Players
from tests.integration.sdk.test_waits import Waiting, deliver
from tests.waiting import wait_until
from tests.web_server import WebServer


def test_workflows_are_listed_by_how_they_stand(
    invoke: Invoke, sdk: HephaestusSDK, players: Players
) -> None:
    own = str(sdk.workflow_id)
    sdk.create_task("x")
    players.finish(own)
    deliver(players.of(own))
    summary = sdk.wait_for_completion(timeout=60).workflows[0]
    assert (summary.condition.name, summary.finished) == ("quiet", True)
    assert f"Workflow {own} quiet after" in str(sdk.wait_for_completion())
    quiet = parsed(invoke("workflows", "--condition", "quiet", "--json"))
    assert own in [item["id"] for item in quiet]
    assert {item["condition"]["name"] for item in quiet} == {"quiet"}
    [line] = [each for each in invoke("workflows")[1].splitlines() if each.startswith(own)]
    assert "\t✓ quiet\trecon, report\t1 of 1 done\t" in line
    assert "All tasks are over since" in line
    assert own not in invoke("workflows", "--condition", "at_work")[1]
    assert invoke("workflows", "--condition", "lost")[0] == ExitCode.BAD_INPUT


def test_a_task_from_submit_to_restart(invoke: Invoke, sdk: HephaestusSDK) -> None:
    workflow = str(sdk.workflow_id)
    code, output = invoke("submit", "Look at it", "--workflow", workflow, "--phase", "report")
    assert code == 0, output
    task_id = output.strip()
    assert sdk.get_task(task_id).phase_id == 2
    [listed] = parsed(invoke("tasks", "--workflow", workflow, "--json"))
    assert (listed["id"], listed["description"]) == (task_id, "Look at it")
    assert invoke("tasks", "--workflow", workflow)[1].startswith(
        f"{task_id}\t○ waits its turn\tLook at it\t2 report\tqueued"
    )
    assert parsed(invoke("queue", "--json"))["items"][0]["id"] == task_id
    assert invoke("queue")[1].startswith("1 queued, ")
    assert parsed(invoke("task", task_id, "--json"))["attempts"] == []
    assert "Look at it" in invoke("task", task_id)[1]
    assert parsed(invoke("bump", task_id, "--json"))["boosted"] is True
    assert invoke("cancel", task_id, "--reason", "no need") == (0, f"{task_id} is cancelled\n")
    assert invoke("cancel", task_id)[0] == ExitCode.CONFLICT
    assert invoke("restart", task_id) == (0, f"{task_id} is queued\n")


def test_a_task_can_come_after_another(invoke: Invoke, sdk: HephaestusSDK) -> None:
    workflow = str(sdk.workflow_id)
    task_id = invoke("submit", "First", "--workflow", workflow)[1].strip()
    code, output = invoke("submit", "Then", "--workflow", workflow, "--after", task_id[:8])
    assert code == 0, output
    then = parsed(invoke("task", output.strip(), "--json"))
    assert (then["status"], then["after"][0]["id"]) == ("pending", task_id)
    assert task_id in invoke("task", then["id"])[1]


def test_the_beginning_of_an_id_is_enough(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    workflow = str(sdk.workflow_id)
    code, output = invoke("submit", "Look at it", "--workflow", workflow[:8])
    assert code == 0, output
    task_id = output.strip()
    assert parsed(invoke("task", task_id[:8], "--json"))["id"] == task_id
    assert parsed(invoke("workflow", workflow[:6], "--json"))["workflow_id"] == workflow
    assert invoke("tasks", "--workflow", workflow[:8])[1].startswith(task_id)
    assert invoke("bump", task_id[:8]) == (0, f"{task_id} is queued\n")
    engine = players.of(workflow)
    agent = engine.run(engine.claimed())
    short = str(agent.id)[:8]
    assert str(agent.id) in invoke("agents", "--workflow", workflow[:8])[1]
    assert invoke("message", short, "look") == (0, f"sent to {short}\n")
    assert invoke("diff", task_id[:8]) == (0, "no work was saved yet\n")
    assert invoke("diff", workflow[:8])[0] == 0
    assert "is created" in invoke("timeline", task_id[:8])[1]
    assert sdk.get_task(task_id[:8]).id == task_id
    engine.finish(agent)
    deliver(engine)
    assert sdk.wait_for_completion(workflow[:8], timeout=30).tasks["done"] == 1
    code, output = invoke("watch", workflow[:8], "--json")
    assert code == 0
    assert {json.loads(line)["workflow_id"] for line in output.splitlines()} == {workflow}


@pytest.mark.parametrize(
    ("command", "given", "told"),
    [
        ("task", "00000000", "No task begins with 00000000."),
        ("workflow", "00000000", "No workflow begins with 00000000."),
        ("diff", "00000000", "No task or workflow begins with 00000000."),
        ("output", "hello", "No agent has the id 'hello'"),
    ],
)
def test_an_id_that_is_not_there_says_what_was_looked_for(
    invoke: Invoke, command: str, given: str, told: str
) -> None:
    code, output = invoke(command, given)
    assert (code, told in output) == (ExitCode.NOT_FOUND, True), output


def test_the_beginning_of_several_ids_lists_them(
    invoke: Invoke, web: WebServer, sdk: HephaestusSDK
) -> None:
    ids = [f"7cb4371b-000{n}-4000-8000-000000000000" for n in range(2)]
    for new in ids:
        with web.database.transaction() as session:
            session.execute(
                text("UPDATE tasks SET id = :new WHERE id = :old"),
                {"new": new, "old": sdk.create_task("x")},
            )
    code, output = invoke("task", "7cb4371b")
    assert code == ExitCode.BAD_INPUT
    assert all(f"task {identity}" in output for identity in ids)
    assert invoke("task", "7cb4371b-0001")[0] == 0
    with pytest.raises(AmbiguousId) as caught:
        sdk.get_task("7cb437")
    assert [item["id"] for item in caught.value.details["candidates"]] == ids
    assert invoke("task", "7cb43")[0] == ExitCode.BAD_INPUT


def test_a_phase_that_is_not_there(invoke: Invoke, sdk: HephaestusSDK) -> None:
    code, output = invoke("submit", "x", "--workflow", str(sdk.workflow_id), "--phase", "reprt")
    assert code == ExitCode.BAD_INPUT
    assert "did you mean 'report'?" in output


def test_submit_waits_and_tells_the_end(
    invoke: Invoke, sdk: HephaestusSDK, players: Players
) -> None:
    arguments = ("submit", "x", "--workflow", str(sdk.workflow_id), "--wait", "--timeout", "30")
    waiting = Waiting(lambda: invoke(*arguments))
    wait_until(lambda: sdk.get_tasks(workflow_id=sdk.workflow_id), what="the task is created")
    players.finish(sdk.workflow_id)
    assert waiting.outcome()[0] == 0
    assert invoke("submit", "y", *arguments[2:-1], "0.1")[0] == ExitCode.TIMEOUT


def test_a_task_shows_files_that_nobody_committed(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    task_id = sdk.create_task("x")
    engine = players.of(sdk.workflow_id)
    agent = engine.run(engine.claimed())
    assert "not committed" not in invoke("task", task_id)[1]
    left = [LeftOut("data/", 2000, 1_500_000), LeftOut("big.bin", 1, 30_000_000)]
    record_left_out(engine.db, agent.id, left_out=left, folder="/there")
    shown = invoke("task", task_id)[1]
    assert (
        "not committed: data/ (2,000 files, 1.5 MB), big.bin (30.0 MB); on host 'a' in /there"
        in shown
    )
    [attempt] = parsed(invoke("task", task_id, "--json"))["attempts"]
    assert attempt["left_out"][1] == {
        "path": "big.bin",
        "files": 1,
        "bytes": 30_000_000,
        "reason": "",
    }


def test_a_workflow_lists_what_was_decided_about_conflicts(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    task_id = sdk.create_task("x")
    engine = players.of(sdk.workflow_id)
    agent = engine.run(engine.claimed())
    engine.report_done(agent)
    engine.end(agent)
    [job] = changes.due_merges(engine.db)
    sides = {"ours_commit": "a" * 40, "theirs_commit": "b" * 40}
    decided = [
        {"path": "a\x1b.py", "kind": "content", "kept": "theirs", **sides},
        {"path": "b b.py", "kind": "content", "kept": "ours", **sides},
        {"path": "c.py", "kind": "modify_delete", "kept": "both", **sides},
    ]
    changes.record_merge(engine.db, job.merge_id, MergeReport("merged", "m", conflicts=decided))
    lines = invoke("workflow", str(sdk.workflow_id))[1].splitlines()
    ours = sdk.get_workflow(str(sdk.workflow_id)).integration_branch
    a, b = "a" * 12, "b" * 12
    assert [line for line in lines if "conflict:" in line] == [
        f"  conflict: a?.py: kept the version of {job.branch}; `git show {a}` shows that of {ours}",
        (
            f"  conflict: b b.py: kept the version of {ours}; `git show '{b}:b b.py'` "
            f"shows that of {job.branch}"
        ),
        (
            f"  conflict: c.py: not settled; `git show {a} -- c.py` shows the version of {ours}, "
            f"`git show {b} -- c.py` that of {job.branch}"
        ),
    ]
    read = parsed(invoke("workflow", str(sdk.workflow_id), "--json"))["conflicts"]
    assert [(item["path"], item["kept"], item["task_id"]) for item in read[1:]] == [
        ("b b.py", "ours", task_id),
        ("c.py", "both", task_id),
    ]


def test_a_definition_is_registered_and_listed(invoke: Invoke) -> None:
    assert invoke("register", "prd-to-software") == (0, "prd-to-software\n")
    assert "prd-to-software" in {item["id"] for item in parsed(invoke("definitions", "--json"))}


def test_a_definition_is_deleted(invoke: Invoke) -> None:
    Path("gone.json").write_text(
        json.dumps(
            {"id": "gone", "name": "G", "phases": [{"id": 1, "name": "a", "description": "b"}]}
        )
    )
    assert invoke("register", "gone.json")[0] == 0
    assert invoke("definitions", "delete", "gone") == (0, "gone is deleted\n")
    assert "gone" not in {item["id"] for item in parsed(invoke("definitions", "--json"))}
    assert invoke("definitions", "delete", "gone")[0] == ExitCode.NOT_FOUND


def test_warnings_are_one_plain_line(invoke: Invoke, tmp_path: Path) -> None:
    phase = {"id": 1, "name": "a", "description": "b"}
    asks = {"id": "asks", "name": "A", "phases": [phase], "config": {"enable_tickets": True}}
    (tmp_path / "asks.json").write_text(json.dumps(asks))
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        code, output = invoke("register", "asks.json")
    assert code == 0
    assert output.startswith("Warning: workflow asks: enable_tickets: stored")
    assert output.endswith("\nasks\n")
    assert output.count("\n") == 2


def test_stop_and_approve(invoke: Invoke, sdk: HephaestusSDK) -> None:
    workflow = str(sdk.workflow_id)
    assert invoke("approve", workflow)[0] == ExitCode.CONFLICT
    assert invoke("stop", workflow, "--reason", "enough") == (0, f"{workflow} is stopped\n")
    assert invoke("stop", workflow)[0] == ExitCode.CONFLICT


def test_the_limits_of_a_workflow(invoke: Invoke, sdk: HephaestusSDK) -> None:
    workflow = str(sdk.workflow_id)
    code, output = invoke("limits", workflow)
    assert (code, output.splitlines()[:2]) == (
        0,
        ["tasks_per_workflow: 2000", "tasks_per_attempt: 50"],
    )
    code, output = invoke("limits", workflow, "--tasks-per-workflow", "1")
    assert (code, output.splitlines()[0]) == (0, "tasks_per_workflow: 1")
    sdk.create_task("the only one", phase_id=1)
    with pytest.raises(LimitReached, match="Raise its limit tasks_per_workflow"):
        sdk.create_task("one too many", phase_id=1)
    assert invoke("limits", workflow)[1].startswith("tasks_per_workflow: 1 (reached)\n")
    sdk.client.change_limits(workflow, tasks_per_workflow=2)
    sdk.create_task("allowed now", phase_id=1)


@pytest.mark.parametrize(
    "arguments", [("task", ABSENT), ("workflow", ABSENT), ("message", ABSENT, "x")]
)
def test_what_is_not_there(invoke: Invoke, arguments: tuple[str, ...]) -> None:
    assert invoke(*arguments)[0] == ExitCode.NOT_FOUND


def test_a_wrong_token(invoke: Invoke) -> None:
    code, output = invoke("tasks", "--token", "wrong")
    assert code == ExitCode.NOT_ALLOWED
    assert "token" in output


def test_a_person_decides_what_is_a_duplicate(invoke: Invoke, sdk: HephaestusSDK) -> None:
    first, second = sdk.create_task("x"), sdk.create_task("x")
    task = sdk.get_task(second)
    assert (task.status, task.duplicate_of, task.finished) == ("duplicated", first, True)
    assert first in (task.duplicate or "")
    assert invoke("not-duplicate", second) == (0, f"{second} is queued\n")
    assert invoke("duplicate", second, "--of", first[:12]) == (0, f"{second} is duplicated\n")
    assert sdk.get_task(second).similarity_reason == "A person has said so."
