"""Tasks of an agent whose host is lost before it has saved its work: they wait for that work."""

from sqlalchemy import text

from hephaestus_core.agents import hosting, leases, reports
from hephaestus_core.agents.views import AgentView
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.going_on import go_on
from hephaestus_core.tasks.views import TaskView
from tests.engine import Engine


def _create(engine: Engine, agent: AgentView) -> TaskView:
    order = TaskOrder(workflow_id=engine.workflow_id, description="go on there", phase_id=2)
    return reports.create_task(engine.db, agent.id, order)


def _lost_creator(engine: Engine) -> tuple[TaskView, TaskView]:
    """Return a task whose host was lost without a checkpoint, and the task that it had created."""
    engine.with_host("b")
    engine.start_workflow()
    parent = engine.create()
    child = _create(engine, engine.run(engine.claimed()))
    with engine.db.transaction() as session:
        past = "lease_expires_at = now() - interval '1 second'"
        session.execute(text(f"UPDATE agents SET {past}"))
        session.execute(text(f"UPDATE hosts SET {past} WHERE name = 'a'"))
    for _ in range(2):
        leases.expire(engine.db, confirm_seconds=0)
    assert (engine.status(parent), engine.status(child)) == ("queued", "pending")
    with engine.db.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = NULL"))
    return parent, child


def _start_commit(engine: Engine, task: TaskView) -> str | None:
    query = text("SELECT start_commit FROM tasks WHERE id = :id")
    with engine.db.reading() as session:
        return session.scalar(query, {"id": task.id})


def test_the_next_attempt_that_orders_it_again_gives_it_its_work(engine: Engine) -> None:
    parent, child = _lost_creator(engine)
    second = engine.run(engine.claimed("b"))
    assert second.task_id == parent.id
    go_on(engine.db)
    assert engine.status(child) == "pending"

    assert _create(engine, second).id == child.id
    waiting = hosting.waiting_for(engine.db, second.id)
    assert waiting == [child.id]
    hosting.record_checkpoint(
        engine.db, second.id, fence=second.fence, commit="redone", waiting=waiting
    )
    assert engine.status(child) == "queued"
    assert _start_commit(engine, child) == "redone"


def test_if_none_orders_it_again_it_starts_from_the_finished_work(engine: Engine) -> None:
    _, child = _lost_creator(engine)
    second = engine.run(engine.claimed("b"))
    engine.finish(second)
    go_on(engine.db)
    assert engine.status(child) == "queued"
    assert _start_commit(engine, child) == f"commit-of-{second.id}"


def test_if_the_task_is_called_off_it_starts_from_what_there_is(engine: Engine) -> None:
    parent, child = _lost_creator(engine)
    tasks.cancel_task(engine.db, parent.id)
    go_on(engine.db)
    assert engine.status(child) == "queued"
    assert _start_commit(engine, child) == "base"


def test_work_that_could_not_be_saved_is_waited_for_as_well(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    agent = engine.run(engine.claimed())
    child = _create(engine, agent)
    engine.end(agent, lost="its worktree vanished", commit=None)
    assert engine.status(child) == "pending"
