"""Orphans of a host, with real tmux, git, processes and Postgres."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from hephaestus_core.agents.views import AgentView
from hephaestus_core.contract.home import PANE_LOG, session_name
from hephaestus_core.contract.statuses import OrphanKind
from hephaestus_core.db.engine import Database
from hephaestus_core.hosts import orphans
from hephaestus_core.hosts.orphans import OrphanView
from hephaestus_core.hosts.service import list_hosts
from hephaestus_core.summaries.figures import figures
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.git import command as git_command
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.orphans import steps
from hephaestus_worker.orphans.tending import tend_orphans
from hephaestus_worker.passes.reconcile import reconcile
from hephaestus_worker.terminal.process_tree import MARKER, processes_of
from tests.agent_processes import kill
from tests.integration.git.making import Repo
from tests.integration.host.conftest import Host
from tests.waiting import wait_until

OLD = 1e9


def shown(host: Host) -> list[OrphanView]:
    """Return the orphans as readers see them, by kind and name."""
    [view] = list_hosts(host.engine.db)
    return sorted(view.orphans, key=lambda each: (each.kind, each.name))


def standing(host: Host) -> list[tuple[str, str]]:
    return [(each.kind, each.status) for each in shown(host)]


def make_old(host: Host) -> None:
    """Pretend that everything that is recorded was seen for long."""
    with host.engine.db.transaction() as session:
        session.execute(text("UPDATE orphans SET waited = :old"), {"old": OLD})


def tended(host: Host, *, times: int = 1) -> Machine:
    """Let a new worker look so many times, everything being old from the second look on."""
    worker = host.worker()
    for number in range(times):
        if number:
            make_old(host)
        tend_orphans(worker)
    return worker


def started(host: Host, *steps_: str) -> AgentView:
    agent = host.claim("write: {path: made, content: made}", *steps_, "hang:")
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, "made")
    return agent


def disown(host: Host, agent: AgentView) -> None:
    """Make the rows forget the attempt: it is released, and its workflow is over."""
    with host.engine.db.transaction() as session:
        session.execute(
            text("UPDATE agents SET released_at = now(), ended_at = now(), status = 'lost'")
        )
        session.execute(text("UPDATE workflows SET status = 'stopped'"))
    assert agent.id


def mirror_of(host: Host) -> Repo:
    [mirror] = host.worker().folders.mirrors.glob("*.git")
    return Repo(mirror)


@pytest.fixture
def stray_process(host: Host) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A process with the mark of an agent of this home that no row knows."""
    agent_id = str(uuid4())
    folder = host.worker().folders.agents / agent_id
    folder.mkdir(parents=True)
    (folder / PANE_LOG).write_text("its last words\n")
    process = subprocess.Popen(["sleep", "1000"], env=os.environ | {MARKER: agent_id})
    yield agent_id, process
    process.kill()
    process.wait()


def test_live_agents_and_starts_in_progress_are_no_orphans(host: Host) -> None:
    started(host)
    host.claim("hang:")  # a row, and nothing on the disk yet

    worker = tended(host, times=3)

    assert shown(host) == []
    assert len(worker.tmux.sessions()) == 1


def test_agents_that_a_stack_left_running_are_none_for_the_next(host: Host) -> None:
    agent = started(host)
    # `down --keep-agents` and `up`: the new worker knows stored data alone, the lease is over.
    with host.engine.db.transaction() as session:
        session.execute(text("UPDATE hosts SET lease_expires_at = now() - interval '1 day'"))
    tended(host, times=3)
    reconcile(host.worker())
    assert shown(host) == []
    assert host.agent(agent.id).status == "working"
    assert processes_of(str(agent.id)) != []


def test_a_worktree_that_no_row_claims_is_saved_moved_aside_and_removed_after_its_time(
    host: Host,
) -> None:
    agent = started(host)
    name = str(agent.id)
    disown(host, agent)
    worker = host.worker()

    tend_orphans(worker)
    assert ("worktree", "found") in standing(host)
    [found] = [each for each in shown(host) if each.kind == "worktree"]
    assert found.name == name
    assert found.size
    assert host.worktree(agent.id).exists(), "younger than the grace"
    tend_orphans(worker)
    assert host.worktree(agent.id).exists(), "no time has passed between two looks"

    make_old(host)
    tend_orphans(worker)
    aside = worker.folders.worktrees / ".quarantine" / name
    assert not host.worktree(agent.id).exists()
    assert (aside / name / "made").read_text() == "made"
    assert processes_of(name) == []
    assert mirror_of(host).show(agent.branch, "made") == "made", "saved under refs first"
    assert (worker.folders.agents / name / PANE_LOG).exists(), "its terminal's log is kept"

    make_old(host)
    tend_orphans(worker)
    assert not aside.exists()
    assert [e.data["name"] for e in host.engine.events("orphan.removed")].count(name) >= 1
    told = [e.type for e in host.engine.events() if e.data.get("kind") == "worktree"]
    assert told == ["orphan.found", "orphan.quarantined", "orphan.removed"]


def test_processes_without_a_session_are_ended_and_their_log_is_kept(
    host: Host, stray_process: tuple[str, "subprocess.Popen[bytes]"]
) -> None:
    agent_id, process = stray_process
    tended(host)
    assert process.poll() is None, "younger than the grace"
    assert standing(host) == [("process", "found")]

    worker = tended(host, times=2)

    assert process.wait(20) != 0
    assert standing(host) == [("process", "quarantined")]
    assert (worker.folders.agents / agent_id / PANE_LOG).read_text() == "its last words\n"
    tend_orphans(worker)
    assert shown(host) == []
    assert len(host.engine.events("orphan.removed")) == 1


def test_a_session_that_nobody_knows_is_recorded_from_its_first_sighting(
    host: Host, tmp_path: Path
) -> None:
    worker = host.worker()
    stranger = str(uuid4())
    worker.tmux.new_session(session_name(stranger), command=["sleep", "100"], cwd=tmp_path)
    reconcile(worker)
    assert standing(host) == [("session", "found")]
    worker.suspects[stranger] = time.monotonic() - 3600
    reconcile(worker)
    assert worker.tmux.sessions() == {}
    assert standing(host) == [("session", "quarantined")]
    assert figures(host.engine.db).orphans == dict.fromkeys(map(str, OrphanKind), 0) | {
        "session": 1
    }


def test_what_bears_no_mark_of_ours_is_never_touched(host: Host, tmp_path: Path) -> None:
    worker = host.worker()
    own = ["tmux", "-L", f"person-{uuid4().hex[:8]}"]
    new = ("new-session", "-d", "-s", session_name(uuid4()), "sleep", "1000")
    subprocess.run([*own, *new], check=True)
    worker.tmux.new_session("of-a-person", command=["sleep", "100"], cwd=tmp_path)
    other_home = subprocess.Popen(["sleep", "1000"], env=os.environ | {MARKER: str(uuid4())})
    by_hand = worker.folders.worktrees / "by-hand"
    also_by_hand = worker.folders.worktrees / str(uuid4())
    host.origin.git("worktree", "add", "--quiet", "-b", "by-hand", str(by_hand))
    also_by_hand.mkdir()
    (worker.folders.mirrors / "notes").mkdir()
    try:
        tended(host, times=4)
        reconcile(worker)
        worker.suspects.update(dict.fromkeys(worker.suspects, time.monotonic() - 3600))
        reconcile(worker)

        assert shown(host) == []
        assert by_hand.is_dir()
        assert also_by_hand.is_dir()
        assert (worker.folders.mirrors / "notes").is_dir()
        assert other_home.poll() is None
        assert "of-a-person" in worker.tmux.sessions()
        alive = subprocess.run([*own, "list-sessions"], capture_output=True, check=False)
        assert alive.returncode == 0
    finally:
        other_home.kill()
        other_home.wait()
        subprocess.run([*own, "kill-server"], check=False)


def test_without_a_database_nothing_is_an_orphan(host: Host) -> None:
    agent = started(host)
    disown(host, agent)
    tended(host)
    make_old(host)
    away = Database("postgresql://nobody@127.0.0.1:9/none", connections=2)
    with pytest.raises(OperationalError):
        tend_orphans(replace(host.worker(), db=away))
    away.close()
    assert host.worktree(agent.id).exists()
    assert processes_of(str(agent.id)) != []


def test_where_tmux_does_not_answer_no_session_is_gone_and_none_is_found(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = host.worker()
    stranger = str(uuid4())
    worker.tmux.new_session(session_name(stranger), command=["sleep", "100"], cwd=tmp_path)
    tend_orphans(worker)
    before = standing(host)
    silent = tmp_path / "bin"
    silent.mkdir()
    (silent / "tmux").write_text("#!/bin/sh\necho 'no answer' >&2\nexit 1\n")
    (silent / "tmux").chmod(0o755)
    monkeypatch.setenv("PATH", f"{silent}:{os.environ['PATH']}")
    make_old(host)
    tend_orphans(worker)
    assert standing(host) == before == [("session", "found")]
    monkeypatch.undo()


def test_work_that_cannot_be_saved_keeps_its_worktree_where_it_is(host: Host) -> None:
    agent = started(host)
    disown(host, agent)
    worker = tended(host)
    make_old(host)
    [mirror] = worker.folders.mirrors.glob("*.git")
    mirror.rename(mirror.with_name("away"))
    tend_orphans(worker)
    assert (host.worktree(agent.id) / "made").exists()
    [found] = [each for each in shown(host) if each.kind == "worktree"]
    assert (found.status, bool(found.obstacle)) == ("found", True)

    mirror.with_name("away").rename(mirror)
    make_old(host)
    tend_orphans(worker)
    assert not host.worktree(agent.id).exists()
    assert ("worktree", "quarantined") in standing(host)


class Killed(BaseException):
    """The worker is killed here: nothing that it holds is written any more."""


def killed_at(number: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Kill the worker at the so-manyth step on disk or in the database of what follows."""
    left = number

    def step(call: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*given: object, **named: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            return call(*given, **named)

        return wrapped

    monkeypatch.setattr(Path, "rename", step(Path.rename))
    monkeypatch.setattr(git_command, "run", step(git_command.run))
    monkeypatch.setattr(steps, "delete", step(steps.delete))
    for name in ("record_quarantined", "record_removed", "count_seconds"):
        monkeypatch.setattr(orphans, name, step(getattr(orphans, name)))
    return monkeypatch.undo


@pytest.mark.parametrize("number", range(0, 40, 4))
def test_a_worker_killed_at_any_step_leaves_what_the_next_one_finishes(
    host: Host, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    agent = started(host)
    disown(host, agent)
    tended(host)
    for _ in range(5):
        make_old(host)
        with monkeypatch.context() as patch:
            killed_at(number, patch)
            with suppress(Killed):
                tend_orphans(host.worker())

    worker = host.worker()
    for _ in range(9):
        make_old(host)
        tend_orphans(worker)

    assert shown(host) == []
    assert worker.tmux.sessions() == {}
    assert processes_of(str(agent.id)) == []
    left = sorted(each.name for each in worker.folders.worktrees.iterdir())
    assert left in ([], [".quarantine"])
    assert not any((worker.folders.worktrees / ".quarantine").glob("*"))
    told = [e.type for e in host.engine.events() if e.data.get("kind") == "worktree"]
    assert told == ["orphan.found", "orphan.quarantined", "orphan.removed"]
    wait_until(lambda: not list(worker.folders.mirrors.glob("*.git")), what="the mirror is gone")


def test_a_worktree_whose_folder_somebody_deleted_is_tidied_and_its_commits_are_kept(
    host: Host,
) -> None:
    agent = started(host)
    disown(host, agent)
    kill(processes_of(str(agent.id)))
    shutil.rmtree(host.worktree(agent.id))
    tended(host, times=2)
    [found] = [each for each in shown(host) if each.kind == "worktree"]
    assert (found.status, found.obstacle) == ("quarantined", None)


def test_the_remains_of_a_start_that_was_killed_are_tidied(host: Host) -> None:
    worker = host.worker()
    name = str(uuid4())
    (worker.folders.worktrees / f".{name}.git").mkdir()
    (worker.folders.worktrees / name).mkdir()
    tended(host, times=3)
    assert shown(host) == []
    assert [each.name for each in worker.folders.worktrees.iterdir()] == [".quarantine"]
