"""The real Claude Code in tmux, with a model server and an MCP server of the tests' own."""

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from hephaestus_core.clock import utcnow
from hephaestus_worker.agent_programs import claude_screen, program
from hephaestus_worker.agent_programs.base import FailureClass, Usage
from hephaestus_worker.host.process_tree import processes_of
from hephaestus_worker.host.tmux import base_environment
from tests.agent_packages import claude_code
from tests.integration.agents.conftest import Agent, MakeAgent
from tests.integration.agents.tool_server import ToolServer
from tests.model_server import Fault, ModelServer, Text, ToolUse, turns
from tests.waiting import wait_until

pytestmark = pytest.mark.real_program

KEY = "sk-ant-test-0123456789-abcdefghijklmnopqrstuvwxyz"
START_SECONDS = 30.0
NASTY = (
    "-dash first, then \"quotes\" 'single' `touch pwned` $(touch pwned) ${HOME} \\ !! %s #S\n"
    "\n\ttab, ünï, 漢字, 🙂, <b>&amp;</b> and a\u00a0hard space;\n"
)


@dataclass(frozen=True)
class World:
    """A model server, a tool server, and a way to start agents that use them."""

    model: ModelServer
    tools: ToolServer
    make_agent: MakeAgent
    home: Path

    def start(self, prompt: str, **environment: str) -> Agent:
        agent = self.make_agent(
            program("claude"),
            prompt,
            mcp_url=self.tools.url,
            token=self.tools.token,
            environment=self.environment(**environment),
        )
        agent.start()
        return agent

    def environment(self, **more: str) -> dict[str, str]:
        common = base_environment()
        common["PATH"] = f"{claude_code()}:{common['PATH']}"
        common["HOME"] = str(self.home)
        login = {"ANTHROPIC_BASE_URL": self.model.url, "ANTHROPIC_API_KEY": KEY}
        return {**common, **login, **more}

    def wait_for_requests(self, number: int) -> None:
        wait_until(
            lambda: len(self.model.conversations()) >= number,
            timeout=START_SECONDS,
            what=f"{number} requests to the model",
        )


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with ModelServer(turns("Finished.")) as server:
        yield server


@pytest.fixture
def world(model: ModelServer, tools: ToolServer, make_agent: MakeAgent, tmp_path: Path) -> World:
    # Agents are made last, so that they are gone before the servers are.
    home = tmp_path / "home"
    home.mkdir()
    return World(model, tools, make_agent, home)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def shell(command: str) -> ToolUse:
    return ToolUse("Bash", {"command": command, "description": "a command"})


def until_file(name: str) -> ToolUse:
    return shell(f"while [ ! -e {name} ]; do sleep 0.05; done; echo over")


def test_prompt_tools_and_secrets(world: World) -> None:
    prompt = NASTY + "All work and no play. " * 2_900 + "\nlast line\n\n"
    world.tools.answers["get_my_task"] = {"task_id": "task-7"}
    world.model.script = turns(
        ToolUse("mcp__hephaestus__get_my_task"),
        ToolUse("mcp__hephaestus__create_task", {"description": NASTY, "phase_id": 2}),
        shell("echo made > made.txt; ls"),
        "Finished.",
    )
    agent = world.start(prompt)
    wait_until(lambda: "● Finished." in agent.screen(), timeout=60, what="the last answer")
    agent.wait_idle()

    first = world.model.conversations()[0]
    assert digest(prompt) in [digest(text) for text in first.texts("user")]
    assert world.tools.called("create_task")[0]["description"] == NASTY
    last = world.model.conversations()[-1]
    assert any("task-7" in result for result in last.tool_results())
    assert (agent.launch.worktree / "made.txt").exists()
    assert not list(agent.launch.worktree.glob("pwned"))

    config = agent.launch.folder / "config"
    argv = str([p.info["cmdline"] for p in psutil.process_iter(["cmdline"])])
    assert str(config) in argv
    assert world.tools.token not in argv
    assert KEY not in argv
    files = [*agent.launch.folder.iterdir(), config / "mcp.json"]
    assert [p for p in files if stat.S_IMODE(p.stat().st_mode) & 0o077] == []

    requests = len(world.model.conversations())
    expected = Usage(100 * requests, 20 * requests, model=first.body["model"])
    wait_until(lambda: agent.program.usage(agent.launch.folder) == expected, what=f"{expected}")


def test_messages_idle_busy_and_after_a_kill(world: World) -> None:
    world.model.script = turns("Ready.", until_file("go"), "Went.", "Heard.")
    agent = world.start("Be ready.")
    wait_until(lambda: "● Ready." in agent.screen(), timeout=START_SECONDS, what="an answer")
    agent.wait_idle()

    assert agent.deliver(NASTY)
    world.wait_for_requests(2)
    assert NASTY.replace("\t", "    ").strip() in world.model.conversations()[1].texts("user")[-1]
    wait_until(lambda: agent.program.is_idle(agent.screen()) is False, what="a busy agent")

    assert agent.deliver("/exit while busy")
    long = "A long message with ünï and $(touch pwned).\n" * 450
    assert agent.deliver(long)
    assert agent.program.is_idle(agent.screen()) is False
    (agent.launch.worktree / "go").touch()
    world.wait_for_requests(3)
    texts = world.model.conversations()[2].texts("user", "system")
    assert any("/exit while busy" in text for text in texts)
    assert any(long.strip() in text for text in texts)
    agent.wait_idle(20)
    assert not list(agent.launch.worktree.glob("pwned"))

    for process in processes_of(agent.launch.agent_id):
        process.kill()
    agent.stop()
    before = len(world.model.conversations())
    again = agent.resume("-and after the kill: $(touch pwned)")
    world.wait_for_requests(before + 1)
    texts = world.model.conversations()[before].texts("user")
    assert "Be ready." in texts
    assert "-and after the kill: $(touch pwned)" in texts
    again.stop()
    assert not agent.deliver("to nobody")


def test_stop_leaves_no_process(world: World) -> None:
    world.model.script = turns(shell("sleep 600 & setsid sleep 601 & echo $$ > pid; sleep 602"))
    agent = world.start("Run it.")
    pid = agent.launch.worktree / "pid"
    wait_until(lambda: pid.exists() and pid.read_text(), timeout=START_SECONDS, what="the command")
    running = processes_of(agent.launch.agent_id)
    assert len(running) >= 5
    agent.stop(grace=5)
    assert not [p for p in running if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    assert agent.tmux.sessions() == {}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, FailureClass.PERMANENT),
        (404, FailureClass.PERMANENT),
        (429, FailureClass.QUOTA),
        (500, FailureClass.TRANSIENT),
        (529, FailureClass.TRANSIENT),
    ],
)
def test_refusals_are_recognised(world: World, status: int, expected: FailureClass) -> None:
    world.model.script = lambda _: Fault(status, "as the script says")
    agent = world.start("Do it.", CLAUDE_CODE_MAX_RETRIES="0")
    wait_until(
        agent.failure,
        timeout=START_SECONDS,
        what="a failure",
    )
    failure = agent.failure()
    assert failure is not None
    assert failure.class_ is expected
    agent.wait_idle()
    _record(agent, f"refused_{status}")


def test_a_server_that_comes_back_is_no_failure(world: World) -> None:
    answers: list[Any] = [Fault(529), Fault(529)]
    world.model.script = lambda _: answers.pop() if answers else Text("Recovered.")
    agent = world.start("Do it.")
    wait_until(lambda: "Retrying in" in agent.screen(), timeout=START_SECONDS, what="a retry")
    assert agent.failure() is None
    assert agent.program.is_idle(agent.screen()) is False
    _record(agent, "retrying")
    wait_until(lambda: "● Recovered." in agent.screen(), what="the answer")


def test_a_prompt_too_long_for_an_argument_is_pointed_at(world: World) -> None:
    prompt = "x" * 150 + "\n"
    agent = world.start(prompt * 1_000)
    world.wait_for_requests(1)
    said = "\n".join(world.model.conversations()[0].texts("user"))
    (path,) = [word.rstrip(",") for word in said.split() if "prompt-whole.md" in word]
    assert Path(path).read_text() == prompt * 1_000
    agent.stop()


def log_in(home: Path) -> str:
    """Leave the login of a person in ``home`` and return its token."""
    folder = home / ".claude"
    folder.mkdir()
    oauth = {
        "accessToken": "sk-ant-oat01-login-of-a-person",
        "refreshToken": "sk-ant-ort01-x",
        "expiresAt": 4_102_444_800_000,
        "scopes": ["user:inference", "user:profile"],
        "subscriptionType": "max",
    }
    (folder / ".credentials.json").write_text(json.dumps({"claudeAiOauth": oauth}))
    return "sk-ant-oat01-login-of-a-person"


def test_a_person_who_is_logged_in_needs_no_key_until_the_limit(world: World) -> None:
    token = log_in(world.home)
    ends = utcnow().replace(microsecond=0, second=0) + timedelta(hours=2)
    limit = {
        "anthropic-ratelimit-unified-status": "rejected",
        "anthropic-ratelimit-unified-reset": str(int(ends.timestamp())),
        "anthropic-ratelimit-unified-representative-claim": "five_hour",
    }
    world.model.script = lambda _: Fault(429, "used up", limit)
    agent = world.start("Do it.", ANTHROPIC_API_KEY="", CLAUDE_CODE_MAX_RETRIES="0")
    wait_until(
        lambda: claude_screen.asks_about_limit(agent.screen()),
        timeout=START_SECONDS,
        what="the limit",
    )
    assert world.model.conversations()[0].headers["authorization"] == f"Bearer {token}"
    failure = agent.failure()
    assert failure is not None
    assert (failure.class_, failure.until) == (FailureClass.QUOTA, ends)

    world.model.script = turns("Again.")
    assert agent.deliver("The limit is over, go on.")
    wait_until(lambda: "● Again." in agent.screen(), what="an answer")


def _record(agent: Agent, name: str) -> None:
    """Keep the screen for the unit tests, when asked to by HEPHAESTUS_RECORD_SCREENS."""
    if folder := os.environ.get("HEPHAESTUS_RECORD_SCREENS"):
        Path(folder, f"{name}.txt").write_text(agent.screen())
