"""A delivery deletes a workflow's branches in the user's repository; its end deletes the last."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from hephaestus_core.changes import service as changes
from hephaestus_core.lifecycle import closing
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.tasks import service as tasks
from hephaestus_core.workflows import deliveries
from hephaestus_core.workflows import store as workflows
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.passes.integrating import integrate
from tests.integration.host.conftest import Host

WAIT = "run: 'until [ -e never ]; do sleep 0.05; done'"


def do_a_task(host: Host, name: str) -> None:
    """Let an agent write a file; merge its work, and deliver if no other agent is left."""
    agent = host.claim(f"write: {{path: {name}, content: made}}", WAIT)
    start_agent(host.worker(), agent.id)
    host.wait_for_file(agent.id, name)
    host.engine.report_done(agent)
    finish_agent(host.worker(), agent.id)
    integrate(host.worker())


def integration_branch(host: Host) -> str:
    return lifecycle.get_workflow(host.engine.db, host.engine.workflow_id).integration_branch


def test_the_integration_branch_stays_as_long_as_the_workflow_takes_work(host: Host) -> None:
    do_a_task(host, "one")
    assert host.origin.branches() == [integration_branch(host), "main"]
    do_a_task(host, "two")
    assert host.origin.show("main", "two") == "made"


def complete(host: Host) -> None:
    with host.engine.db.transaction() as session:
        closing.complete(session, workflows.lock(session, host.engine.workflow_id), "reached")


def stop(host: Host) -> None:
    lifecycle.stop_workflow(host.engine.db, host.engine.workflow_id, reason="enough")


@pytest.mark.parametrize("close", [complete, stop])
def test_the_integration_branch_goes_when_the_workflow_is_over(
    host: Host, close: Callable[[Host], None]
) -> None:
    do_a_task(host, "one")
    close(host)
    integrate(host.worker())
    assert host.origin.branches() == ["main"]
    assert host.origin.show("main", "one") == "made"


def test_what_the_base_branch_lacks_is_never_deleted(host: Host) -> None:
    do_a_task(host, "one")
    branch = integration_branch(host)
    kept = host.origin.commit({"by hand": "more"})
    host.origin.git("branch", "--force", branch, kept)
    host.origin.git("reset", "--quiet", "--hard", "HEAD~1")
    stop(host)
    integrate(host.worker())
    assert host.origin.tip(branch) == kept


def test_what_a_lock_kept_goes_a_minute_later(host: Host) -> None:
    host.origin.git("pack-refs", "--all")
    lock = host.origin.path / ".git" / "packed-refs.lock"
    lock.touch()
    do_a_task(host, "one")
    assert len(host.origin.branches()) == 3  # the attempt's, the integration branch and main
    lock.unlink()
    integrate(host.worker())
    assert len(host.origin.branches()) == 3
    let_pass(host, "1 minute")
    integrate(host.worker())
    assert host.origin.branches() == [integration_branch(host), "main"]


def test_what_is_left_after_a_day_is_left_to_people(host: Host) -> None:
    do_a_task(host, "one")
    host.origin.git("checkout", "--quiet", integration_branch(host))
    stop(host)
    for passed in ("1 second", "1 minute", "2 hours", "2 hours", "1 day"):
        integrate(host.worker())
        let_pass(host, passed)
    integrate(host.worker())
    assert changes.due_spent_works(host.engine.db) == []
    let_pass(host, "1 year")
    assert changes.due_spent_works(host.engine.db) == []


def test_a_branch_that_comes_after_the_delivery_goes_with_its_agent(host: Host) -> None:
    late = host.claim(WAIT)
    start_agent(host.worker(), late.id)
    tasks.cancel_task(host.engine.db, late.task_id)
    do_a_task(host, "one")
    host.origin.git("branch", late.branch, "main")  # as a host saves that was away
    integrate(host.worker())
    assert late.branch in host.origin.branches()
    finish_agent(host.worker(), late.id)
    let_pass(host, "10 seconds")
    integrate(host.worker())
    assert host.origin.branches() == [integration_branch(host), "main"]


def test_a_branch_that_comes_during_a_look_goes_with_the_next_one(host: Host) -> None:
    late = host.claim(WAIT)
    start_agent(host.worker(), late.id)
    tasks.cancel_task(host.engine.db, late.task_id)
    do_a_task(host, "one")
    with host.engine.db.transaction() as session:
        deliveries.look_for_spent_branches(session, host.engine.workflow_id)
    let_pass(host, "10 seconds")
    [look] = changes.due_spent_works(host.engine.db)  # another host has begun it
    host.origin.git("branch", late.branch, "main")
    finish_agent(host.worker(), late.id)
    changes.settle_spent(host.engine.db, look, all_gone=True)
    integrate(host.worker())
    assert host.origin.branches() == [integration_branch(host), "main"]


def let_pass(host: Host, time: str) -> None:
    """Move what the workflow waits for, and its delivery, into the past."""
    with host.engine.db.transaction() as session:
        session.execute(
            text(
                "UPDATE workflows SET spent_due_at = spent_due_at - CAST(:time AS interval),"
                " delivery_since = delivery_since - CAST(:time AS interval)"
            ),
            {"time": time},
        )
