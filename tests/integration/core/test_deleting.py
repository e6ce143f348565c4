"""The deletion of a workflow: all of it goes, nothing of anything else, whatever is killed."""

import os
import signal
import subprocess
import sys
from uuid import UUID

import pytest
from sqlalchemy import text

from hephaestus_core.agents import facts_of_agents, hosting, memories_of_agents
from hephaestus_core.contract.errors import Conflict, NotFound
from hephaestus_core.costs import sums
from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_core.db.engine import Database
from hephaestus_core.facts import service as facts
from hephaestus_core.lifecycle import deleting
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.deleted_rows import ORDER, delete_rows
from hephaestus_core.messages import service as messages
from hephaestus_core.summaries.spending import SpendingBy, spending
from hephaestus_core.tables import metadata
from hephaestus_core.tasks import service as tasks
from tests.engine import Engine
from tests.statements import counted
from tests.waiting import wait_until

#: Deletes one row at a time, so that there is time to be killed in the middle.
SLOW = (
    "import sys\n"
    "from hephaestus_core import tables\n"
    "from hephaestus_core.db.engine import Database\n"
    "from hephaestus_core.lifecycle.deleted_rows import delete_rows\n"
    "delete_rows(Database(sys.argv[1], connections=2), batches=100_000, at_once=1)\n"
)

#: Three memories of each workflow.
LEARNED = ("The rivets are loose in", "Nobody paints the cables of", "Water comes into the pier of")


def ended(engine: Engine, *, number: int = 3) -> UUID:
    """Run a workflow whose agents leave a bit of everything, and stop it; returns its id."""
    id_ = engine.start_workflow().id
    for n in range(number):
        engine.create(f"Paint the bridge number {n}.")
        agent = engine.run(engine.claimed())
        messages.send(engine.db, agent.id, "a word", sender="ann")
        memories_of_agents.save_memory(engine.db, agent.id, "discovery", f"{LEARNED[n % 3]} {id_}")
        memories_of_agents.find_memories(engine.db, agent.id, "rivet", limit=5)
        record_turns(engine.db, agent.id, [Turn("1", Tokens(1_000_000), "claude-haiku-4-5")], {})
        engine.finish(agent)
        hosting.record_released(engine.db, agent.id)
    parent = engine.create("Paint it.")
    engine.create("Paint a part of it.", parent_task_id=parent.id, after=[parent.id])
    lifecycle.stop_workflow(engine.db, id_)
    return id_


def left(db: Database, id_: UUID) -> dict[str, int]:
    """Return how many rows name the workflow, by table; those without any are left out."""
    counts = {}
    with db.reading() as session:
        for name in ORDER:
            column = "id" if name == "workflows" else "workflow_id"
            if column not in metadata.tables[name].c:
                continue
            query = text(f"SELECT count(*) FROM {name} WHERE {column} = :id")
            counts[name] = session.scalar(query, {"id": id_}) or 0
    return {name: number for name, number in counts.items() if number}


def test_all_of_it_goes_and_all_of_another_stays(engine: Engine) -> None:
    other, gone = ended(engine), ended(engine)
    before = left(engine.db, other)
    shown = deleting.preview_deletion(engine.db, gone)
    assert (shown.counts.tasks, shown.counts.attempts, shown.counts.messages) == (5, 3, 3)
    assert shown.counts.branches == 4, "of three attempts, and the integration branch"
    assert shown.counts.unmerged_branches == 1, "the integration branch, which holds the others"
    assert shown.refusal is None
    assert shown.asked_by is None

    asked = deleting.delete_workflow(engine.db, gone, by="ann")
    assert (asked.asked_by, asked.ended_at) == ("ann", None)
    with pytest.raises(NotFound):
        lifecycle.get_workflow(engine.db, gone)
    assert gone not in [each.id for each in lifecycle.list_workflows(engine.db)[0]]
    assert not delete_rows(engine.db, batches=10_000, at_once=2)

    assert left(engine.db, gone) == {}
    assert left(engine.db, other) == before
    last = [each for each in engine.events() if each.workflow_id == gone]
    assert [each.type for each in last] == ["workflow.deleted"]
    assert deleting.delete_workflow(engine.db, gone, by="ben") == asked, "asked again"


def test_what_was_used_and_what_was_learned_stay(engine: Engine) -> None:
    gone = ended(engine)
    facts.correct_facts(engine.db, gone, {"test_command": "make test"}, by="ann")
    assert any("facts" in each for each in deleting.preview_deletion(engine.db, gone).stays)
    deleting.delete_workflow(engine.db, gone, by="ann")
    [being_deleted] = spending(engine.db, by=SpendingBy.WORKFLOW, days=1).rows
    assert being_deleted.deleted
    delete_rows(engine.db, batches=10_000)
    with engine.db.reading() as session:
        assert sums.of_workflow(session, gone).dollars == 3.0
        rows = session.execute(text("SELECT task_id, agent_id FROM memories")).all()
    by_workflow = spending(engine.db, by=SpendingBy.WORKFLOW, days=1)
    assert [(each.title, each.deleted, each.dollars) for each in by_workflow.rows] == [
        ("Workflow (deleted)", True, 3.0)
    ]
    assert [tuple(row) for row in rows] == [(None, None)] * 3
    [known] = facts.list_facts(engine.db, engine.start_workflow().id)
    assert (known.value, known.recorded_by, known.workflow_id) == ("make test", "ann", gone)


def test_facts_of_deleted_agents_stay_for_their_repository(engine: Engine) -> None:
    gone = engine.start_workflow().id
    engine.create()
    agent = engine.run(engine.claimed())
    facts_of_agents.record_facts(engine.db, agent.id, {"lint_command": "make lint"})
    engine.finish(agent)
    hosting.record_released(engine.db, agent.id)
    deleting.delete_workflow(engine.db, gone, by="ann")
    assert not delete_rows(engine.db, batches=10_000)
    later = engine.start_workflow().id
    [known] = facts.list_facts(engine.db, later)
    assert (known.value, known.agent_id, known.workflow_id) == ("make lint", agent.id, gone)
    facts.correct_facts(engine.db, later, {"lint_command": "ruff check"}, by="ben")
    [known] = facts.list_facts(engine.db, later)
    assert known.value == "ruff check"


def test_nothing_is_deleted_while_something_is_at_work(engine: Engine) -> None:
    id_ = engine.start_workflow().id
    engine.create()
    with pytest.raises(Conflict, match="has open tasks. Stop it first"):
        deleting.delete_workflow(engine.db, id_, by="ann")
    agent = engine.run(engine.claimed())
    lifecycle.stop_workflow(engine.db, id_)
    with pytest.raises(Conflict, match="of 1 agents .* is not put away yet"):
        deleting.delete_workflow(engine.db, id_, by="ann")
    engine.end(agent)
    hosting.record_released(engine.db, agent.id)
    deleting.delete_workflow(engine.db, id_, by="ann")


def test_a_quiet_workflow_is_closed_by_its_deletion(engine: Engine) -> None:
    id_ = engine.start_workflow().id
    engine.create()
    agent = engine.run(engine.claimed())
    engine.finish(agent)
    hosting.record_released(engine.db, agent.id)
    deleting.delete_workflow(engine.db, id_, by="ann")
    with pytest.raises(NotFound):
        tasks.restart_task(engine.db, agent.task_id)
    with pytest.raises(NotFound):
        engine.create("more of it")


def test_no_transaction_deletes_more_than_its_batch(engine: Engine) -> None:
    engine.with_host("a", slots=100)
    gone = ended(engine, number=12)
    deleting.delete_workflow(engine.db, gone, by="ann")
    rows = sum(left(engine.db, gone).values())
    assert rows > 5 * 5
    while rows:
        with counted(engine.db) as sent:
            assert delete_rows(engine.db, batches=1, at_once=5)
        before, rows = rows, sum(left(engine.db, gone).values())
        assert before - rows <= 5
        assert len(sent) <= len(ORDER) + 10, "a constant number of statements"


@pytest.fixture
def killed(engine: Engine) -> UUID:
    """A deletion whose process is killed in the middle."""
    gone = ended(engine)
    deleting.delete_workflow(engine.db, gone, by="ann")
    url = engine.db.engine.url.render_as_string(hide_password=False)
    whole = sum(left(engine.db, gone).values())
    process = subprocess.Popen([sys.executable, "-c", SLOW, url], start_new_session=True)
    try:
        wait_until(
            lambda: 0 < sum(left(engine.db, gone).values()) < whole,
            timeout=60,
            what="some rows are gone",
        )
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    return gone


def test_what_is_killed_in_the_middle_is_finished_by_the_next_pass(
    engine: Engine, killed: UUID
) -> None:
    assert left(engine.db, killed), "it was killed in the middle"
    assert not delete_rows(engine.db, batches=10_000)
    assert left(engine.db, killed) == {}
