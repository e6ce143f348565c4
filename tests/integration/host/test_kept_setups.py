"""Kept results of set-ups: who fills them, who uses them, and what breaks while they are copied."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

import pytest

from hephaestus_core.agents.views import AgentView
from hephaestus_core.contract.definitions.criteria import Check
from hephaestus_core.contract.home import PANE_LOG, HomeLayout
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.tasks import service as tasks
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.host import kept_setups
from hephaestus_worker.host.kept_setups import Keeping, KeptSetup, keeping_of, kept_setup
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.repositories import mirror_of
from hephaestus_worker.reviews.checks import run_checks
from hephaestus_worker.reviews.grounds import ground_of
from hephaestus_worker.terminal.private_files import private_file, private_folder
from tests.integration.git.making import Repo
from tests.integration.host.conftest import Host
from tests.waiting import wait_until

SCRIPT = "mkdir -p deps && cat deps.lock > deps/made && ln -s /nowhere/out deps/link"
COMMAND = "sh setup.sh"


@dataclass
class Kept:
    """A repository whose set-up counts its runs, on one host."""

    host: Host
    worker: Machine
    runs: Path
    command: str

    def ran(self) -> int:
        return len(self.runs.read_text().splitlines()) if self.runs.exists() else 0

    def entries(self) -> list[Path]:
        return list(HomeLayout(self.host.settings.home).setups.glob("*/*"))

    def claimed(self) -> AgentView:
        """Claim an agent whose program writes into what its set-up has made."""
        return self.host.claim("write: {path: deps/made, content: poison}", "sleep: 100")

    def started(self, claimed: AgentView | None = None) -> AgentView:
        agent = claimed or self.claimed()
        start_agent(self.worker, agent.id)
        over = lambda: not self.worker.long_work.runs(agent.id)  # noqa: E731
        wait_until(over, timeout=30, what="the set-up has ended")
        start_agent(self.worker, agent.id)
        return self.host.agent(agent.id)

    def check(self, commit: str, command: str = "true") -> str:
        """Return the status of a check with this command on the commit."""
        return self._status(commit, commit, Check(check_type="command_success", command=command))

    def red_green(self, base: str, commit: str) -> str:
        """Return whether the test of the commit shows what it changes."""
        proof = {"test": "tests/test_it.sh", "command": "sh tests/test_it.sh"}
        return self._status(base, commit, Check(check_type="red_green"), proof)

    def _status(
        self, base: str, commit: str, check: Check, proof: Mapping[str, str] | None = None
    ) -> str:
        repository = str(self.host.origin.path)
        [outcome] = run_checks(
            *(mirror_of(self.worker, repository), commit, base, [check]),
            ground=ground_of(self.worker),
            proof=proof,
            setup_command=self.command,
            keeping=keeping_of(self.host.settings, repository, "main"),
            stop=Event(),
        )
        return outcome.status


@pytest.fixture
def make_kept(host: Host, tmp_path: Path) -> Callable[[str], Kept]:
    def make(script: str) -> Kept:
        counts = tmp_path / "counts"
        counts.mkdir()
        command = f"echo ran >> {counts}/runs && {COMMAND}"
        host.origin.commit({"setup.sh": script, "deps.lock": "one\n", ".gitignore": "deps\n"})
        names = {"setup_keeps": ["deps"], "setup_reads": ["deps.lock"]}
        host.settings = replace(
            host.settings,
            repositories={str(host.origin.path): names},
            agent_writable=(counts,),
        )
        order = LaunchOrder(
            definition_id=host.engine.define(),
            repository=str(host.origin.path),
            setup_command=command,
        )
        host.engine.workflow_id = lifecycle.start_workflow(host.engine.db, order).id
        return Kept(host, host.worker(), counts / "runs", command)

    return make


def test_a_second_agent_and_a_check_get_a_copy_until_the_lock_file_changes(
    host: Host, make_kept: Callable[[str], Kept]
) -> None:
    kept = make_kept(SCRIPT)
    first = kept.started()
    assert first.setup is not None
    assert (first.setup.status, first.setup.copied_from) == ("succeeded", "")
    made = host.worktree(first.id) / "deps" / "made"
    wait_until(lambda: made.read_text() == "poison", timeout=20, what="the agent has written")

    second = kept.started()
    assert kept.ran() == 1
    assert second.setup is not None
    assert (second.setup.status, second.setup.seconds < 10) == ("succeeded", True)
    assert second.setup.copied_from
    prompt = (kept.worker.folders.agent(second.id) / "prompt.md").read_text()
    assert f"it is that of {second.setup.copied_from}." in prompt
    assert host.engine.events("agent.set_up")[-1].data["copied_from"] == second.setup.copied_from

    # No tree of another sees what an agent has written into its own.
    right = "test $(cat deps/made) = one && test $(readlink deps/link) = /nowhere/out"
    assert kept.check(host.origin.git("rev-parse", "main").strip(), right) == "passed"
    assert kept.ran() == 1

    changed = host.origin.commit({"deps.lock": "two\n"})
    for _ in range(2):
        assert kept.check(changed, "test $(cat deps/made) = two") == "passed"
    assert kept.ran() == 2
    assert len(kept.entries()) == 2


def test_work_of_an_agent_fills_nothing_that_others_use(
    host: Host, make_kept: Callable[[str], Kept]
) -> None:
    kept = make_kept(SCRIPT)
    base = host.origin.git("rev-parse", "main").strip()
    host.origin.git("checkout", "--quiet", "-b", "work")
    poisoned = host.origin.commit({"setup.sh": "mkdir deps && echo poison > deps/made"})
    host.origin.git("checkout", "--quiet", "main")

    assert kept.check(poisoned, "test $(cat deps/made) = poison") == "passed"
    assert kept.entries() == []
    assert kept.check(base, "test $(cat deps/made) = one") == "passed"
    assert (kept.ran(), len(kept.entries())) == (2, 1)
    assert kept.check(poisoned, "test $(cat deps/made) = one") == "passed"
    assert kept.ran() == 2

    # Without a file that it names, nothing is used.
    gone = host.origin.commit({"deps.lock": None, "setup.sh": "mkdir deps"})
    assert kept.check(gone) == "passed"
    assert (kept.ran(), len(kept.entries())) == (3, 1)


def test_a_failed_set_up_is_not_kept(make_kept: Callable[[str], Kept]) -> None:
    kept = make_kept(f"{SCRIPT}; exit 3")
    for _ in range(2):
        agent = kept.started()
        assert agent.setup is not None
        assert (agent.setup.status, agent.setup.copied_from) == ("failed", "")
    assert (kept.ran(), kept.entries()) == (2, [])


def test_a_worktree_in_which_a_program_may_have_worked_fills_nothing(
    make_kept: Callable[[str], Kept],
) -> None:
    kept = make_kept(SCRIPT)
    agent = kept.claimed()
    # A worker was killed after it had begun the program.
    private_file(private_folder(kept.worker.folders.agent(agent.id)) / PANE_LOG)
    started = kept.started(agent)
    assert started.setup is not None
    assert (started.setup.status, kept.ran(), kept.entries()) == ("succeeded", 1, [])


def test_two_agents_that_set_up_at_once_fill_one_result_and_two_more_copy_it(
    host: Host, make_kept: Callable[[str], Kept], tmp_path: Path
) -> None:
    both_run = f"test $(wc -l < {tmp_path}/counts/runs) -ge 2"
    kept = make_kept(f"until {both_run}; do sleep 0.1; done; {SCRIPT}")

    def pair() -> list[AgentView]:
        agents = [host.claim("sleep: 100"), host.claim("sleep: 100")]
        for each in agents:
            start_agent(kept.worker, each.id)
        return [kept.started(each) for each in agents]

    filling = pair()
    assert (kept.ran(), len(kept.entries())) == (2, 1)
    copying = pair()
    assert (kept.ran(), len(kept.entries())) == (2, 1)

    found = [each.setup for each in (*filling, *copying)]
    assert [each and each.status for each in found] == ["succeeded"] * 4
    assert [bool(each and each.copied_from) for each in found] == [False, False, True, True]
    for each in (*filling, *copying):
        deps = host.worktree(each.id) / "deps"
        assert sorted(path.name for path in deps.iterdir()) == ["link", "made"]
        assert (deps / "made").read_text() == "one\n"


def test_the_worktree_that_a_next_attempt_goes_on_in_is_set_up_by_the_command(
    host: Host, make_kept: Callable[[str], Kept]
) -> None:
    kept = make_kept(SCRIPT)
    first = kept.started()
    made = host.worktree(first.id) / "deps" / "made"
    wait_until(lambda: made.read_text() == "poison", timeout=20, what="the agent has written")
    host.kill_agent(first.id)
    finish_agent(kept.worker, first.id)
    tasks.bump_task(host.engine.db, first.task_id)

    second = kept.started(host.engine.claimed())

    assert (second.resumes_id, host.worktree(second.id)) == (first.id, made.parent.parent)
    assert second.setup is not None
    assert (second.setup.status, second.setup.copied_from) == ("succeeded", "")
    assert (made.read_text(), kept.ran(), len(kept.entries())) == ("one\n", 2, 1)
    # What its program has written into the worktree reaches nobody else.
    base = host.origin.git("rev-parse", "main").strip()
    assert kept.check(base, "test $(cat deps/made) = one") == "passed"
    assert kept.ran() == 2


@pytest.mark.parametrize("lock_changes", [True, False])
def test_a_tree_without_the_change_gets_only_what_its_own_lock_file_makes(
    host: Host, make_kept: Callable[[str], Kept], lock_changes: bool
) -> None:
    kept = make_kept(SCRIPT)
    base = host.origin.git("rev-parse", "main").strip()
    lock, source = ("two", "old") if lock_changes else ("one", "new")
    test = f'test "$(cat deps/made source)" = "$(printf "{lock}\\n{source}")"\n'
    host.origin.commit({"deps.lock": "one\n", "source": "old\n"})
    changed = {"deps.lock": f"{lock}\n", "source": f"{source}\n", "tests/test_it.sh": test}
    work = host.origin.commit(changed)
    assert kept.check(work) == "passed"
    assert (kept.ran(), len(kept.entries())) == (1, 1)

    assert kept.red_green(host.origin.git("rev-parse", "main~1").strip(), work) == "passed"

    # The tree with the change is a copy. That without it is one, too, if it has the same lock file.
    assert kept.ran() == (2 if lock_changes else 1)
    [result] = kept.entries()
    assert (result / "0" / "made").read_text() == f"{lock}\n"
    assert kept.check(base, "test $(cat deps/made) = one") == "passed"


@dataclass
class Ground:
    """A mirror, and a tree as a set-up has left it."""

    mirror: Mirror
    commit: str
    keeping: Keeping
    tree: Path
    empty: Path
    nothing: Path

    def setup(self, worktree: Path, command: str = "make") -> KeptSetup | None:
        return kept_setup(
            *(self.keeping, self.mirror, self.commit, worktree),
            command=command,
            working_directory=".",
        )

    def result(self, command: str = "make") -> KeptSetup:
        """Return the result of a set-up that has just made its folder in the tree."""
        found = self.setup(self.nothing, command)
        assert found is not None
        return replace(found, worktree=self.tree)

    def used(self, command: str = "make") -> bool:
        found = self.setup(self.empty, command)
        return found is not None and found.copied(self.empty.parent) is not None


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    repo = Repo.make(tmp_path / "origin")
    commit = repo.commit({"deps.lock": "one\n"})
    tree, empty = tmp_path / "tree", tmp_path / "empty"
    (tree / "web" / "deps").mkdir(parents=True)
    (tree / "web" / "deps" / "made").write_text("whole")
    empty.mkdir()
    keeping = Keeping(tmp_path / "setups", ("web/deps",), ("deps.lock",), "main")
    return Ground(
        Mirror.open(str(repo.path), tmp_path / "mirrors"), commit, keeping, tree, empty, tmp_path
    )


_KILLED = """
import sys
from dataclasses import replace
from pathlib import Path
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.host.kept_setups import Keeping, kept_setup
origin, mirrors, root, commit, act, tree, empty = sys.argv[1:]
keeping = Keeping(Path(root), ("web/deps",), ("deps.lock",), "main")
found = kept_setup(
    *(keeping, Mirror.open(origin, Path(mirrors)), commit, Path(empty)),
    command="make",
    working_directory=".",
)
replace(found, worktree=Path(tree)).keep() if act == "keep" else found.copied(Path(empty).parent)
"""


def test_a_killed_copy_leaves_nothing_that_is_used(ground: Ground, tmp_path: Path) -> None:
    shims = tmp_path / "shims"
    shims.mkdir()
    # It copies a half, and its worker is killed.
    shim = shims / "cp"
    shim.write_text(
        '#!/bin/sh\nfor to; do :; done\nmkdir "$to"; echo half > "$to/made"\nkill -9 $PPID\n'
    )
    shim.chmod(0o755)
    mirrors, root = ground.mirror.path.parent, ground.keeping.root

    def killed(act: str) -> int:
        argv = [ground.mirror.origin, mirrors, root, ground.commit, act, ground.tree, ground.empty]
        env = {**os.environ, "PATH": f"{shims}:{os.environ['PATH']}"}
        done = subprocess.run(
            [sys.executable, "-c", _KILLED, *map(str, argv)], env=env, check=False, timeout=60
        )
        return done.returncode

    assert killed("keep") == -9
    [left] = root.glob("*/*")
    assert not ground.used()
    ground.result().keep()
    assert killed("copy") == -9
    assert list(ground.empty.iterdir()) == []
    assert ground.used()
    assert (ground.empty / "web" / "deps" / "made").read_text() == "whole"

    kept_setups.tidy(root, now=left.stat().st_mtime + 7200)
    assert list(root.glob("*/*")) == [ground.result().place]


def test_a_copy_that_cannot_be_made_leaves_the_tree_to_the_command(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.result().keep()
    outside = tmp_path / "outside"
    outside.mkdir()
    (ground.empty / "web").symlink_to(outside)
    assert not ground.used()
    assert list(outside.iterdir()) == []
    (ground.empty / "web").unlink()
    (ground.empty / "web" / "deps").mkdir(parents=True)
    assert not ground.used()
    (ground.empty / "web" / "deps").rmdir()
    shim = outside / "cp"
    shim.write_text("#!/bin/sh\nexit 1\n")
    shim.chmod(0o755)
    with monkeypatch.context() as failing:
        failing.setenv("PATH", f"{outside}:{os.environ['PATH']}")
        assert not ground.used()
    assert list((ground.empty / "web").iterdir()) == []
    assert ground.used()


def test_few_results_are_kept_and_unused_ones_go(ground: Ground) -> None:
    for number in range(kept_setups.MOST_KEPT + 1):
        result = ground.result(f"make {number}")
        result.keep()
        os.utime(result.place, (number, number))
    ground.result("make 6").keep()
    left = set(ground.keeping.root.glob("*/*"))
    assert left == {ground.result(f"make {number}").place for number in range(2, 7)}

    assert ground.used("make 2")
    used = ground.result("make 2").place.stat().st_mtime
    kept_setups.tidy(ground.keeping.root, now=used + 60)
    assert {each.name for each in ground.keeping.root.glob("*/*")} == {
        ground.result(f"make {number}").place.name for number in (2, 6)
    }
    kept_setups.tidy(ground.keeping.root, now=used + kept_setups.UNUSED_SECONDS + 60)
    assert list(ground.keeping.root.glob("*/*")) == []
