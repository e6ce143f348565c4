"""Looking things up by the beginning of their id."""

from uuid import UUID

import pytest
from sqlalchemy import text

from hephaestus_core.contract.errors import AmbiguousId, NotFound
from hephaestus_core.contract.ids import IdKind
from hephaestus_core.db.engine import Database
from hephaestus_core.ids.service import find_id
from tests.engine import Engine


def renamed(db: Database, task_id: UUID, new: str) -> UUID:
    """Give a task another id."""
    with db.transaction() as session:
        session.execute(
            text("UPDATE tasks SET id = :new WHERE id = :old"), {"new": new, "old": task_id}
        )
    return UUID(new)


def test_each_kind_is_found_by_six_characters(engine: Engine) -> None:
    engine.start_workflow()
    task = engine.create()
    agent = engine.run(engine.claimed())
    engine.report_done(agent)
    engine.end(agent)
    with engine.db.reading() as session:
        merge_id = session.scalar(text("SELECT id FROM merges"))
    for kind, identity in (
        (IdKind.WORKFLOW, engine.workflow_id),
        (IdKind.TASK, task.id),
        (IdKind.AGENT, agent.id),
        (IdKind.MERGE, merge_id),
    ):
        found = find_id(engine.db, str(identity)[:6], [kind])
        assert (found.kind, found.id) == (kind, identity)
        with pytest.raises(NotFound, match=rf"No result begins with {str(identity)[:6]}\."):
            find_id(engine.db, str(identity)[:6], [IdKind.RESULT])


def test_an_ambiguous_one_lists_the_first_candidates(engine: Engine) -> None:
    engine.start_workflow()
    ids = [
        renamed(engine.db, engine.create(str(n)).id, f"7cb4371b-000{n}-4000-8000-000000000000")
        for n in range(7)
    ]
    with pytest.raises(AmbiguousId, match="and others; give more characters") as caught:
        find_id(engine.db, "7cb437", [IdKind.TASK])
    listed = [{"kind": "task", "id": str(identity)} for identity in ids[:5]]
    assert caught.value.details == {"candidates": listed}
    assert find_id(engine.db, "7CB4371B-0003", list(IdKind)).id == ids[3]


def test_the_look_up_reads_indexes_alone(engine: Engine) -> None:
    engine.start_workflow()
    with engine.db.transaction() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = session.scalars(
            text(
                "EXPLAIN SELECT id FROM tasks WHERE id BETWEEN "
                "'7cb43700-0000-0000-0000-000000000000' AND '7cb437ff-ffff-ffff-ffff-ffffffffffff' "
                "ORDER BY id LIMIT 6"
            )
        ).all()
    assert "pk_tasks" in "".join(plan)
    assert "Sort" not in "".join(plan)
