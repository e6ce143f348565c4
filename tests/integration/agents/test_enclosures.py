"""The ways of holding an agent's processes: what leaves it ends, and nothing else changes."""

import os
import pty
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import Containment
from hephaestus_sdk.runtime import valkey
from hephaestus_worker.agent_programs.base import Failure, failure_of_exit
from hephaestus_worker.terminal import enclosures
from hephaestus_worker.terminal.enclosures import KEEPER, Enclosure
from hephaestus_worker.terminal.environment import base_environment
from hephaestus_worker.terminal.process_tree import (
    end_trees,
    is_alive,
    marked_agents,
    processes_of,
)
from tests.agent_processes import kill
from tests.integration.agents.conftest import Agent, MakeAgent
from tests.integration.agents.shell_program import play
from tests.waiting import wait_until

FORMS = {
    "namespace": enclosures.namespace(as_user=os.geteuid() != 0),
    "subreaper": enclosures.subreaper(),
    "sandbox": enclosures.bubblewrap(),
}

#: Each leaves its agent in another way; the command lines of all hold the word.
STRAYS = """
env -i setsid sleep 600.1{word} &
env -i sh -c '(sleep 600.2{word} &) &'
nohup setsid sh -c "trap '' TERM; exec sleep 600.3{word}" > out 2>&1 &
{valkey} --daemonize yes --port 0 --save '' --unixsocket {word} > out
tmux -S tmux-{word} -f /dev/null new-session -d "exec sleep 600.4{word}"
"""
KINDS = ("600.1", "600.2", "600.3", "valkey-server", "tmux -S", "600.4")


@pytest.fixture(params=FORMS)
def enclosure(request: pytest.FixtureRequest) -> Enclosure:
    return FORMS[request.param]


def command(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        if process.status() != psutil.STATUS_ZOMBIE:
            return " ".join(process.cmdline())
    return ""


@pytest.fixture
def word() -> Iterator[str]:
    """A word in the command lines of the strays; none of them is left after the test."""
    made = str(random.randrange(10**11, 10**12))
    yield made
    kill(named(made))


def named(word: str) -> list[psutil.Process]:
    """Return all living processes of the machine with the word in their command lines."""
    return [process for process in psutil.process_iter() if word in command(process)]


def with_strays(make_agent: MakeAgent, word: str, then: str) -> Agent:
    """Start an agent with all strays, which goes on with a script."""
    strays = STRAYS.format(word=word, valkey=valkey.program())
    agent = play(make_agent, f"{strays}\n{then}", readable=(valkey.program(),))

    def all_run() -> bool:
        # The programs around the agent have the whole script in their command lines.
        lines = [line for line in map(command, named(word)) if "env -i" not in line]
        return all(any(kind in line for line in lines) for kind in KINDS)

    wait_until(all_run, timeout=30, what="all strays run")
    return agent


def _is_kept(process: psutil.Process) -> bool:
    try:
        return KEEPER in process.environ()
    except psutil.NoSuchProcess:  # such as a sleep of the agent's loop
        return False


def wrappers(agent: Agent) -> list[psutil.Process]:
    """Return what runs the agent's program, from the outside to the inside."""
    script = ["/bin/sh", str(agent.launch.folder / "launch.sh")]
    inside = [p for p in processes_of(agent.launch.agent_id) if _is_kept(p)]
    return sorted((p for p in inside if p.cmdline() != script), key=lambda p: len(p.parents()))


def end_by_itself(agent: Agent) -> None:
    (agent.launch.worktree / "go").touch()
    assert agent.exit_status() == 7


def stop(agent: Agent) -> None:
    agent.stop(grace=0.3)


def shut_down_host(agent: Agent) -> None:
    assert agent.launch.agent_id in marked_agents()
    end_trees([agent.launch.agent_id], grace=0.3)


def kill_outer_wrapper(agent: Agent) -> None:
    wrappers(agent)[0].kill()
    assert agent.exit_status() == 137


def kill_inner_wrapper(agent: Agent) -> None:
    wrappers(agent)[1].kill()
    assert agent.exit_status() != 0


def kill_start_script_and_stop(agent: Agent) -> None:
    psutil.Process(agent.tmux.sessions()[agent.session].pane_pid).kill()
    agent.stop(grace=0.3)


def kill_terminal_and_stop(agent: Agent) -> None:
    server = psutil.Process(agent.tmux.sessions()[agent.session].pane_pid).parent()
    assert server is not None
    server.kill()
    wait_until(lambda: not is_alive(server), what="the server's end")
    agent.stop(grace=0.3)


@pytest.mark.parametrize(
    "end",
    [
        end_by_itself,
        stop,
        shut_down_host,
        kill_outer_wrapper,
        kill_inner_wrapper,
        kill_start_script_and_stop,
        kill_terminal_and_stop,
    ],
)
def test_nothing_outlives_an_agent(
    make_agent: MakeAgent, word: str, end: Callable[[Agent], None]
) -> None:
    agent = with_strays(make_agent, word, "until [ -e go ]; do sleep 0.05; done; exit 7")

    end(agent)

    wait_until(lambda: named(word) == [], timeout=20, what="nothing is left")
    agent.stop()
    assert processes_of(agent.launch.agent_id) == []
    assert agent.tmux.sessions() == {}


@pytest.mark.parametrize(
    ("script", "status"),
    [("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137), ("no-such-program", 127)],
)
def test_the_exit_status_is_kept(make_agent: MakeAgent, script: str, status: int) -> None:
    assert play(make_agent, script).exit_status() == status


def test_a_program_that_loses_its_terminal_did_not_fail_by_itself(make_agent: MakeAgent) -> None:
    agent = play(make_agent, "echo up; cat > rest; exit 120")
    agent.wait_for_log("up")
    agent.tmux.kill_server()
    failure = failure_of_exit("It", agent.exit_status())
    assert failure == Failure(FailureClass.TRANSIENT, "It was ended by signal 1.")


def test_stop_lets_the_program_end_by_itself(make_agent: MakeAgent) -> None:
    agent = play(make_agent, "trap 'echo saved > saved; exit 3' TERM; echo up; while :; do :; done")
    agent.wait_for_log("up")
    agent.stop(grace=5)
    assert (agent.launch.worktree / "saved").exists()
    assert agent.exit_status() == 3


def test_stop_leaves_the_last_words_in_the_log(make_agent: MakeAgent) -> None:
    agent = play(
        make_agent, "trap 'seq 200000; echo last words; exit' TERM; echo up; while :; do :; done"
    )
    agent.wait_for_log("up")
    agent.stop(grace=10)
    wait_until(lambda: agent.log.rstrip().endswith("last words"), what="the last words")
    assert agent.log.count("\n") > 200_000


def test_a_program_that_does_not_end_is_killed_and_its_status_kept(make_agent: MakeAgent) -> None:
    agent = play(make_agent, "trap '' TERM HUP INT; echo up; while :; do sleep 1; done")
    agent.wait_for_log("up")
    agent.stop(grace=0.2)
    assert agent.exit_status() == 137
    assert processes_of(agent.launch.agent_id) == []


def test_ctrl_c_reaches_the_program_which_may_go_on(make_agent: MakeAgent) -> None:
    agent = play(
        make_agent, "trap 'echo heard' INT; echo up; while :; do read -r l && echo got $l; done"
    )
    agent.wait_for_log("up")
    agent.tmux.send_keys(agent.session, "C-c")
    agent.wait_for_log("heard")
    agent.tmux.send_keys(agent.session, "o", "n", "Enter")
    agent.wait_for_log("got on")


def test_a_new_size_of_the_window_reaches_the_program(make_agent: MakeAgent) -> None:
    agent = play(make_agent, "trap 'stty size' WINCH; echo up; while :; do sleep 0.1; done")
    agent.wait_for_log("up")
    tmux("resize-window", "-t", agent.session, "-x", "93", "-y", "31", server=agent)
    agent.wait_for_log("31 93")


def test_a_person_who_attaches_types_into_the_program(make_agent: MakeAgent) -> None:
    agent = play(make_agent, "echo up; read -r line; echo heard $line; exec sleep 600")
    agent.wait_for_log("up")
    keyboard, screen = pty.openpty()
    attach = ["tmux", "-L", agent.tmux.socket_name, "attach", "-t", agent.session]
    terminal = base_environment() | {"TERM": "xterm"}
    person = subprocess.Popen(attach, stdin=screen, stdout=screen, env=terminal)
    try:
        wait_until(lambda: agent.tmux.sessions()[agent.session].attached, what="a person attached")
        os.write(keyboard, b"a person\r")
        agent.wait_for_log("heard a person")
    finally:
        person.kill()
        person.wait()
        os.close(keyboard)
        os.close(screen)


def test_the_program_is_who_it_was_and_sees_its_own_mark_alone(
    make_agent: MakeAgent, enclosure: Enclosure
) -> None:
    agent = play(make_agent, "id -u > who; env > env; ps -e -o pid= > seen")
    agent.exit_status()
    assert (agent.launch.worktree / "who").read_text() == f"{os.getuid()}\n"
    assert KEEPER not in (agent.launch.worktree / "env").read_text()
    pids = (agent.launch.worktree / "seen").read_text().split()
    assert (len(pids) < 10) == (enclosure.containment != Containment.SUBREAPER)


def test_this_machine_refuses_none() -> None:
    forms = [*FORMS.values(), enclosures.bubblewrap(old=True)]
    assert [enclosures.try_out(form) for form in forms] == [None] * len(forms)


def test_a_form_that_the_machine_refuses_is_not_used() -> None:
    refusing = replace(enclosures.environment(), command=("sh", "-c", "echo not me >&2; exit 3"))
    missing = replace(enclosures.environment(), command=("/no/such/program",))
    working = enclosures.subreaper()
    chosen = enclosures.first_that_works([refusing, missing, working])
    assert chosen.command == working.command
    assert chosen.obstacle is not None
    assert chosen.obstacle.startswith("not me; ")
    assert "/no/such/program" in chosen.obstacle
    assert enclosures.first_that_works([refusing]).command == enclosures.environment().command


def test_an_old_bubblewrap_contains_agents_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse = 'echo "bwrap: Unknown option" >&2; exit 1'
    old = tmp_path / "bwrap"
    old.write_text(
        f'#!/bin/sh\ncase "$*" in *--size*|*--disable-userns*) {refuse};; esac\n'
        f'exec {shutil.which("bwrap")} "$@"\n'
    )
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    chosen = enclosures.probed.__wrapped__()
    assert chosen.containment == Containment.SANDBOX
    assert chosen.old
    assert chosen.obstacle is not None


def test_a_host_without_bubblewrap_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    refusal = enclosures.try_out(enclosures.bubblewrap())
    assert refusal is not None
    assert "apt install bubblewrap" in refusal


def tmux(*argv: str, server: Agent) -> None:
    subprocess.run(["tmux", "-L", server.tmux.socket_name, *argv], check=True)
