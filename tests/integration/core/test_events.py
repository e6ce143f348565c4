from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from hephaestus_core.contract.events import EventType
from hephaestus_core.db.engine import Database
from hephaestus_core.events.log import emit, read_after
from hephaestus_core.events.models import Event
from tests.engine import Engine


def test_a_reader_behind_parallel_writers_misses_nothing(db: Database) -> None:
    """Numbers appear in the order of commits, so a cursor never passes an event by."""
    writers, each = 8, 40

    def write(writer: int) -> None:
        for number in range(each):
            with db.transaction() as session:
                emit(session, EventType.HOST_LOST, host=f"h{writer}", attempts=number)
                emit(session, EventType.HOST_LOST, host=f"h{writer}", attempts=number)

    seen: list[int] = []
    with ThreadPoolExecutor(writers) as pool:
        done = [pool.submit(write, writer) for writer in range(writers)]
        while True:
            finished = all(future.done() for future in done)
            with db.reading() as session:
                seen += [e.seq for e in read_after(session, seen[-1] if seen else 0)]
            if finished and len(seen) >= writers * each * 2:
                break
            assert not finished or len(seen) == db_count(db), "an event was passed by"

    assert seen == sorted(seen)
    assert len(seen) == writers * each * 2


def db_count(db: Database) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Event)) or 0


def test_a_transaction_that_fails_leaves_no_event(db: Database) -> None:
    def fail() -> None:
        with db.transaction() as session:
            emit(session, EventType.WORKFLOW_QUIET)
            raise ValueError

    with pytest.raises(ValueError):
        fail()

    assert db_count(db) == 0


def test_events_of_one_workflow_can_be_read_alone(engine: Engine) -> None:
    first = engine.start_workflow().id
    second = engine.start_workflow().id
    engine.create(workflow_id=first)
    engine.create(workflow_id=second)

    with engine.db.reading() as session:
        found = read_after(session, 0, workflow_id=first)

    assert {event.workflow_id for event in found} == {first}
    assert [event.type for event in found][:2] == ["workflow.started", "task.created"]
