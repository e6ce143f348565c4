import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from hephaestus_core.agents import service as agents
from hephaestus_core.agents.claims import _CLAIM
from hephaestus_core.agents.views import Trouble
from hephaestus_core.hosts.service import set_drain
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.queue import queue_status
from tests.engine import Engine
from tests.statements import counted


def test_tasks_are_claimed_by_boost_then_priority_then_age(engine: Engine) -> None:
    engine.start_workflow()
    old = engine.create("old")
    urgent = engine.create("urgent", priority="high")
    boosted = engine.create("boosted", priority="low")
    tasks.bump_task(engine.db, boosted.id)

    claimed = [engine.claimed().task_id for _ in range(3)]

    assert claimed == [boosted.id, urgent.id, old.id]


def test_each_attempt_has_a_greater_fence(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    engine.create()

    assert engine.claimed().fence < engine.claimed().fence


def test_slots_of_a_host_are_never_overshot_by_parallel_claims(engine: Engine) -> None:
    engine.start_workflow()
    for _ in range(20):
        engine.create()
    barrier = threading.Barrier(12)

    def claim(_: int) -> object:
        barrier.wait()
        return engine.claim()

    with ThreadPoolExecutor(12) as pool:
        won = [agent for agent in pool.map(claim, range(12)) if agent]

    assert len(won) == 4
    assert len({agent.task_id for agent in won}) == 4  # type: ignore[attr-defined]


def test_the_whole_system_is_never_overshot_by_hosts_in_parallel(engine: Engine) -> None:
    engine.with_host("b", slots=9).start_workflow()
    for _ in range(20):
        engine.create()
    barrier = threading.Barrier(10)

    def claim(number: int) -> object:
        barrier.wait()
        return engine.claim("ab"[number % 2], most_in_system=5)

    with ThreadPoolExecutor(10) as pool:
        won = [agent for agent in pool.map(claim, range(10)) if agent]

    assert len(won) == 5


def test_a_workflow_at_its_limit_leaves_room_to_the_other(engine: Engine) -> None:
    first = engine.start_workflow(max_agents=1).id
    second = engine.start_workflow().id
    for workflow_id in (first, first, second):
        engine.create(workflow_id=workflow_id, priority="high" if workflow_id == first else "low")

    claimed = [engine.claimed().workflow_id, engine.claimed().workflow_id]

    assert claimed == [first, second]
    assert engine.claim() is None


def test_a_bumped_task_passes_every_limit(engine: Engine) -> None:
    engine.start_workflow(max_agents=1)
    engine.create()
    waiting = engine.create()
    engine.claimed()
    assert engine.claim(most_in_system=1) is None

    tasks.bump_task(engine.db, waiting.id)

    bumped = engine.claim(most_in_system=1)
    assert bumped is not None
    assert bumped.task_id == waiting.id


def test_a_draining_host_claims_nothing(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    set_drain(engine.db, "a", drain=True)
    assert engine.claim() is None

    set_drain(engine.db, "a", drain=False)
    assert engine.claim() is not None


def test_a_host_whose_lease_ran_out_claims_nothing(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    with engine.db.transaction() as session:
        session.execute(text("UPDATE hosts SET lease_expires_at = now() - interval '1 second'"))

    assert engine.claim() is None


def test_a_task_that_asks_for_labels_waits_for_a_host_that_has_them(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    with engine.db.transaction() as session:
        session.execute(text("UPDATE tasks SET required_labels = '{gpu}'"))
    assert engine.claim() is None

    engine.with_host("b", labels=("gpu", "big"))

    assert engine.claimed("b").task_id == task.id


def test_a_retry_waits_until_it_is_due(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    engine.end(engine.run(engine.claimed()), failure=Trouble("quota", "limit"))
    again = tasks.get_task(engine.db, task.id)
    assert again.status == "queued"
    assert again.due_at is not None
    assert again.due_at - again.updated_at > timedelta(minutes=1)
    assert engine.claim() is None

    with engine.db.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = now()"))

    assert engine.claimed().attempt == 2


def test_a_freed_slot_is_claimed_again(engine: Engine) -> None:
    engine.start_workflow()
    for _ in range(5):
        engine.create()
    first = [engine.run(engine.claimed()) for _ in range(4)]
    assert engine.claim() is None

    engine.finish(first[0])

    assert engine.claim() is not None
    assert agents.live_count(engine.db) == 4


def test_positions_follow_the_order_of_claiming(engine: Engine) -> None:
    engine.start_workflow()
    made = [engine.create(priority=p) for p in ("low", "high", "medium", "high")]

    positions: dict[UUID, int | None] = {
        task.id: tasks.get_task(engine.db, task.id).queue_position for task in made
    }
    listed = [task.id for task in queue_status(engine.db).items]

    assert [positions[task.id] for task in made] == [4, 1, 3, 2]
    assert listed == [made[1].id, made[3].id, made[2].id, made[0].id]


def test_a_claim_looks_at_no_workflow_without_queued_tasks(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    with engine.db.transaction() as session:
        session.execute(
            text("""
                INSERT INTO workflows (id, definition_id, description, title, status, repository,
                    base_branch, integration_branch, working_directory, auto_merge,
                    conflict_resolution, launch_params, config, delivery_status)
                SELECT gen_random_uuid(), definition_id, '', '', 'active', '/nowhere', 'main',
                    'x' || n, '.', true, 'manual', '{}', config, 'none'
                FROM workflows, generate_series(1, 500) n
            """)
        )
    looked_at = text(
        "SELECT coalesce(sum(seq_tup_read + idx_tup_fetch), 0) FROM pg_stat_xact_user_tables "
        "WHERE relname = 'workflows'"
    )
    with engine.db.transaction() as session:
        given = {"host": "a", "default_program": "scripted", "most_in_system": 10}
        assert session.scalar(_CLAIM, given) is not None
        assert session.scalar(looked_at) <= 20


def test_a_claim_writes_the_row_of_its_task_once(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    with counted(engine.db) as sent:
        engine.claimed()
    assert sum(each.startswith("UPDATE tasks") for each in sent) == 1
