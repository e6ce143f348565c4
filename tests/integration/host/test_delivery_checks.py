"""Merged work is checked before it is delivered: a verdict counts for one commit."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from hephaestus_core.changes.delivery_checks import record_outcome, standing
from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.db.engine import database_now
from hephaestus_core.facts.service import correct_facts
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.approving import approve_delivery
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.tasks import service as tasks
from hephaestus_core.workflows import store as workflows
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.passes.integrating import integrate
from tests.engine import Engine
from tests.integration.host.conftest import Host
from tests.integration.host.test_held_merges import after_a_while, finished, workflow_of
from tests.waiting import wait_until


def launch(host: Host, **commands: str) -> None:
    order = LaunchOrder(
        definition_id=host.engine.define(), repository=str(host.origin.path), **commands
    )
    host.engine.workflow_id = lifecycle.start_workflow(host.engine.db, order).id


def checked(host: Host, worker: Machine) -> WorkflowView:
    """Run the passes in which the due check is begun and its verdict is followed."""
    integrate(worker)
    workflow_id = host.engine.workflow_id
    wait_until(
        lambda: not worker.long_work.runs(workflow_id), timeout=60, what="the check has ended"
    )
    integrate(worker)
    return workflow_of(host)


def runs(host: Host) -> int:
    return len(host.engine.events("workflow.delivery_checked"))


def test_two_good_branches_that_make_a_bad_one_are_held_and_mended_by_a_task(
    host: Host,
) -> None:
    bad = "if [ -e first ] && [ -e second ]; then echo they clash; exit 3; fi"
    launch(host, test_command=f"ls ready && {bad}")
    for name in ("first", "second"):
        finished(host, name)
    setup = {"setup_command": "touch ready"}
    correct_facts(host.engine.db, host.engine.workflow_id, setup, by="me")
    workflow = checked(host, host.worker())

    assert workflow.delivery.status == "held"
    assert "the check of the merged work failed" in str(workflow.delivery.reason)
    assert workflow.delivery.check is not None
    assert workflow.delivery.check.exit_status == 3
    assert workflow.delivery.check_commit == host.origin.tip(workflow.integration_branch)
    [mend] = [
        task
        for task in tasks.list_tasks(host.engine.db, workflow_id=workflow.id).items
        if task.created_by == "delivery check"
    ]
    assert (mend.phase_id, mend.priority) == (1, "high")
    assert "they clash" in mend.description
    assert host.origin.git("ls-tree", "--name-only", "main").split() == ["README.md"]

    after_a_while(host)
    assert runs(host) == 1, "the same commit is not checked again"

    approve_delivery(host.engine.db, workflow.id)
    integrate(host.worker())
    assert workflow_of(host).delivery.status == "delivered"
    assert "second" in host.origin.git("ls-tree", "--name-only", "main")


def test_good_work_is_delivered_after_its_check(host: Host) -> None:
    launch(host, test_command="test -e first")
    finished(host, "first")
    workflow = checked(host, host.worker())
    assert workflow.delivery.status == "delivered"
    [event] = host.engine.events("workflow.delivery_checked")
    assert event.data["status"] == "passed"


def test_one_host_at_a_time_checks_a_commit(host: Host) -> None:
    engine: Engine = host.engine.with_host("b")
    launch(host, test_command="make test")
    ask = partial(standing, engine.db, engine.workflow_id, longest=timedelta(hours=2))
    assert ask("c1", host="a", runs_here=False).verdict == "due"
    assert ask("c1", host="b", runs_here=False).verdict == "running"
    assert ask("c1", host="a", runs_here=True).verdict == "running"
    # The worker of host a was killed.
    assert ask("c1", host="a", runs_here=False).verdict == "due"

    passed = CheckOutcome("command_success", "make test", "passed", command="make test")
    record_outcome(engine.db, engine.workflow_id, "c1", passed, host="b")
    assert ask("c1", host="b", runs_here=False).verdict == "running"
    record_outcome(engine.db, engine.workflow_id, "c1", passed, host="a")
    assert ask("c1", host="b", runs_here=False).verdict == "passed"
    assert ask("c2", host="b", runs_here=False).verdict == "due"


def test_a_check_is_free_for_another_host_once_it_has_taken_longer_than_it_may(
    host: Host,
) -> None:
    engine: Engine = host.engine.with_host("b")
    launch(host, test_command="make test")

    def verdict(name: str, commit: str, longest: timedelta) -> str:
        ask = partial(standing, engine.db, engine.workflow_id, commit, longest=longest)
        return ask(host=name, runs_here=False).verdict

    assert verdict("a", "c1", longest=timedelta(hours=2)) == "due"
    assert verdict("b", "c1", longest=timedelta(0)) == "running", "how long is said by its host"
    assert verdict("a", "c2", longest=timedelta(0)) == "due"
    assert verdict("b", "c2", longest=timedelta(hours=2)) == "due"


def test_a_check_may_take_as_long_as_its_set_up_may(host: Host) -> None:
    launch(host, test_command="test -e first")
    finished(host, "first")
    worker = host.worker()
    checked(host, replace(worker, settings=replace(worker.settings, setup_minutes=120.0)))
    with host.engine.db.reading() as session:
        check = workflows.get(session, host.engine.workflow_id).delivery_check
        assert check is not None
        lost_at = datetime.fromisoformat(check["lost_at"])
        assert lost_at - database_now(session) > timedelta(minutes=120)
