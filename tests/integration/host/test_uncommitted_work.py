"""With `auto_commit` off, uncommitted work returns uncommitted in the next attempt, unmerged."""

from dataclasses import replace
from pathlib import Path

import pytest

from hephaestus_core.agents import reports
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.messages import service as messages
from hephaestus_core.tasks import service as tasks
from hephaestus_worker.agent_programs.base import RESUME_PROMPT
from hephaestus_worker.agents.checkpoints import checkpoint_agent
from hephaestus_worker.agents.finishing import end_agent, finish_agent
from hephaestus_worker.agents.sessions import look, session_of
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.git.merging.branches import uncommitted_branch
from hephaestus_worker.passes.integrating import integrate
from hephaestus_worker.terminal.process_tree import processes_of
from tests.agent_processes import kill
from tests.integration.git.making import Repo
from tests.integration.host.conftest import Host
from tests.waiting import wait_until

WAIT = "run: 'until [ -e never ]; do sleep 0.05; done'"
WORK = [
    "write: {path: committed, content: one}",
    "commit: by the agent",
    "write: {path: new/file, content: two}",
    "run: 'echo changed > README.md; git add README.md; echo data > staged; git add staged'",
    "write: {path: made, content: three}",
    WAIT,
]


@pytest.fixture(autouse=True)
def agents_commit(host: Host) -> None:
    host.settings = replace(host.settings, auto_commit=False)


def working(host: Host) -> AgentView:
    """Return an agent that has done its work; the agent of a later attempt only waits.

    Its program exits once there is a file `never`.
    """
    waits = f"run: 'while [ -e {again(host)} ]; do sleep 0.05; done'"
    agent = host.claim(waits, *WORK, "crash: {exit: 0}")
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, "made")
    return host.agent(agent.id)


def again(host: Host) -> Path:
    return host.origin.path.parent / "again"


def give_up(host: Host, agent: AgentView) -> None:
    """End an attempt that has reported nothing."""
    again(host).touch()
    worker = host.worker()

    def has_ended() -> bool:
        # Its session may have begun only now, and its death may not be known yet.
        kill(processes_of(str(agent.id)))
        finish_agent(worker, agent.id)
        return host.agent(agent.id).ended_at is not None

    wait_until(has_ended, what="the attempt has ended")
    tasks.bump_task(host.engine.db, agent.task_id)


def next_attempt(host: Host) -> tuple[AgentView, Repo]:
    agent = host.engine.claimed()
    start_agent(host.worker(), agent.id)
    return host.agent(agent.id), Repo(host.worktree(agent.id))


def test_what_was_not_committed_comes_back_uncommitted(host: Host) -> None:
    first = working(host)
    give_up(host, first)
    assert set(host.origin.files(first.branch)) == {"README.md", "committed"}

    second, worktree = next_attempt(host)

    assert worktree.tip() == host.agent(first.id).commit
    assert set(worktree.git("status", "--porcelain", "-uall").splitlines()) == {
        "M README.md",
        *("?? new/file", "?? staged", "?? made"),
    }
    assert (worktree.path / "README.md").read_text() == "changed\n"
    assert (
        "nothing is committed for you"
        in (host.worker().folders.agent(second.id) / "prompt.md").read_text()
    )


def test_it_is_never_merged_unless_an_agent_commits_it(host: Host) -> None:
    give_up(host, working(host))
    second, worktree = next_attempt(host)
    worktree.git("add", "new")
    worktree.git("commit", "--quiet", "-m", "taken up")
    worktree.git("checkout", "--quiet", "README.md")
    worktree.git("clean", "--quiet", "--force", "-d")
    host.engine.report_done(second)
    finish_agent(host.worker(), second.id)
    integrate(host.worker())

    assert tasks.get_task(host.engine.db, second.task_id).status == "done"
    assert set(host.origin.files("main")) == {"README.md", "committed", "new/file"}
    assert host.origin.show("main", "README.md") == "A project."
    assert not [name for name in host.origin.branches() if name.endswith("-uncommitted")]


def test_it_survives_an_attempt_that_does_nothing_and_one_that_is_not_started(host: Host) -> None:
    first = working(host)
    give_up(host, first)
    second, _ = next_attempt(host)
    give_up(host, second)
    third = host.engine.claimed()
    finish_agent(host.worker(), third.id)  # It is not due, so nothing happens.
    start_agent(host.worker(), third.id)
    assert (host.worktree(third.id) / "new" / "file").read_text() == "two"
    assert Repo(host.worktree(third.id)).git("diff", "--name-only") == "README.md"


def test_it_is_brought_up_to_date_with_what_was_merged_meanwhile(host: Host) -> None:
    give_up(host, working(host))
    host.origin.commit({"other": "by somebody", "new/beside": "x"})
    _, worktree = next_attempt(host)
    assert (worktree.path / "other").read_text() == "by somebody"
    assert worktree.git("diff", "--name-only") == "README.md"
    assert (worktree.path / "new" / "file").read_text() == "two"


def test_checkpoints_leave_files_index_and_branch_as_the_agent_has_them(host: Host) -> None:
    agent = working(host)
    worktree = Repo(host.worktree(agent.id))
    before = (worktree.git("status", "--porcelain", "-uall"), worktree.tip())
    checkpoint_agent(host.worker(), agent.id)
    checkpoint_agent(host.worker(), agent.id)
    assert (worktree.git("status", "--porcelain", "-uall"), worktree.tip()) == before
    kept = uncommitted_branch(agent.branch)
    assert host.origin.tip(kept) == host.agent(agent.id).uncommitted
    assert host.origin.show(kept, "new/file") == "two"
    assert host.origin.tip(f"{kept}^1") == host.origin.tip(agent.branch) == worktree.tip()


def test_a_task_that_an_agent_creates_starts_from_what_is_committed(host: Host) -> None:
    agent = working(host)
    order = TaskOrder(workflow_id=host.engine.workflow_id, phase_id=1, description="more")
    reports.create_task(host.engine.db, agent.id, order)
    checkpoint_agent(host.worker(), agent.id)
    again(host).touch()
    _, worktree = next_attempt(host)
    assert set(worktree.files()) == {"README.md", "committed"}
    assert worktree.git("status", "--porcelain") == ""


def test_another_host_goes_on_with_it_when_this_one_is_lost(host: Host) -> None:
    agent = working(host)
    checkpoint_agent(host.worker(), agent.id)
    agent = host.agent(agent.id)
    again(host).touch()
    lost = Trouble("transient", "its host fell silent")
    host.engine.end(agent, failure=lost, commit=agent.commit)
    tasks.bump_task(host.engine.db, agent.task_id)
    other = replace(host, settings=replace(host.settings, home=host.settings.home / "b"))

    second = host.engine.claimed()
    start_agent(other.worker(), second.id)

    worktree = Repo(other.worktree(second.id))
    assert worktree.git("diff", "--name-only") == "README.md"
    assert (worktree.path / "new" / "file").read_text() == "two"
    other.worker().tmux.kill_server()


def test_work_of_a_program_that_exits_after_its_report_goes_on_at_no_cost(host: Host) -> None:
    agent = working(host)
    host.engine.report_done(agent)
    again(host).touch()
    host.kill_agent(agent.id)

    finish_agent(host.worker(), agent.id)
    integrate(host.worker())

    task = tasks.get_task(host.engine.db, agent.task_id)
    assert (task.status, task.failure_class) == ("queued", "transient")
    assert "uncommitted changes" in (task.failure_reason or "")
    tasks.bump_task(host.engine.db, agent.task_id)
    second, worktree = next_attempt(host)
    assert (worktree.path / "new" / "file").read_text() == "two"
    prompt = (host.worker().folders.agent(second.id) / RESUME_PROMPT).read_text()
    assert "Commit or discard them" in prompt


def test_a_host_that_shuts_down_merges_no_half_of_reported_work(host: Host) -> None:
    agent = working(host)
    host.engine.report_done(agent)
    end_agent(host.worker(), agent.id)
    integrate(host.worker())
    assert tasks.get_task(host.engine.db, agent.task_id).status == "queued"
    assert set(host.origin.files("main")) == {"README.md"}


def test_a_program_that_exits_before_it_hears_that_it_has_to_commit_is_no_fault(
    host: Host,
) -> None:
    agent = working(host)
    host.engine.report_done(agent)
    finish_agent(host.worker(), agent.id)
    assert tasks.get_task(host.engine.db, agent.task_id).status == "needs_work"

    (host.worktree(agent.id) / "never").touch()
    gone = lambda: session_of(agent.id, look(host.worker())) == "gone"  # noqa: E731
    wait_until(gone, what="the program has exited by itself")
    again(host).touch()
    finish_agent(host.worker(), agent.id)

    task = tasks.get_task(host.engine.db, agent.task_id)
    assert (task.status, task.failure_class) == ("queued", "transient")
    tasks.bump_task(host.engine.db, agent.task_id)
    second, _ = next_attempt(host)
    assert second.resumes_id == agent.id
    told = messages.take_unread(host.engine.db, second.id)[0]
    assert ["Commit or discard them" in each.text for each in told] == [True]
