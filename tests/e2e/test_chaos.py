"""The short form of `make chaos`, and a proof that its account finds what is wrong."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from hephaestus_worker.terminal.process_tree import MARKER
from tests.chaos.account import KINDS, Account
from tests.chaos.run import Plan, run
from tests.chaos.work import ChaosWork
from tests.e2e.recorder import Recorder
from tests.e2e.second_host import SecondHost, second_host
from tests.e2e.stack import Stack, git, running_stack

PLAN = Plan(
    minutes=1.0,
    tasks=60,
    seed=172,
    agents=8,
    shortest=3.0,
    longest=12.0,
    pauses=(1.0, 4.0),
    lasting=(2.0, 6.0),
    lease_seconds=8.0,
)


@pytest.mark.timeout(600)
def test_nothing_is_lost_doubled_or_left_behind_in_a_storm_of_faults(tmp_path: Path) -> None:
    assert run(tmp_path, PLAN).found == {kind: [] for kind in KINDS}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with running_stack(tmp_path, max_concurrent_agents=4) as running:
        yield running


@pytest.fixture
def second(stack: Stack, tmp_path: Path) -> Iterator[SecondHost]:
    with second_host(stack, tmp_path, max_concurrent_agents=4) as host:
        yield host


def test_the_account_finds_what_is_lost_doubled_and_left(stack: Stack, second: SecondHost) -> None:
    recorder = Recorder(stack)
    work = ChaosWork(stack, shortest=0.1, longest=0.2).begin(tasks=4)
    work.hand_in(0)
    assert work.settle()
    account = Account(stack, second, work, slots=4)
    account.compare(recorder)
    assert account.found == {kind: [] for kind in KINDS}

    left = second.home / "host" / "worktrees" / "left"
    left.mkdir()
    git(stack.repository, "reset", "--hard", "main~1")
    with stack.database.transaction() as session:
        again = (
            "INSERT INTO events (type, task_id, data) "
            "SELECT type, task_id, data FROM events WHERE data->>'to' = 'done' LIMIT 1"
        )
        session.execute(text(again))
    homes = (stack.home, second.home)
    agent = next(each.name for home in homes for each in home.glob("host/agents/*"))
    with subprocess.Popen(["sleep", "60"], env=os.environ | {MARKER: agent}) as process:
        account = Account(stack, second, work, slots=4, tidy_seconds=0.1)
        account.compare(recorder)
        process.kill()
    left.rmdir()

    found = {kind: " ".join(differences) for kind, differences in account.found.items()}
    assert "is not in main" in found["lost"]
    assert "was done twice" in found["doubled"]
    assert "worktree left" in found["orphans"]
    assert f"processes of agent {agent}" in found["orphans"]
    assert "done: [(None, 'pending')" in found["contradictions"]
