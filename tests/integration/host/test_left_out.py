"""Files that a host does not commit: reported, shown and never lost."""

from hephaestus_core.agents.views import AgentView
from hephaestus_core.changes import service as changes
from hephaestus_core.contract.left_out import LeftOut
from hephaestus_core.messages import service as messages
from hephaestus_core.summaries.service import summarize
from hephaestus_core.tasks import service as tasks
from hephaestus_worker.agents.checkpoints import checkpoint_agent
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.passes.integrating import integrate
from tests.integration.host.conftest import Host

MAKE = "run: mkdir data node_modules && touch node_modules/a && (cd data && seq 1001 | xargs touch)"
WAIT = "run: 'until [ -e never ]; do sleep 0.05; done'"
DATA = [LeftOut("data/", 1001, 0)]


def working(host: Host) -> AgentView:
    """Return an agent that has made `node_modules`, 1,001 files in `data`, and the file `made`."""
    agent = host.claim(MAKE, "write: {path: made, content: made}", WAIT)
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, "made")
    return host.agent(agent.id)


def test_the_agent_is_told_once_and_people_see_it(host: Host) -> None:
    agent = working(host)
    checkpoint_agent(host.worker(), agent.id)
    checkpoint_agent(host.worker(), agent.id)

    shown = host.agent(agent.id)
    assert (shown.left_out, shown.left_out_in) == (DATA, str(host.worktree(agent.id)))
    [message], _ = messages.take_unread(host.engine.db, agent.id)
    assert "data/ (1,001 files, 0.0 MB)" in message.text
    assert "node_modules" not in message.text
    [event] = host.engine.events("agent.files_left_out")
    assert event.data["path"] == str(host.worktree(agent.id))
    assert host.origin.show(agent.branch, "made") == "made", "all else is saved"


def test_once_the_agent_has_decided_nothing_is_said_any_more(host: Host) -> None:
    agent = working(host)
    checkpoint_agent(host.worker(), agent.id)
    (host.worktree(agent.id) / ".gitignore").write_text("data/\n")

    checkpoint_agent(host.worker(), agent.id)

    shown = host.agent(agent.id)
    assert (shown.left_out, shown.left_out_in) == ([], None)


def test_at_the_end_they_are_kept_apart_and_the_task_is_done(host: Host) -> None:
    agent = working(host)
    host.engine.report_done(agent)

    finish_agent(host.worker(), agent.id)
    integrate(host.worker())

    assert tasks.get_task(host.engine.db, agent.task_id).status == "done"
    [merge] = changes.list_merges(host.engine.db, host.engine.workflow_id)
    assert set(host.origin.files(str(merge.commit))) == {"README.md", "made"}
    kept = host.settings.home / "host" / "left-out" / str(agent.id)
    assert len(list((kept / "data").iterdir())) == 1001
    shown = host.agent(agent.id)
    assert (shown.left_out, shown.left_out_in) == (DATA, str(kept))
    [event] = host.engine.events("agent.files_set_aside")
    assert "data/ (1,001 files" in event.data["reason"]
    host.assert_released(agent.id)


def test_what_was_left_out_and_is_committed_later_is_no_more_told_of(host: Host) -> None:
    agent = working(host)
    checkpoint_agent(host.worker(), agent.id)
    (host.worktree(agent.id) / ".gitignore").write_text("data/\n")
    host.engine.report_done(agent)

    finish_agent(host.worker(), agent.id)

    assert host.agent(agent.id).left_out_in is None
    assert host.engine.events("agent.files_set_aside") == []


REFUSED = "write: {path: bad.ps1, content: no UTF-16}"


def refusing(host: Host) -> AgentView:
    """Return an agent that has made `made`, and a file that git refuses."""
    host.origin.commit({".gitattributes": "*.ps1 working-tree-encoding=UTF-16\n"})
    agent = host.claim(REFUSED, "write: {path: made, content: made}", WAIT)
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, "made")
    return host.agent(agent.id)


def test_a_file_that_git_refuses_is_shown_with_the_reason_while_its_agent_works(
    host: Host,
) -> None:
    agent = refusing(host)
    checkpoint_agent(host.worker(), agent.id)

    assert host.origin.show(agent.branch, "made") == "made", "all else is saved"
    [shown] = summarize(host.engine.db, host.engine.workflow_id).not_committed
    assert (shown.task_id, shown.folder) == (agent.task_id, str(host.worktree(agent.id)))
    [file] = shown.files
    assert file.path == "bad.ps1"
    assert "UTF-16" in file.reason
    [message], _ = messages.take_unread(host.engine.db, agent.id)
    assert "because git refuses them: bad.ps1 (0.0 MB: " in message.text


def test_at_the_end_a_refused_file_is_kept_and_the_task_is_done(host: Host) -> None:
    agent = refusing(host)
    host.engine.report_done(agent)

    finish_agent(host.worker(), agent.id)
    integrate(host.worker())

    assert tasks.get_task(host.engine.db, agent.task_id).status == "done"
    [merge] = changes.list_merges(host.engine.db, host.engine.workflow_id)
    assert set(host.origin.files(str(merge.commit))) == {"README.md", ".gitattributes", "made"}
    kept = host.settings.home / "host" / "left-out" / str(agent.id)
    assert (kept / "bad.ps1").read_text() == "no UTF-16"
    [shown] = summarize(host.engine.db, host.engine.workflow_id).not_committed
    assert shown.folder == str(kept)
    host.assert_released(agent.id)
