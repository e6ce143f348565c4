"""An agent dates its commits as it likes; whose file is the newest does not depend on that."""

from hephaestus_core.changes import service as changes
from hephaestus_core.tasks import service as tasks
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.passes.integrating import integrate
from tests.integration.host.conftest import Host

WAIT = "run: 'until [ -e never ]; do sleep 0.05; done'"
FAR = "export GIT_COMMITTER_DATE='@99999999999 +0000'"


def test_a_date_in_the_future_does_not_beat_later_work(host: Host) -> None:
    early = host.claim(
        f'run: "printf early > f && git add f && {FAR} && git commit -qm early && touch done"', WAIT
    )
    late = host.claim(WAIT)
    for agent in (early, late):
        start_agent(host.worker(), agent.id)
    host.wait_for_file(early.id, "done")
    host.engine.report_done(early)
    finish_agent(host.worker(), early.id)
    (host.worktree(late.id) / "f").write_text("late")
    host.engine.report_done(late)
    finish_agent(host.worker(), late.id)

    integrate(host.worker())

    merges = changes.list_merges(host.engine.db, host.engine.workflow_id)
    ((conflict,),) = (merge.conflicts for merge in merges if merge.conflicts)
    assert (conflict.path, conflict.kept) == ("f", "theirs")
    # A task looks at the version that was dropped; the work is delivered when it has ended.
    looking = host.engine.claimed()
    tasks.cancel_task(host.engine.db, looking.task_id)
    finish_agent(host.worker(), looking.id)
    integrate(host.worker())
    assert host.origin.show("main", "f") == "late"
