"""A mirror that goes while the worker runs: work goes on, without a new worker."""

import shutil

from hephaestus_core.agents.views import AgentView
from hephaestus_core.tasks import service as tasks
from hephaestus_worker.agents.checkpoints import checkpoint_agent
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.passes.integrating import integrate
from tests.integration.git.making import Repo
from tests.integration.host.conftest import Host

WAIT = "run: 'until [ -e never ]; do sleep 0.05; done'"


def started(host: Host, worker: Machine, file: str) -> AgentView:
    agent = host.claim(f"write: {{path: {file}, content: {file}}}", WAIT)
    start_agent(worker, agent.id)
    host.wait_for_file(agent.id, file)
    return agent


def test_a_deleted_mirror_is_made_again_for_merges_and_for_the_next_agent(host: Host) -> None:
    worker = host.worker()
    first = started(host, worker, "first")
    host.engine.report_done(first)
    finish_agent(worker, first.id)

    shutil.rmtree(worker.folders.mirrors)
    integrate(worker)
    assert tasks.get_task(host.engine.db, first.task_id).status == "done"

    shutil.rmtree(worker.folders.mirrors)
    second = started(host, worker, "second")
    host.engine.report_done(second)
    finish_agent(worker, second.id)
    integrate(worker)
    assert tasks.get_task(host.engine.db, second.task_id).status == "done"
    assert host.engine.events("agent.save_failed") == []


def test_the_work_of_a_live_agent_outlives_a_damaged_mirror(host: Host) -> None:
    worker = host.worker()
    agent = started(host, worker, "made")
    [mirror] = worker.folders.mirrors.glob("*.git")
    (mirror / "HEAD").unlink()

    host.engine.report_done(agent)
    finish_agent(worker, agent.id)

    assert host.origin.show(agent.branch, "made") == "made"
    assert host.engine.events("agent.save_failed") == []
    host.assert_released(agent.id)


def test_the_work_of_a_live_agent_outlives_its_mirror(host: Host) -> None:
    worker = host.worker()
    agent = started(host, worker, "made")
    checkpoint_agent(worker, agent.id)
    saved = host.origin.tip(agent.branch)
    worktree = Repo(host.worktree(agent.id))
    worktree.write({"own": "own\n"})
    worktree.git("add", "own")
    worktree.git("-c", "user.name=a", "-c", "user.email=a@b.org", "commit", "-q", "-m", "own")
    worktree.write({"later": "later\n"})
    shutil.rmtree(worker.folders.mirrors)

    host.engine.report_done(agent)
    finish_agent(worker, agent.id)
    integrate(worker)

    assert {"made", "own", "later"} <= set(host.origin.files("main"))
    assert host.origin.git("merge-base", saved, "main") == saved
    assert tasks.get_task(host.engine.db, agent.task_id).status == "done"
    assert host.engine.events("agent.save_failed") == []
    host.assert_released(agent.id)
