"""Memories are forgotten by policy, restored by people, and deleted once they were so for long."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from hephaestus_core.contract.errors import InvalidInput, NotFound
from hephaestus_core.db.engine import Database
from hephaestus_core.indexing.noting import note_changed
from hephaestus_core.memory import service
from hephaestus_core.memory.forgetting import Policy, sweep
from tests.engine import Engine

PLACE = "/srv/git/boats.git"
POLICY = Policy(unused_days=90, wrong_ratings=2, kept_days=30)
ABOUT = "caulk", "oakum", "tar", "sails", "rudders", "anchors", "masts"


def added(db: Database, thing: str) -> UUID:
    told = f"The yard keeps its {thing} in the shed {thing[::-1]}, behind the door {thing[:2]}."
    return service.add_memory(db, PLACE, "learning", told).id


def aged(db: Database, days: float, *ids: UUID, column: str = "saved_at") -> None:
    with db.transaction() as session:
        session.execute(
            text(f"UPDATE memories SET {column} = now() - :age WHERE id = ANY(:ids)"),
            {"age": timedelta(days=days), "ids": list(ids)},
        )


def told(db: Database, question: str) -> list[UUID]:
    return [each.id for each in service.search_memories(db, PLACE, question, limit=5)]


def test_what_is_unused_for_long_is_forgotten_and_a_person_can_restore_it(engine: Engine) -> None:
    db = engine.db
    unused, said, rated, young, used = (added(db, thing) for thing in ABOUT[:5])
    aged(db, 91, unused, said, rated, used)
    aged(db, 89, young)
    engine.start_workflow()
    engine.create("work")
    agent = engine.claimed()
    with db.transaction() as session:
        session.execute(
            text("INSERT INTO memory_uses (memory_id, agent_id) VALUES (:memory, :agent)"),
            {"memory": used, "agent": agent.id},
        )
    added(db, ABOUT[1])
    service.rate_memory(db, rated, "useful", person="ann", policy=POLICY)

    assert sweep(db, POLICY) == (1, 0)
    assert sweep(db, POLICY) == (0, 0)

    [event] = engine.events("memory.forgotten")
    assert (event.data["memory_id"], event.data["because"]) == (str(unused), "unused")
    assert "caulk" in event.data["text"]
    [gone] = service.page_of_memories(db, forgotten=True)[0]
    assert (gone.id, gone.forgotten_because) == (unused, "unused")
    assert unused not in {each.id for each in service.page_of_memories(db, forgotten=False)[0]}
    assert told(db, "Where is the caulk, in which shed?") == []

    for _ in range(2):
        assert service.restore_memory(db, unused).forgotten_at is None
    assert told(db, "Where is the caulk, in which shed?") == [unused]
    assert len(engine.events("memory.restored")) == 1
    assert sweep(db, POLICY) == (0, 0)


def test_what_two_rate_wrong_is_forgotten_at_once_until_a_person_restores_it(
    engine: Engine,
) -> None:
    db = engine.db
    memory = added(db, "tar")

    def rate(person: str, rating: str) -> bool:
        view = service.rate_memory(db, memory, rating, person=person, policy=POLICY)
        return view.forgotten_at is not None

    assert not rate("ann", "wrong")
    assert not rate("ann", "wrong"), "the same person again counts once"
    assert not rate("bob", "useful")
    assert len(engine.events("memory.rated")) == 2
    assert rate("bob", "wrong")
    assert told(db, "Where is the tar, in which shed?") == []
    # Saying it again does not make it true.
    added(db, "tar")
    assert told(db, "Where is the tar, in which shed?") == []
    view = service.restore_memory(db, memory)
    assert (view.wrong, view.forgotten_at) == (0, None)
    assert told(db, "Where is the tar, in which shed?") == [memory]
    with pytest.raises(InvalidInput):
        rate("ann", "boring")
    with pytest.raises(NotFound):
        service.restore_memory(db, UUID(int=7))


def test_those_who_rate_at_the_same_time_make_it_forgotten_once(engine: Engine) -> None:
    db = engine.db
    memory = added(db, "tar")

    def rate(person: int) -> None:
        service.rate_memory(db, memory, "wrong", person=f"p{person}", policy=POLICY)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(rate, range(8)))
    assert service.get_memory(db, memory).wrong == 8
    assert len(engine.events("memory.forgotten")) == 1


def test_sweeps_go_on_in_batches_and_two_at_once_forget_nothing_twice(engine: Engine) -> None:
    db = engine.db
    ids = [added(db, thing) for thing in ABOUT]
    aged(db, 91, *ids)

    with ThreadPoolExecutor(2) as pool:
        swept = list(pool.map(lambda _: sweep(db, POLICY, at_once=2), range(2)))
    left = sweep(db, POLICY, at_once=2)

    assert sum(forgotten for forgotten, _ in [*swept, left]) == len(ids)
    events = [event.data["memory_id"] for event in engine.events("memory.forgotten")]
    assert sorted(events) == sorted(map(str, ids))


def test_a_lower_limit_of_ratings_counts_for_what_was_rated_before(engine: Engine) -> None:
    db = engine.db
    memory = added(db, "tar")
    service.rate_memory(db, memory, "wrong", person="ann", policy=POLICY)
    assert sweep(db, POLICY) == (0, 0)
    assert sweep(db, Policy(wrong_ratings=1)) == (1, 0)
    assert service.get_memory(db, memory).forgotten_because == "wrong"


def test_what_was_forgotten_long_ago_is_deleted_with_a_last_event(engine: Engine) -> None:
    db = engine.db
    old, young = added(db, "tar"), added(db, "oakum")
    aged(db, 91, old, young)
    assert sweep(db, POLICY) == (2, 0)
    aged(db, 31, old, column="forgotten_at")
    aged(db, 29, young, column="forgotten_at")

    assert sweep(db, POLICY) == (0, 1)

    assert [each.id for each in service.page_of_memories(db)[0]] == [young]
    [event] = engine.events("memory.deleted")
    assert (event.data["memory_id"], event.data["because"]) == (str(old), "unused")
    assert "tar" in event.data["text"]


def test_what_is_forgotten_leaves_the_vectors_and_comes_back(engine: Engine) -> None:
    db = engine.db
    memory = added(db, "tar")

    def noted() -> list[UUID]:
        while note_changed(db, with_tasks=False):
            pass
        with db.reading() as session:
            return list(session.scalars(text("SELECT item_id FROM vector_items")))

    assert noted() == [memory]
    aged(db, 91, memory)
    sweep(db, POLICY)
    assert noted() == []
    service.restore_memory(db, memory)
    assert noted() == [memory]
