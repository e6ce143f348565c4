"""Checks whose commands hang, fork, flood, edit their tree, want the network or are killed."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hephaestus_worker.reviews.checks import Stopped
from hephaestus_worker.reviews.run_folders import tidy
from tests.agent_processes import kill
from tests.integration.reviews.conftest import UNITTEST, Project
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["sandbox", "no sandbox"])
def contained(request: pytest.FixtureRequest, project: Project) -> Project:
    return project if request.param == "sandbox" else project.without_sandbox()


def running(word: str) -> list[psutil.Process]:
    """Return the sleeping processes whose command line holds the word."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if f"600.{word}" in (process.info["cmdline"] or [])
        and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


@pytest.fixture
def word() -> Iterator[str]:
    """A number of seconds to sleep; no process that sleeps so long is left after the test."""
    made = str(random.randrange(10**11, 10**12))
    yield made
    kill(running(made))


def test_a_command_that_hangs_ends_at_its_limit_with_all_it_started(
    contained: Project, word: str
) -> None:
    command = f"env -i setsid sleep 600.{word} & trap '' TERM; echo waiting; sleep 600.{word}"
    hangs = {"check_type": "command_success", "command": command, "timeout": 1}

    began = time.monotonic()
    (outcome,) = contained.check(contained.base, hangs)

    assert (outcome.status, outcome.exit_status) == ("failed", None)
    assert outcome.output == "waiting\n"
    assert "longer than 1 s" in outcome.says
    assert running(word) == []
    assert time.monotonic() - began < 60


def test_no_daemon_outlives_a_command_that_passes(contained: Project, word: str) -> None:
    command = f"(env -i setsid sleep 600.{word} &) ; setsid sleep 600.{word} & exit 0"

    (outcome,) = contained.check(
        contained.base, {"check_type": "command_success", "command": command}
    )

    assert outcome.status == "passed"
    assert running(word) == []


def test_of_a_flood_the_end_is_kept(project: Project) -> None:
    command = (
        "head -c 50000000 /dev/zero | tr '\\0' x; echo; printf '\\033[31mlast\\000word'; false"
    )

    (outcome,) = project.check(
        project.base, {"check_type": "command_success", "command": command, "timeout": 120}
    )

    assert len(outcome.output) == 4096
    assert outcome.output.endswith("x\nlast␀word")
    assert outcome.exit_status == 1


def test_a_command_finds_nothing_of_the_one_before(contained: Project) -> None:
    is_new = 'test -z "$(git status --porcelain --ignored=no)" -a "$(cat set-up.o)" = right'
    leaves = (
        "mkdir -p new/er && touch new/er/file other.o && chmod 0 new",
        "echo wrong > set-up.o",
        "printf 'def total(numbers):\\n    return sum(numbers[2:])\\n' > calc.py",
        "chmod +x calc.py",
        "rm -r tests",
        "ln -sf /etc/passwd calc.py",
        "git config core.hooksPath /tmp && git commit --quiet --allow-empty -m x",
    )
    commands = (f"{is_new} -a ! -e new && {each}" for each in leaves)
    git_is_new = "! git config core.hooksPath && git log --format=%s | grep -qv x"

    outcomes = contained.check(
        contained.base,
        *({"check_type": "command_success", "command": each} for each in commands),
        {"check_type": "command_success", "command": git_is_new},
        {"check_type": "test_pass", "command": UNITTEST},
        setup_command="echo right > set-up.o",
    )

    assert [(each.status, each.output) for each in outcomes[:-1]] == [("passed", "")] * 8
    assert outcomes[-1].status == "passed"


def test_each_command_finds_the_home_as_the_set_up_has_left_it(project: Project) -> None:
    is_new = 'test "$(cat ~/tool)" = right -a ! -e ~/new -a ! -e /tmp/new'
    leaves = ("echo wrong > ~/tool", "mkdir ~/new && touch /tmp/new", "rm ~/tool", "true")

    outcomes = project.check(
        project.base,
        *({"check_type": "command_success", "command": f"{is_new} && {each}"} for each in leaves),
        setup_command="echo right > ~/tool; touch /tmp/of-the-set-up",
    )

    assert [each.status for each in outcomes] == ["passed"] * 4


def test_keys_and_logins_of_the_stack_are_not_there(contained: Project) -> None:
    (outcome,) = contained.check(
        contained.base, {"check_type": "command_success", "command": "env"}
    )

    assert "of-the-stack" not in outcome.output
    assert "CI=true" in outcome.output


def test_a_command_without_its_network_fails_with_what_it_says(project: Project) -> None:
    program = "import urllib.request as u; u.urlopen('http://127.0.0.1:9/', timeout=5)"
    command = f'{sys.executable} -c "{program}"'

    (outcome,) = project.check(project.base, {"check_type": "command_success", "command": command})

    assert (outcome.status, outcome.exit_status) == ("failed", 1)
    assert "refused" in outcome.output


def test_a_run_that_is_asked_to_stop_ends_soon_and_leaves_nothing(
    project: Project, word: str
) -> None:
    stop = threading.Event()
    timer = threading.Thread(
        target=lambda: (wait_until(lambda: running(word), timeout=60, what="it runs"), stop.set())
    )
    timer.start()

    with pytest.raises(Stopped):
        project.check(
            project.base,
            {"check_type": "command_success", "command": f"sleep 600.{word}"},
            stop=stop,
        )
    timer.join()

    assert project.left() == []
    assert running(word) == []


SCRIPT = """
import sys, threading
from pathlib import Path
from hephaestus_core.contract.definitions.criteria import Check
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.reviews.checks import run_checks
from hephaestus_worker.reviews.grounds import Ground, check_environment
from hephaestus_worker.terminal import enclosures

origin, mirrors, folder, commit, command, sandboxed = sys.argv[1:]
ground = Ground(
    Path(folder),
    Path(folder).parent / "base-runs",
    enclosures.probed(sandboxed=bool(sandboxed)),
    check_environment([]),
)
mirror = Mirror.open(origin, Path(mirrors))
check = Check(check_type="command_success", command=command)
run_checks(mirror, commit, commit, [check], ground=ground, stop=threading.Event())
"""


@pytest.mark.parametrize("sandboxed", ["yes", ""])
def test_nothing_is_left_of_a_killed_worker_after_the_next_pass(
    project: Project, word: str, sandboxed: str
) -> None:
    places = (str(project.repo.path), str(project.mirror.path.parent), str(project.ground.folder))
    command = f"setsid sleep 600.{word} & sleep 600.{word}"
    worker = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *places, project.base, command, sandboxed], cwd=ROOT
    )
    try:
        wait_until(lambda: len(running(word)) == 2, timeout=60, what="the check runs")
        tidy(project.ground.folder)
        assert len(running(word)) == 2, "a living run was tidied away"
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    wait_until(lambda: not running(word), timeout=60, what="the processes ended with the worker")

    def is_tidy() -> bool:
        tidy(project.ground.folder)
        return project.left() == [] and running(word) == []

    wait_until(is_tidy, timeout=60, what="processes and trees are gone")
