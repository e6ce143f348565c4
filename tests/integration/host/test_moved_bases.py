"""A base branch that was moved otherwise than forward holds merges and delivery; people decide."""

import shutil

import pytest

from hephaestus_core.changes import service as changes
from hephaestus_core.contract.errors import Conflict
from hephaestus_core.lifecycle.approving import approve_delivery
from hephaestus_core.tasks import service as tasks
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.passes.integrating import integrate
from tests.integration.git.making import Repo
from tests.integration.host.conftest import Host
from tests.integration.host.test_held_merges import (
    WAIT,
    after_a_while,
    finished,
    merge_of,
    workflow_of,
)


@pytest.fixture
def host(host: Host) -> Host:
    """The host, with a second commit on main."""
    host.origin.commit({"taken out": "later\n"})
    return host


def take_out(host: Host) -> str:
    """Reset main by one commit, as a person does; return where it was."""
    before = host.origin.tip("main")
    host.origin.git("reset", "--quiet", "--hard", "HEAD~1")
    return before


def test_a_reset_base_holds_merges_until_a_person_accepts_it(host: Host) -> None:
    first, second = finished(host, "first"), finished(host, "second")
    before = take_out(host)

    integrate(host.worker())

    workflow = workflow_of(host)
    for agent in (first, second):
        held = merge_of(host, agent)
        assert held.status == "pending"
        assert "was moved from" in str(held.reason)
    assert workflow.base_moved_to == host.origin.tip("main")
    assert (workflow.condition.name, workflow.condition.cause) == ("waits_for_you", "held_merge")
    assert before[:12] in workflow.condition.reason
    assert host.origin.branches().count(workflow.integration_branch) == 0

    approve_delivery(host.engine.db, workflow.id)
    integrate(host.worker())

    assert tasks.get_task(host.engine.db, first.task_id).status == "done"
    assert workflow_of(host).base_moved_to is None
    assert workflow_of(host).delivery.status == "delivered"
    with pytest.raises(Conflict):
        approve_delivery(host.engine.db, workflow.id)


def test_a_base_that_is_restored_lets_work_go_on(host: Host) -> None:
    agent = finished(host, "first")
    before = take_out(host)
    integrate(host.worker())
    assert merge_of(host, agent).status == "pending"

    host.origin.git("reset", "--quiet", "--hard", before)
    after_a_while(host)

    assert merge_of(host, agent).status == "merged"
    assert workflow_of(host).base_moved_to is None
    assert workflow_of(host).delivery.status == "delivered"


def test_a_delivery_that_people_took_out_does_not_come_back(host: Host) -> None:
    finished(host, "first")
    integrate(host.worker())
    assert workflow_of(host).delivery.status == "delivered"
    host.origin.git("reset", "--quiet", "--hard", "HEAD^")

    later = finished(host, "later")
    integrate(host.worker())

    assert merge_of(host, later).status == "pending"
    assert "first" not in host.origin.files("main")

    approve_delivery(host.engine.db, host.engine.workflow_id)
    integrate(host.worker())
    assert "later" in host.origin.files("main"), "a person said so"


def test_a_base_that_moves_before_the_delivery_holds_it(host: Host) -> None:
    host.origin.write({"README.md": "mine\n"})
    finished(host, "first")
    integrate(host.worker())
    assert workflow_of(host).delivery.status == "held"

    take_out(host)
    after_a_while(host)

    workflow = workflow_of(host)
    assert workflow.delivery.status == "held"
    assert "was moved from" in str(workflow.delivery.reason)
    assert workflow.condition.cause == "held_delivery"
    assert "first" not in host.origin.files("main")
    approve_delivery(host.engine.db, workflow.id)
    integrate(host.worker())
    assert workflow_of(host).delivery.status == "delivered"
    assert "first" in host.origin.files("main")


def test_another_project_at_the_same_path_gets_nothing(host: Host) -> None:
    agent = finished(host, "first")
    shutil.rmtree(host.origin.path)
    other = Repo.make(host.origin.path)
    other.commit({"other": "project\n"})

    integrate(host.worker())
    assert "was moved from" in str(merge_of(host, agent).reason)
    approve_delivery(host.engine.db, host.engine.workflow_id)
    integrate(host.worker())

    held = merge_of(host, agent)
    assert held.status == "pending"
    assert "no commit in common" in str(held.reason)
    assert other.files("main").keys() == {"other"}
    assert other.branches() == ["main"]


def test_a_base_that_goes_forward_holds_nothing(host: Host) -> None:
    agent = host.claim(WAIT)
    start_agent(host.worker(), agent.id)
    host.origin.commit({"more": "1\n"})
    first = finished(host, "first")
    integrate(host.worker())
    assert merge_of(host, first).status == "merged"
    assert workflow_of(host).base_moved_to is None
    assert changes.due_merges(host.engine.db) == []
