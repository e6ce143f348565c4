"""Ending the processes of many agents at once, some of which cannot be ended."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from hephaestus_worker.terminal.process_tree import (
    MARKER,
    end_trees,
    marked_agents,
    processes_of,
)
from tests.agent_processes import kill
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
NOBODY = 65534

#: Ends the agents that are named, within 0.1 s and what the last ones take, and says what failed.
END = """
import json, os, sys
from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_worker.terminal import process_tree
process_tree._KILL_SECONDS = 0.5
os.setgroups([])
os.setuid(65534)
try:
    process_tree.end_trees(sys.argv[1:], grace=0.1)
except AgentProgramError as error:
    print(json.dumps(error.message))
"""


@contextmanager
def marked(script: str) -> Iterator[str]:
    """Run a shell script as the process of a new agent; nothing of it is left afterwards."""
    agent = str(uuid4())
    process = subprocess.Popen(
        ["/bin/sh", "-c", script], env=os.environ | {MARKER: agent}, start_new_session=True
    )
    try:
        yield agent
    finally:
        kill(processes_of(agent))
        process.kill()
        process.wait()


def test_agents_end_side_by_side() -> None:
    with ExitStack() as running:
        stubborn = "trap '' TERM; while :; do sleep 0.1; done"
        agents = {running.enter_context(marked(stubborn)) for _ in range(10)}
        wait_until(lambda: agents <= marked_agents(), what="all run")
        began = time.monotonic()

        ended = end_trees(agents, grace=0.5)

        assert time.monotonic() - began < 4, "ten times the grace are 5 s"
        assert len(ended) >= len(agents)
        assert not agents & marked_agents()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can start processes of two users")
def test_a_process_that_may_not_be_ended_keeps_no_other_from_being_ended() -> None:
    """It belongs to somebody else, such as one that an agent has started through sudo."""
    drop = f"exec setpriv --reuid={NOBODY} --clear-groups sleep 1000"
    with marked(f"sleep 1001 & {drop}") as protected, marked(drop) as other:
        agents = {protected, other}
        wait_until(
            lambda: {p.username() for p in processes_of(other)} == {"nobody"}, what="other runs"
        )
        wait_until(
            lambda: "nobody" in {p.username() for p in processes_of(protected)}, what="both run"
        )
        said = subprocess.run(
            [sys.executable, "-c", END, *sorted(agents)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

        [left] = processes_of(protected)
        assert json.loads(said) == (
            f"Processes {left.pid} of agents cannot be ended; end them as the user "
            "that they belong to, with kill -9."
        )
        assert processes_of(other) == []
