"""A worktree that somebody deletes, and commits that an agent leaves beside its branch."""

import shutil

from hephaestus_core.agents.views import AgentView
from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.contract.kept_commits import KeptCommit
from hephaestus_core.tasks import service as tasks
from hephaestus_worker.agents.checkpoints import checkpoint_agent
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.passes.integrating import integrate
from hephaestus_worker.passes.reconcile import reconcile
from tests.integration.host.conftest import Host

WAIT = "run: 'until [ -e never ]; do sleep 0.05; done'"
COMMIT = "run: git add --all && git commit --quiet --message work"


def working(host: Host, *steps: str) -> AgentView:
    """Return a waiting agent that has committed the file `made` and then taken these steps."""
    write = "write: {path: made, content: made}"
    agent = host.claim(write, COMMIT, *steps, "write: {path: ready, content: x}", WAIT)
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, "ready")
    return host.agent(agent.id)


def test_its_commits_are_saved_its_loss_is_said_and_its_task_goes_on(host: Host) -> None:
    agent = working(host)
    shutil.rmtree(host.worktree(agent.id))

    worker = host.worker()
    reconcile(worker)
    finishing = [bell for bell in host.rung if bell.name == CeleryTaskName.FINISH_AGENT]
    assert [bell.args for bell in finishing] == [(str(agent.id),)]
    finish_agent(worker, agent.id)

    ended = host.agent(agent.id)
    assert host.origin.show(agent.branch, "made") == "made"
    assert "was deleted while its agent worked" in (ended.lost_work or "")
    assert ended.failure_class == "transient"
    [event] = host.engine.events("agent.work_lost")
    assert event.data["host"] == agent.host
    task = tasks.get_task(host.engine.db, agent.task_id)
    assert task.status == "queued", "the next attempt goes on"
    assert ended.commit == host.origin.tip(agent.branch)


def test_a_task_that_was_reported_done_is_not_done_without_its_files(host: Host) -> None:
    agent = working(host)
    host.engine.report_done(agent)
    shutil.rmtree(host.worktree(agent.id))

    finish_agent(host.worker(), agent.id)
    integrate(host.worker())

    task = tasks.get_task(host.engine.db, agent.task_id)
    assert task.status == "queued"
    assert host.origin.show(agent.branch, "made") == "made", "no branch with commits is deleted"


def test_a_checkpoint_finds_the_loss_too_and_saves_the_commits(host: Host) -> None:
    agent = working(host)
    shutil.rmtree(host.worktree(agent.id))
    checkpoint_agent(host.worker(), agent.id)
    assert host.origin.show(agent.branch, "made") == "made"


def test_what_it_leaves_beside_its_branch_is_kept_and_named(host: Host) -> None:
    agent = working(
        host,
        "run: git checkout --quiet -b side",
        "write: {path: aside, content: aside}",
        COMMIT,
        "run: git checkout --quiet -",
    )
    host.engine.report_done(agent)

    finish_agent(host.worker(), agent.id)
    integrate(host.worker())

    ended = host.agent(agent.id)
    [kept] = ended.kept_commits
    assert kept == KeptCommit("branch side", kept.commit)
    host.origin.git(
        "fetch",
        "--quiet",
        ended.kept_in or "",
        f"refs/hephaestus/kept/{agent.branch}/*:refs/kept/*",
    )
    assert host.origin.show(f"refs/kept/{kept.commit[:12]}", "aside") == "aside"
    assert tasks.get_task(host.engine.db, agent.task_id).status == "done"
    [event] = host.engine.events("agent.commits_kept")
    assert "branch side" in str(event.data["reason"])
