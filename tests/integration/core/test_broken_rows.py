"""One row with which nothing can be done does not hold up the others of the same look."""

from uuid import UUID

import pytest
from sqlalchemy import text

from hephaestus_core.agents import leases
from hephaestus_core.agents.service import get_agent
from hephaestus_core.questions import service as questions
from hephaestus_core.questions.asking import ask
from hephaestus_core.tasks.going_on import go_on
from tests.broken_rows import refuse_changes
from tests.engine import Engine


@pytest.fixture
def started(engine: Engine) -> Engine:
    engine.with_host("a", slots=2)
    engine.start_workflow()
    return engine


def execute(engine: Engine, statement: str) -> None:
    with engine.db.transaction() as session:
        session.execute(text(statement))


def expiring(engine: Engine, name: str) -> UUID:
    engine.create()
    return ask(engine.db, engine.run(engine.claimed()).id, f"Which {name}?", hours=24).id


def test_other_questions_expire(started: Engine) -> None:
    broken, other = expiring(started, "database"), expiring(started, "version")
    # The broken one is the first to be looked at.
    execute(started, "UPDATE questions SET expires_at = asked_at - interval '1 day'")
    refuse_changes(started.db, "questions", broken)

    questions.expire(started.db)

    assert questions.get_question(started.db, broken).status == "open"
    assert questions.get_question(started.db, other).status == "expired"


def test_other_attempts_of_a_silent_host_are_lost(started: Engine) -> None:
    for _ in range(2):
        started.create()
    ids = sorted(started.run(started.claimed()).id for _ in range(2))
    execute(started, "UPDATE hosts SET lease_expires_at = now() - interval '1 s'")
    execute(started, "UPDATE agents SET lease_expires_at = now() - interval '1 s'")
    leases.expire(started.db, confirm_seconds=0)
    refuse_changes(started.db, "agents", ids[0])

    assert leases.expire(started.db, confirm_seconds=0) == [], "an attempt is still there"

    statuses = [get_agent(started.db, agent_id).status for agent_id in ids]
    assert statuses == ["working", "lost"]


def test_other_tasks_go_on(started: Engine) -> None:
    first = started.create()
    waiting = [started.create(f"after {number}", after=(first.id,)) for number in range(3)]
    broken, *others = sorted(waiting, key=lambda task: task.id)
    execute(started, "DELETE FROM task_dependencies")
    refuse_changes(started.db, "tasks", broken.id)

    go_on(started.db)

    assert started.status(broken) == "pending"
    assert [started.status(task) for task in others] == ["queued", "queued"]
