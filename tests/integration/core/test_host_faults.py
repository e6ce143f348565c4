"""Hosts that fail by themselves: whom a claim gives the task then, and what readers are told."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import FaultCause, Health
from hephaestus_core.hosts import service as hosts
from hephaestus_core.hosts.health import Standing, may_claim
from hephaestus_core.hosts.service import HostView
from hephaestus_core.lifecycle.service import get_workflow
from hephaestus_core.summaries.figures import figures
from hephaestus_core.tasks import service as tasks
from tests.engine import Engine

BROKEN = Trouble(FailureClass.HOST, "Host 'a': No space left on device")
AWAY = Trouble(FailureClass.HOST, "Host 'a': Could not resolve host", of_repository=True)
MISSING = Trouble(FailureClass.PERMANENT, "/nowhere does not exist", of_repository=True)


@pytest.fixture
def two(engine: Engine) -> Engine:
    """The hosts `a` and `b`, both with the program, and a workflow."""
    for name in "ab":
        engine.with_host(name, programs=("scripted",))
    engine.start_workflow()
    return engine


def fail(engine: Engine, host: str = "a", trouble: Trouble = BROKEN) -> AgentView:
    agent = engine.claimed(host)
    engine.end(agent, failure=trouble, commit=None)
    return agent


def fail_twice(engine: Engine, trouble: Trouble = BROKEN) -> None:
    """Make `a` unwell while `b` takes no tasks."""
    hosts.set_drain(engine.db, "b", drain=True)
    fail(engine, trouble=trouble)
    fail(engine, trouble=trouble)
    hosts.set_drain(engine.db, "b", drain=False)


def seen(engine: Engine, name: str = "a") -> HostView:
    return next(host for host in hosts.list_hosts(engine.db) if host.name == name)


def make_due(engine: Engine) -> None:
    with engine.db.transaction() as session:
        session.execute(text("UPDATE host_faults SET next_try_at = now()"))


def test_the_next_attempt_goes_to_another_host_and_nothing_counts(two: Engine) -> None:
    task = two.create()
    fail(two)

    again = tasks.get_task(two.db, task.id)
    assert (again.status, again.failure_class) == ("queued", "host")
    assert two.claim("a") is None, "the host that failed leaves it to the other"
    assert two.claimed("b").task_id == task.id


def test_a_host_takes_its_task_again_where_no_other_is_free_fits_and_lives(two: Engine) -> None:
    two.create()
    fail(two)
    hosts.set_drain(two.db, "b", drain=True)
    assert two.claim("a") is not None


@pytest.mark.parametrize(
    "change",
    [
        "slots = 0",
        "programs = '{claude}'",
        "lease_expires_at = now() - interval '1 s'",
        "most_in_system = 0",
    ],
)
def test_a_host_that_cannot_take_the_task_is_not_waited_for(two: Engine, change: str) -> None:
    two.create()
    fail(two)
    with two.db.transaction() as session:
        session.execute(text(f"UPDATE hosts SET {change} WHERE name = 'b'"))
    assert two.claim("a") is not None


def test_two_hosts_that_both_failed_a_task_do_not_wait_for_each_other(two: Engine) -> None:
    two.create()
    fail(two, "a")
    fail(two, "b")
    assert two.claim("a") is not None


def test_no_number_of_such_failures_fails_a_task(two: Engine) -> None:
    task = two.create()
    hosts.set_drain(two.db, "b", drain=True)
    for _ in range(30):
        make_due(two)
        fail(two)
    assert tasks.get_task(two.db, task.id).status == "queued"


def test_a_host_is_unwell_after_two_failures_in_a_row_and_says_so(two: Engine) -> None:
    two.create()
    hosts.set_drain(two.db, "b", drain=True)
    fail(two)
    assert seen(two).health == Health.WELL
    fail(two)

    host = seen(two)
    assert host.health == Health.UNWELL
    [fault] = host.faults
    assert (fault.cause, fault.repository, fault.reason) == ("starts", None, BROKEN.reason)
    assert fault.next_try_at is not None
    assert timedelta(0) < fault.next_try_at - fault.failed_at <= timedelta(seconds=7.5)
    assert figures(two.db).hosts["unwell"] == 1
    [event] = two.events("host.unwell")
    assert event.data["reason"] == BROKEN.reason
    assert two.claim("a") is None


def test_an_unwell_host_tries_one_start_at_a_time_until_one_goes_well(two: Engine) -> None:
    for _ in range(3):
        two.create()
    fail_twice(two)
    hosts.set_drain(two.db, "b", drain=True)
    make_due(two)

    trial = two.claimed("a")
    assert two.claim("a") is None, "one start at a time"
    two.end(trial, failure=BROKEN, commit=None)
    assert two.claim("a") is None, "the next one is later"

    make_due(two)
    two.run(two.claimed("a"))
    assert seen(two).health == Health.WELL
    assert [event.data["cause"] for event in two.events("host.well")] == ["starts"]
    assert two.claim("a") is not None
    assert two.claim("a") is not None


def test_a_trial_that_is_cancelled_does_not_leave_the_host_unwell_for_good(two: Engine) -> None:
    task = two.create()
    fail_twice(two)
    hosts.set_drain(two.db, "b", drain=True)
    make_due(two)
    trial = two.claimed("a")
    tasks.cancel_task(two.db, task.id)
    two.end(trial, commit=None)

    two.create()
    assert two.claim("a") is not None


def test_a_bumped_task_does_not_go_to_an_unwell_host(two: Engine) -> None:
    task = two.create()
    fail_twice(two)
    tasks.bump_task(two.db, task.id)
    assert two.claim("a") is None
    assert two.claimed("b").task_id == task.id


def test_an_origin_out_of_reach_stops_no_work_on_other_repositories(two: Engine) -> None:
    two.create()
    fail_twice(two, AWAY)
    assert two.claim("a") is None
    assert seen(two).health == Health.WELL
    assert [fault.repository for fault in seen(two).faults] == ["/nowhere"]

    with two.db.transaction() as session:
        session.execute(text("UPDATE workflows SET repository = '/elsewhere'"))
    two.create()
    assert two.claim("a") is not None


@pytest.mark.parametrize("trouble", [BROKEN, AWAY])
def test_a_workflow_that_waits_for_an_unwell_host_says_so(two: Engine, trouble: Trouble) -> None:
    two.create()
    fail_twice(two, trouble)
    hosts.set_drain(two.db, "b", drain=True)

    condition = get_workflow(two.db, two.workflow_id).condition
    assert (condition.name, condition.cause) == ("stands_still", "no_host")
    assert "a is unwell, tries again at" in condition.reason
    assert trouble.reason in condition.reason
    assert condition.until == seen(two).faults[0].next_try_at


def test_a_full_disk_keeps_a_host_from_claiming_until_it_has_space(two: Engine) -> None:
    two.create()
    hosts.record_shortage(two.db, "a", FaultCause.DISK, "/home: 1 MB are free of at least 500 MB")
    hosts.record_shortage(two.db, "a", FaultCause.DISK, "/home: 0 MB are free of at least 500 MB")
    assert two.claim("a") is None
    assert seen(two).health == Health.UNWELL
    make_due(two)  # there is no trial while the disk is full

    hosts.record_shortage(two.db, "a", FaultCause.DISK, None)
    assert seen(two).faults == []
    assert two.claim("a") is not None
    assert len(two.events("host.unwell")) == len(two.events("host.well")) == 1


def test_space_lets_a_host_try_at_once_whatever_failed_meanwhile(two: Engine) -> None:
    two.create()
    fail_twice(two)
    hosts.set_drain(two.db, "b", drain=True)
    hosts.record_shortage(two.db, "a", FaultCause.DISK, "/home: 0 MB are free of at least 500 MB")
    hosts.record_shortage(two.db, "a", FaultCause.DISK, None)
    assert two.claim("a") is not None


def test_a_person_and_a_new_worker_make_an_unwell_host_try_at_once(two: Engine) -> None:
    two.create()
    fail_twice(two)
    hosts.set_drain(two.db, "b", drain=True)
    hosts.set_drain(two.db, "a", drain=False)
    fail(two)
    two.with_host("a", programs=("scripted",))
    fail(two)
    assert two.claim("a") is None


def test_a_repository_that_only_one_host_lacks_fails_nothing(two: Engine) -> None:
    task = two.create()
    fail(two, "a", MISSING)
    assert tasks.get_task(two.db, task.id).status == "queued"
    assert two.claim("a") is None
    fail(two, "b", MISSING)
    assert tasks.get_task(two.db, task.id).status == "failed", "no host has it"


HEALTHS: Sequence[tuple[int, bool]] = [(-1, False), (-1, True), (60, False), (60, True)]


@pytest.mark.parametrize(("due_in", "starting"), HEALTHS)
def test_a_claim_decides_as_the_rule_does(two: Engine, due_in: int, starting: bool) -> None:
    two.create()
    two.create()
    if starting:
        two.claimed("a")
    with two.db.transaction() as session:
        now: datetime = session.execute(text("SELECT now()")).scalar_one()
        due = now + timedelta(seconds=due_in)
        session.execute(
            text(
                "INSERT INTO host_faults VALUES"
                " ('a', 'starts', '', 'unwell', 'broken', 2, now(), :due)"
            ),
            {"due": due},
        )
    standing = Standing(Health.UNWELL, 2, now, due)
    assert (two.claim("a") is not None) == may_claim(standing, starting=starting, now=now)
