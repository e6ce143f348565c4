"""Work that a host saves after its attempt is over: a task that still waits goes on from it."""

import pytest
from sqlalchemy import text

from hephaestus_core.agents import hosting, leases, unsaved
from hephaestus_core.agents import service as agents
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.guardian.restarting import restart_from_commit
from hephaestus_core.questions.asking import ask
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.views import TaskView
from tests.engine import Engine

AWAY = Trouble(FailureClass.TRANSIENT, "the origin is away")


def at_work(engine: Engine) -> tuple[TaskView, AgentView]:
    engine.start_workflow()
    task = engine.create()
    return task, engine.run(engine.claimed())


def lose_host(engine: Engine) -> None:
    with engine.db.transaction() as session:
        for table in ("hosts", "agents"):
            earlier = f"UPDATE {table} SET lease_expires_at = now() - interval '1 minute'"
            session.execute(text(earlier))
    leases.expire(engine.db, confirm_seconds=0)
    assert leases.expire(engine.db, confirm_seconds=0) == ["a"]


def due_now(engine: Engine) -> None:
    """Let the pause before the next attempt be over."""
    with engine.db.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = NULL"))


def start_of(engine: Engine) -> str | None:
    """Return the commit from which the next attempt begins."""
    with engine.db.reading() as session:
        return session.scalar(text("SELECT start_commit FROM tasks"))


@pytest.mark.parametrize("asks", [False, True])
def test_a_lost_attempt_that_its_host_saves_at_its_return_is_gone_on_with(
    engine: Engine, asks: bool
) -> None:
    task, agent = at_work(engine)
    if asks:
        ask(engine.db, agent.id, "Which of the two?", hours=24, wait=True)
    lose_host(engine)
    assert engine.status(task) == ("blocked" if asks else "queued")

    for _ in range(2):  # the host may stop in between, and do it once more
        unsaved.record_saved_late(engine.db, agent.id, commit="saved at its return")

    assert start_of(engine) == "saved at its return"
    assert len(engine.events("agent.work_saved")) == 1


def test_a_host_saves_a_lost_attempt_before_it_claims_the_task_again(engine: Engine) -> None:
    task, agent = at_work(engine)
    lose_host(engine)
    engine.with_host("a")
    tasks.bump_task(engine.db, task.id)
    assert engine.claim("a") is None
    hosting.record_released(engine.db, agent.id)
    assert engine.claimed("a").task_id == task.id


@pytest.mark.parametrize("why", ["another host", "cannot be saved", "an hour"])
def test_that_is_waited_for_by_its_host_alone_and_not_for_ever(engine: Engine, why: str) -> None:
    task, agent = at_work(engine)
    lose_host(engine)
    due_now(engine)
    engine.with_host("a")
    assert engine.claim("a") is None
    if why == "another host":
        engine.with_host("b")
    elif why == "cannot be saved":
        unsaved.record_save_failed(engine.db, agent.id, reason="away", path="/kept")
    else:
        with engine.db.transaction() as session:
            session.execute(text("UPDATE agents SET ended_at = now() - interval '1 hour'"))
    assert engine.claimed("b" if why == "another host" else "a").task_id == task.id


def test_an_attempt_that_has_begun_meanwhile_is_not_touched(engine: Engine) -> None:
    _, agent = at_work(engine)
    lose_host(engine)
    due_now(engine)
    engine.with_host("b").claimed("b")
    unsaved.record_saved_late(engine.db, agent.id, commit="saved at its return")
    assert start_of(engine) is None
    assert agents.get_agent(engine.db, agent.id).commit == "saved at its return"


def test_what_a_person_has_sent_back_to_an_earlier_commit_stays_there(engine: Engine) -> None:
    task, agent = at_work(engine)
    restart_from_commit(engine.db, agent.id, by="Ada")
    unsaved.record_save_failed(engine.db, agent.id, reason="away", path="/kept")
    engine.end(agent, failure=AWAY, commit=None, kept_at="/kept")
    assert engine.status(task) == "queued"
    before = start_of(engine)
    assert before is not None

    unsaved.record_saved_late(engine.db, agent.id, commit="what went wrong")

    assert start_of(engine) == before
