"""Starting and stopping agents, with the real tmux and real process trees."""

import hashlib
import json
import os
import shlex
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_core.contract.home import PANE_LOG
from hephaestus_worker.agent_programs.base import (
    Command,
    Launch,
)
from hephaestus_worker.agent_programs.scripted import ScriptedProgram
from hephaestus_worker.terminal.environment import agent_environment, base_environment
from hephaestus_worker.terminal.process_tree import MARKER, end_tree, is_alive, processes_of
from hephaestus_worker.terminal.tmux import Tmux
from tests.agent_processes import seen_from_outside
from tests.integration.agents.conftest import Agent, MakeAgent
from tests.integration.agents.shell_program import ShellProgram, play
from tests.integration.agents.tool_server import ToolServer
from tests.waiting import wait_until

NASTY = "-dash first\n\"quotes\" 'single' $(touch pwned) `touch pwned` \\ ünï 漢 🙂 %d #S\n\n;\n\n"


def process_in(agent: Agent, name: str = "pid") -> psutil.Process:
    """Return the process of the agent that wrote its number into a file of its worktree."""
    path = agent.launch.worktree / name
    wait_until(lambda: path.exists() and path.read_text().strip(), what=f"{path.name}")
    return seen_from_outside(int(path.read_text()), processes_of(agent.launch.agent_id))


@pytest.mark.parametrize("prompt", [NASTY, "x" * 65_536, ("ü\n" * 21_000) + "\n\n"])
def test_the_prompt_arrives_byte_for_byte(make_agent: MakeAgent, prompt: str) -> None:
    agent = play(make_agent, 'printf %s "$1" > got', prompt)
    assert agent.exit_status() == 0
    assert (agent.launch.worktree / "got").read_bytes() == prompt.encode()
    assert [p.name for p in agent.launch.worktree.iterdir()] == ["got"]


def test_files_are_private_and_the_token_is_nowhere_else(make_agent: MakeAgent) -> None:
    old = os.umask(0)
    try:
        agent = play(make_agent, "exit 0")
        agent.exit_status()
    finally:
        os.umask(old)
    assert stat.S_IMODE(agent.launch.folder.stat().st_mode) == 0o700
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in agent.launch.folder.iterdir()}
    files = {"prompt.md": 0o600, "launch.sh": 0o700, "pane.log": 0o600, "exit": 0o600}
    assert modes == {**files, "own": 0o700}
    assert agent.launch.prompt not in repr(agent.launch)
    assert agent.launch.token not in repr(agent.launch)


def test_a_missing_working_directory_is_an_exit_status_too(make_agent: MakeAgent) -> None:
    agent = play(make_agent, "exit 0", working_directory=Path("/nonexistent"))
    assert agent.exit_status() != 0
    agent.wait_for_log("nonexistent")


def test_the_environment_is_made_from_scratch(
    make_agent: MakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEPHAESTUS_DATABASE_URL", "postgresql://user:hidden@host/db")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "it's a key; $(x)")
    environment = agent_environment(("ANTHROPIC_API_KEY", "NOT_SET"))
    agent = play(make_agent, "env -0 > got", environment=environment)
    agent.exit_status()
    pairs = (agent.launch.worktree / "got").read_text().split("\0")
    got = dict(pair.split("=", 1) for pair in pairs if pair)
    assert got["ANTHROPIC_API_KEY"] == "it's a key; $(x)"
    assert got[MARKER] == agent.launch.agent_id
    assert "hidden" not in str(got)
    assert not {"TMUX", "TMUX_PANE", "NOT_SET"} & set(got)


def test_a_proxy_is_not_asked_for_the_stack(make_agent: MakeAgent, tools: ToolServer) -> None:
    environment = {
        **base_environment(),
        # Nothing listens there, so a request through it fails.
        "http_proxy": "http://127.0.0.1:1",
        "no_proxy": "registry.example",
    }
    ask = "import sys, urllib.request as r; r.urlopen(r.Request(sys.argv[1], method='GET'))"
    url = tools.url
    agent = play(
        make_agent,
        f"env -0 > got; {shlex.quote(sys.executable)} -c {shlex.quote(ask)} {url} 2>&1 || true",
        environment=environment,
        mcp_url=url,
        readable=(Path(sys.prefix), Path(sys.base_prefix)),
    )
    assert agent.exit_status() == 0
    pairs = (agent.launch.worktree / "got").read_text().split("\0")
    got = dict(pair.split("=", 1) for pair in pairs if pair)
    assert got["NO_PROXY"] == got["no_proxy"] == "registry.example,127.0.0.1,localhost,::1"
    assert "HTTP Error" in agent.log, "the tool server answers with a refusal; a proxy would not"


def test_a_wrong_variable_name_is_refused(make_agent: MakeAgent) -> None:
    agent = make_agent(ShellProgram("exit"), "prompt", environment={"A; touch pwned": "1"})
    with pytest.raises(AgentProgramError, match="environment"):
        agent.start()


def test_a_busy_machine_runs_the_worker_before_agents(make_agent: MakeAgent) -> None:
    process = process_in(play(make_agent, "echo $$ > pid; exec sleep 60"))
    assert process.nice() == os.nice(0) + 5
    weight = Path(f"/proc/{process.pid}/autogroup")
    if weight.exists():  # this kernel weighs sessions against each other
        assert weight.read_text().endswith(" nice 5\n")


def test_start_is_idempotent(make_agent: MakeAgent) -> None:
    agent = play(make_agent, "echo started >> runs; read line")
    runs = agent.launch.worktree / "runs"
    wait_until(runs.exists, what="the first run")
    agent.start()
    assert len(agent.tmux.sessions()) == 1
    agent.tmux.send_keys(agent.session, "Enter")
    assert agent.exit_status() == 0
    agent.start()
    agent.stop()
    agent.start()
    assert runs.read_text() == "started\n"
    assert agent.tmux.sessions() == {}


def test_a_start_that_a_crash_broke_off_is_made_again(make_agent: MakeAgent) -> None:
    agent = play(make_agent, "echo $$ >> pids; exec sleep 600")
    pids = agent.launch.worktree / "pids"
    first = process_in(agent, "pids")
    agent.tmux.kill_server()
    (agent.launch.folder / "exit").unlink(missing_ok=True)
    agent.start()
    wait_until(lambda: len(pids.read_text().split()) == 2, what="the second run")
    assert not is_alive(first)


def test_end_tree_never_ends_the_one_who_asks(tmp_path: Path) -> None:
    script = (
        "import os, sys; from hephaestus_worker.terminal.process_tree import end_tree;"
        "print(end_tree(os.environ['HEPHAESTUS_AGENT'], grace=1), 'still here')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, MARKER: "outer", "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        start_new_session=True,
        check=True,
    )
    assert done.stdout == "[] still here\n"


def test_other_agents_are_left_alone(make_agent: MakeAgent) -> None:
    one, other = (play(make_agent, "echo $$ > pid; exec sleep 600") for _ in range(2))
    kept = process_in(other)
    process_in(one)
    one.stop()
    assert is_alive(kept)
    assert list(other.tmux.sessions()) == [other.session]


def test_a_forking_program_is_ended(make_agent: MakeAgent) -> None:
    agent = play(
        make_agent, "trap '' TERM; echo up; while :; do (sleep 0.01; sleep 600) & sleep 0.01; done"
    )
    agent.wait_for_log("up")
    agent.stop(grace=0.1)
    assert end_tree(agent.launch.agent_id, grace=0.0) == []


def test_shell_words_of_a_launch_are_quoted(make_agent: MakeAgent, tmp_path: Path) -> None:
    odd = tmp_path / "it's; $(touch pwned) `x`"
    odd.mkdir()
    agent = play(make_agent, "pwd > got", worktree=odd, working_directory=odd)
    assert agent.exit_status() == 0
    assert (odd / "got").read_text().strip() == str(odd)
    assert shlex.quote(str(odd)) in (agent.launch.folder / "launch.sh").read_text()


def test_a_missing_tmux_is_an_agent_program_error(
    make_agent: MakeAgent, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    agent = make_agent(ShellProgram("exit"), "prompt")
    (tmp_path / "git").symlink_to(shutil.which("git") or "")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AgentProgramError, match="install"):
        agent.start()


def test_many_starts_at_once_on_a_new_server(make_agent: MakeAgent, tmux: Tmux) -> None:
    agents = [make_agent(ShellProgram("exec sleep 600"), "prompt") for _ in range(8)]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda agent: agent.start(), agents))
    assert set(tmux.sessions()) == {agent.session for agent in agents}
    for agent in agents:
        agent.stop()
    assert tmux.sessions() == {}


class LateProgram(ScriptedProgram):
    """Takes its prompt as its first message, once it waits for one."""

    def prepare(self, launch: Launch) -> Command:
        return replace(super().prepare(launch), prompt_as_message=True)


def test_a_prompt_that_no_argument_can_bring_is_delivered(make_agent: MakeAgent) -> None:
    script = json.dumps([{"wait_for_message": None}, {"wait_for_message": None}])
    agent = make_agent(LateProgram(), f"Go on, $(whoami).\n```script\n{script}\n```\n")
    heard = f"[message] sha256={hashlib.sha256(agent.launch.prompt.encode()).hexdigest()}"
    agent.start()
    assert agent.log.count(heard) == 1
    agent.start()
    assert agent.log.count(heard) == 1

    unsaid = agent.launch.folder / "prompt-unsaid"

    # As a crash leaves it that came after the message.
    unsaid.touch()
    agent.start()
    assert agent.log.count(heard) == 1

    # As a crash leaves it that came before the message.
    (agent.launch.folder / PANE_LOG).write_bytes(b"")
    unsaid.touch()
    agent.start()
    assert agent.log.count(heard) == 1
    assert not unsaid.exists()
