"""A resolver of a conflict is told at once if its work lacks the other side."""

import pytest

from hephaestus_core.agents.views import AgentView
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.messages.mailbox import page_of_messages
from hephaestus_core.tasks import service as tasks
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.passes.integrating import integrate
from tests.integration.git.making import Repo
from tests.integration.host.conftest import Host

#: Writes the file, unless the work of another is there, and waits.
WRITES = (
    "run: 'test -e shared || {{ echo {word} > made; mv made shared; }};"
    " until [ -e never ]; do sleep 0.05; done'"
)


def started(host: Host, agent: AgentView) -> tuple[AgentView, Repo]:
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, "shared")
    return host.agent(agent.id), Repo(host.worktree(agent.id))


def report(host: Host, agent: AgentView) -> str:
    """Report the task done, let the host do what follows, and return the task's status."""
    host.engine.report_done(agent)
    finish_agent(host.worker(), agent.id)
    for _ in range(2):  # the first pass that merges a resolver makes its parent due
        integrate(host.worker())
    return tasks.get_task(host.engine.db, agent.task_id).status


@pytest.fixture
def resolver(host: Host) -> tuple[AgentView, Repo]:
    """The agent that is to resolve a conflict of two, as it plays the script of the second."""
    order = LaunchOrder(
        definition_id="wf", repository=str(host.origin.path), conflict_resolution="agent"
    )
    host.engine.workflow_id = lifecycle.start_workflow(host.engine.db, order).id
    sides = [started(host, host.claim(WRITES.format(word=each)))[0] for each in ("one", "two")]
    assert [report(host, each) for each in sides] == ["done", "under_review"]
    return started(host, host.engine.claimed())


def told(host: Host, agent: AgentView) -> list[str]:
    return [
        message.text for message in page_of_messages(host.engine.db, agent_id=agent.id, limit=10)[0]
    ]


def test_a_report_without_the_other_side_is_refused_with_its_commit(
    host: Host, resolver: tuple[AgentView, Repo]
) -> None:
    agent, worktree = resolver
    workflow = lifecycle.get_workflow(host.engine.db, host.engine.workflow_id)
    missing = host.origin.tip(workflow.integration_branch)

    assert report(host, agent) == "needs_work"
    [words] = told(host, agent)
    assert f"`git merge {missing}`" in words

    worktree.git("merge", missing, ok=(1,))
    worktree.commit({"shared": "both"})
    assert report(host, agent) == "done"
    assert host.origin.show(workflow.integration_branch, "shared") == "both"
    found = tasks.list_tasks(host.engine.db, workflow_id=workflow.id).items
    assert [task.status for task in found] == ["done"] * 3, "nobody else had to resolve it"


def test_a_merge_that_is_not_concluded_is_refused_too(
    host: Host, resolver: tuple[AgentView, Repo]
) -> None:
    agent, worktree = resolver
    [missing] = [
        host.origin.tip(branch)
        for branch in host.origin.branches()
        if branch.startswith("hephaestus/") and "task" not in branch
    ]
    worktree.git("merge", missing, ok=(1,))
    worktree.write({"shared": "both"})
    worktree.git("add", "shared")

    assert report(host, agent) == "needs_work"
    worktree.git("commit", "--quiet", "-m", "both")
    assert report(host, agent) == "done"


def test_who_reports_the_same_again_leaves_the_conflict_to_the_next_one(
    host: Host, resolver: tuple[AgentView, Repo]
) -> None:
    agent, worktree = resolver
    worktree.commit({"shared": "its own side alone"})
    assert [report(host, agent) for _ in range(2)] == ["needs_work", "under_review"]
    assert len(told(host, agent)) == 1
    assert host.agent(agent.id).ended_at is not None
    assert host.engine.claimed().task_id != agent.task_id


def test_what_was_merged_meanwhile_is_left_to_the_next_one(
    host: Host, resolver: tuple[AgentView, Repo]
) -> None:
    agent, worktree = resolver
    branch = lifecycle.get_workflow(host.engine.db, host.engine.workflow_id).integration_branch
    target, own = host.origin.tip(branch), worktree.git("rev-parse", "--abbrev-ref", "HEAD").strip()
    worktree.git("merge", target, ok=(1,))
    worktree.commit({"shared": "both"})
    worktree.git("checkout", "--quiet", "--detach", target)
    worktree.commit({"shared": "three"})
    worktree.git("push", "--quiet", str(host.origin.path), f"HEAD:refs/heads/{branch}")
    worktree.git("checkout", "--quiet", own)

    assert report(host, agent) == "under_review"
    assert told(host, agent) == []
    assert host.engine.claimed().task_id != agent.task_id
