"""What a deleted workflow has left on a host and in the repository goes, but no work with it."""

from hephaestus_core.lifecycle import deleting
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.passes.deleting import delete_workflows
from hephaestus_worker.passes.integrating import integrate
from tests.integration.host.conftest import Host

WAIT = "run: 'until [ -e never ]; do sleep 0.05; done'"


def work(host: Host, name: str, *, merged: bool) -> str:
    """Let an agent write a file, and merge or cancel its task; returns the agent's branch."""
    agent = host.claim(f"write: {{path: {name}, content: made}}", WAIT)
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, name)
    if merged:
        host.engine.report_done(agent)
    else:
        lifecycle.stop_workflow(host.engine.db, host.engine.workflow_id)
    finish_agent(host.worker(), agent.id)
    integrate(host.worker())
    return host.agent(agent.id).branch


def deleted(host: Host, *, drop_unmerged: bool = False) -> deleting.DeletionView:
    id_ = host.engine.workflow_id
    deleting.delete_workflow(host.engine.db, id_, by="ann", drop_unmerged=drop_unmerged)
    delete_workflows(host.worker())
    return deleting.preview_deletion(host.engine.db, id_)


def test_files_and_merged_branches_go_and_unmerged_work_stays(host: Host) -> None:
    work(host, "one", merged=True)
    branch = work(host, "two", merged=False)
    folders = host.worker().folders
    assert len(list(folders.agents.iterdir())) == 2
    tip = host.origin.tip(branch)

    view = deleted(host)

    assert list(folders.agents.iterdir()) == []
    assert view.ended_at is not None
    assert view.branches_kept == [branch]
    assert host.origin.branches() == [branch, "main"]
    assert host.origin.tip(branch) == tip
    assert host.origin.show("main", "one") == "made"
    delete_workflows(host.worker())
    assert host.origin.branches() == [branch, "main"], "asking again changes nothing"


def test_unmerged_work_goes_where_a_person_says_so(host: Host) -> None:
    work(host, "one", merged=True)
    work(host, "two", merged=False)
    view = deleted(host, drop_unmerged=True)
    assert view.branches_kept == []
    assert host.origin.branches() == ["main"]
    assert host.origin.show("main", "one") == "made"


def test_a_repository_that_is_away_is_tried_again(host: Host) -> None:
    work(host, "one", merged=False)
    away = host.origin.path.rename(host.origin.path.with_name("away"))
    view = deleted(host)
    assert (view.ended_at, view.branches_kept) == (None, [])
    assert view.fault is not None
    assert "does not exist" in view.fault
    away.rename(host.origin.path)
    delete_workflows(host.worker())
    view = deleting.preview_deletion(host.engine.db, host.engine.workflow_id)
    assert view.ended_at is not None
    assert view.fault is None
    assert len(view.branches_kept) == 1
