"""The scripted agent in its pane, against an MCP server on the official SDK."""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from mcp.server.mcpserver.exceptions import ToolError

import hephaestus_worker.scripted_agent
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.costs.views import Tokens
from hephaestus_worker.agent_programs import program
from hephaestus_worker.agent_programs.scripted import ScriptedProgram
from hephaestus_worker.terminal.process_tree import is_alive, processes_of
from tests.agent_processes import seen_from_outside
from tests.integration.agents.conftest import Agent, MakeAgent
from tests.integration.agents.tool_server import ToolServer, running_tool_server
from tests.waiting import wait_until

Play = Callable[[str], Agent]

SCRIPTED = ScriptedProgram()
DEMO = Path(__file__).parents[3] / "examples" / "demo" / "project"


def script(text: str) -> str:
    return f"Do the task.\n\n```script\n{text}\n```\n\nMore words.\n"


@pytest.fixture
def play(make_agent: MakeAgent, tools: ToolServer) -> Play:
    def start(prompt: str) -> Agent:
        agent = make_agent(program("scripted"), prompt, mcp_url=tools.url, token=tools.token)
        agent.start()
        return agent

    return start


@pytest.mark.parametrize("json_response", [True, False])
def test_it_reports_through_mcp_and_stays_idle(make_agent: MakeAgent, json_response: bool) -> None:
    with running_tool_server("secret", json_response=json_response) as tools:
        agent = make_agent(SCRIPTED, "No script here.", mcp_url=tools.url, token="secret")
        agent.start()
        agent.wait_idle()
        assert [call["status"] for call in tools.called("update_task_status")] == ["done"]
        assert agent.program.is_idle(agent.screen()) is True
        agent.stop()
    assert "secret" not in agent.log


def test_it_works_in_its_worktree(play: Play) -> None:
    agent = play(
        script("""
- write: {path: src/app.py, content: "def add(a, b):\\n    return a - b\\n"}
- edit: {path: src/app.py, find: a - b, replace: a + b}
- append: {path: src/app.py, content: "# end\\n"}
- run: git init -q . && cat src/app.py
- commit: Add add
- run: git log --format=%an:%s
- done: {summary: It adds}
""")
    )
    agent.wait_idle()
    assert "Scripted agent:Add add" in agent.log
    tree = agent.launch.worktree
    assert (tree / "src/app.py").read_text() == "def add(a, b):\n    return a + b\n# end\n"
    status = subprocess.check_output(["git", "status", "--porcelain"], cwd=tree, text=True)
    assert status == ""


def test_values_of_the_engine_fill_placeholders(play: Play, tools: ToolServer) -> None:
    tools.answers["get_my_task"] = {"task_id": "task-7", "workflow_id": "flow-3"}
    tools.answers["create_task"] = {"task_id": "task-8", "status": "queued"}
    agent = play(
        "````script\n"
        "- create_task:\n"
        "    phase_id: 2\n"
        "    priority: high\n"
        "    description: |\n"
        "      From {{task_id}} in {{workflow_id}}.\n"
        "      ```script\n"
        '      - done: "I am {{task_id}}"\n'
        "      ```\n"
        "  save: child\n"
        "- done: '{{agent_id}} made {{child.task_id}}'\n"
        "````\n"
    )
    agent.wait_idle()
    (created,) = tools.called("create_task")
    assert created["phase_id"] == 2
    assert created["description"].startswith("From task-7 in flow-3.\n")
    assert 'done: "I am {{task_id}}"' in created["description"]
    (report,) = tools.called("update_task_status")
    assert report["summary"] == f"{agent.launch.agent_id} made task-8"


def test_a_script_in_the_worktree(make_agent: MakeAgent, tools: ToolServer) -> None:
    agent = make_agent(
        SCRIPTED, "Text.\nscript: play/it.yaml\n", mcp_url=tools.url, token=tools.token
    )
    folder = agent.launch.worktree / "play"
    folder.mkdir()
    (folder / "it.yaml").write_text("steps:\n- done: from the file\n")
    agent.start()
    agent.wait_idle()
    assert tools.called("update_task_status")[0]["summary"] == "from the file"


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ("- jump: high", "There is no step 'jump'"),
        ("- write: {path: ../out, content: x}", "leads out of the worktree"),
        ("- edit: {path: a, find: x, replace: y}", "0 times"),
        ("- run: exit 3", "exit status 3."),
        ("- run: echo Why; echo; exit 3", "exit status 3: Why"),
        ("- say: '{{nothing}}'", "Nothing is known as {{nothing}}"),
        ("- say: [", "the script in the prompt"),
        ("- create_task: {phase_id: none, description: x}", "create_task refused"),
        ("- wait_for_message: {timeout: 0.05}", "No message came"),
    ],
)
def test_a_step_that_fails_is_reported(
    play: Play, tools: ToolServer, steps: str, reason: str
) -> None:
    agent = play(script(steps))
    (report,) = wait_until(lambda: tools.called("update_task_status"), what="a report")
    assert report["status"] == "failed"
    assert reason in report["failure_reason"]
    assert not (agent.launch.worktree.parent / "out").exists()


def test_the_demo_says_that_its_bug_is_mended_already(
    make_agent: MakeAgent, tools: ToolServer
) -> None:
    agent = make_agent(SCRIPTED, "script: demo/prove.yaml", mcp_url=tools.url, token=tools.token)
    tree = agent.launch.worktree
    shutil.copytree(DEMO, tree, dirs_exist_ok=True)
    (tree / "agents").rename(tree / "demo")
    prices = tree / "prices.py"
    mended = prices.read_text().replace("total - percent", "total - total * percent / 100")
    prices.write_text(mended)
    agent.start()
    (report,) = wait_until(lambda: tools.called("update_task_status"), what="a report")
    assert report["status"] == "failed"
    assert "The bug of this project is mended already." in report["failure_reason"]


def test_a_step_may_fail(play: Play, tools: ToolServer) -> None:
    play(script("- run: exit 3\n  may_fail: true\n- fail: as planned")).wait_idle()
    (report,) = tools.called("update_task_status")
    assert report["failure_reason"] == "as planned"


def test_reviews_and_repeats(play: Play, tools: ToolServer) -> None:
    play(
        script("""
- repeat: {times: 2, steps: [{say: "round {{number}}"}]}
- review_result: pass
- review_result: {verdict: fail, feedback: wrong}
""")
    ).wait_idle()
    assert tools.called("submit_result_validation") == [
        {"validation_passed": True, "feedback": "The script says pass."},
        {"validation_passed": False, "feedback": "wrong"},
    ]


def test_a_message_can_be_waited_for_and_answered(play: Play, tools: ToolServer) -> None:
    agent = play(
        script("""
steps:
- wait_for_message: {contains: go on}
- run: echo after
on_message:
- done: "heard {{message}}"
""")
    )
    agent.wait_idle()
    assert agent.deliver("not yet")
    assert agent.deliver("now go on")
    agent.wait_for_log("  after\n")
    agent.wait_idle()
    assert agent.deliver("once more")
    wait_until(lambda: tools.called("update_task_status"), what="the answer")
    assert tools.called("update_task_status")[0]["summary"] == "heard once more"


def test_a_message_that_came_before_is_not_said_once_more(play: Play) -> None:
    agent = play(script("steps: []\non_message:\n- say: heard\n"))
    agent.wait_idle()
    for message in ("one", "one", "two"):
        assert agent.deliver(message)
        agent.wait_idle()
    agent.wait_for_log("sha256=" + hashlib.sha256(b"two").hexdigest())
    assert agent.log.count("[message]") == 2


def test_a_hanging_agent_takes_no_message(make_agent: MakeAgent, tools: ToolServer) -> None:
    impatient = ScriptedProgram(delivery_seconds=0.3)
    prompt = script("- hang: {ignore_signals: true}")
    agent = make_agent(impatient, prompt, mcp_url=tools.url, token=tools.token)
    agent.start()
    agent.wait_for_log("[hang]")
    assert not agent.deliver("hello")
    agent.stop(grace=0.2)
    assert agent.program.is_idle("[step] hang") is False


def test_it_waits_for_an_engine_that_is_away(play: Play, tools: ToolServer) -> None:
    tools.status = 503
    agent = play(script("- done\n- get_my_task"))
    agent.wait_for_log("[waiting] for the engine: update_task_status: HTTP 503")
    wait_until(lambda: len(tools.keys) >= 3, what="more tries")
    tools.status = 200
    agent.wait_idle()
    assert len(tools.called("update_task_status")) == 1
    assert len(set(tools.keys)) == 2, "a key for each call, kept over its tries"


def test_it_waits_for_an_engine_that_refuses_connections(make_agent: MakeAgent) -> None:
    agent = make_agent(SCRIPTED, "No script here.", mcp_url="http://127.0.0.1:1/mcp")
    agent.start()
    agent.wait_for_log("[waiting] for the engine: update_task_status:")
    agent.stop()


@pytest.mark.parametrize("status", [401, 409])
def test_an_attempt_that_is_over_leaves_quietly(play: Play, tools: ToolServer, status: int) -> None:
    tools.status = status
    assert play("No script here.").exit_status() == 3


def test_a_refusal_as_stale_leaves_quietly(play: Play, tools: ToolServer) -> None:
    tools.answers["update_task_status"] = ToolError("stale_attempt: a newer attempt holds it")
    assert play("No script here.").exit_status() == 3


@pytest.mark.parametrize(
    ("step", "status"),
    [("crash: {signal: KILL}", 137), ("crash: {exit: 9}", 9), ("exit: 0", 0), ("exit: 5", 5)],
)
def test_ends(play: Play, step: str, status: int) -> None:
    assert play(script(f"- {step}")).exit_status() == status


@pytest.mark.parametrize(("key", "status"), [("C-c", 130)])
def test_ctrl_c_ends_it(play: Play, key: str, status: int) -> None:
    agent = play("No script here.")
    agent.wait_idle()
    agent.tmux.send_keys(agent.session, key)
    assert agent.exit_status() == status


def test_daemons_end_with_the_agent(play: Play) -> None:
    agent = play(script("- daemon\n- daemon: {keep_environment: false}"))
    agent.wait_idle()
    lines = [line for line in agent.log.splitlines() if line.startswith("[daemon]")]
    pids = [int(line.split()[1]) for line in lines]
    assert len(pids) == 2
    daemons = [seen_from_outside(pid, processes_of(agent.launch.agent_id)) for pid in pids]
    agent.stop()
    assert not any(is_alive(process) for process in daemons)


def test_a_flood_is_logged_whole(play: Play) -> None:
    agent = play(script("- flood: {megabytes: 5}\n- say: after the flood"))
    agent.wait_for_log("[say] after the flood", timeout=30)
    assert len(agent.log) > 5_000_000


def test_a_killed_agent_resumes_where_it_was(play: Play, tools: ToolServer) -> None:
    agent = play(script("- say: one\n- run: echo two >> twos\n- hang\n- done"))
    agent.wait_for_log("[step] hang")
    agent.stop(grace=0)
    (agent.launch.folder / "scripted.progress").write_text("3")
    again = agent.resume("go on, ünï")
    again.wait_idle()
    assert "go on" not in (again.launch.folder / "prompt.md").read_text()
    assert (agent.launch.worktree / "twos").read_text() == "two\n"
    assert tools.called("update_task_status")[0]["status"] == "done"


def test_made_up_usage_is_read(play: Play) -> None:
    agent = play(script("- usage: {input_tokens: 5}\n- usage: {input_tokens: 2, output_tokens: 1}"))
    agent.wait_idle()
    reading = agent.program.turns(agent.launch.folder, {})
    assert [turn.tokens for turn in reading.turns] == [Tokens(5), Tokens(2, 1)]
    assert agent.program.turns(agent.launch.folder, reading.after).turns == ()
    assert agent.program.turns(Path("/nonexistent"), {}).turns == ()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, None),
        (0, None),
        (3, FailureClass.TRANSIENT),
        (4, FailureClass.TRANSIENT),
        (137, FailureClass.TRANSIENT),
        (1, FailureClass.AGENT_FAULT),
        (127, FailureClass.PERMANENT),
    ],
)
def test_exit_statuses_are_judged(
    status: int | None, expected: FailureClass | None, tmp_path: Path
) -> None:
    failure = SCRIPTED.diagnose("", status, folder=tmp_path)
    assert (failure and failure.class_) == expected


def test_its_bytecode_is_kept_before_agents_run_which_cannot_keep_it() -> None:
    module = Path(hephaestus_worker.scripted_agent.__file__).with_name("session.py")
    kept = Path(importlib.util.cache_from_source(str(module)))
    kept.unlink(missing_ok=True)
    check = "from hephaestus_worker.agent_programs.scripted import ScriptedProgram as Program"
    command = [sys.executable, "-B", "-c", f"{check}; Program().ensure_installed()"]
    subprocess.run(command, check=True, timeout=60)
    assert kept.is_file()


def test_unknown_programs_are_named() -> None:
    name = f"none-{uuid.uuid4().hex}"
    with pytest.raises(Exception, match=r"use one of .*scripted"):
        program(name)
