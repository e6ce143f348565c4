"""The ledger: each turn once, whoever reads it, and sums that are added up of it."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import text

from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.costs import ledger, sums
from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.costs.views import Spent, Tokens, Turn
from hephaestus_core.db.engine import Database
from tests.engine import Engine

HAIKU = "claude-haiku-4-5"
MILLION = Tokens(1_000_000)


def spent(db: Database, agent: AgentView) -> Spent:
    with db.reading() as session:
        return sums.of_agent(session, agent.id)


def running(engine: Engine) -> AgentView:
    return engine.run(engine.claimed())


def test_turns_add_up_to_attempt_task_workflow_and_day(db: Database, engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    first = running(engine)
    record_turns(db, first.id, [Turn("1", MILLION, HAIKU), Turn("2", Tokens(5, 5), "odd")], {})
    engine.end(first, failure=Trouble(FailureClass.TRANSIENT, "gone"))
    with db.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = NULL"))
    again = running(engine)
    assert (again.task_id, again.attempt) == (first.task_id, 2)
    # The next attempt goes on with the conversation, so its files have the first one's turns too.
    record_turns(db, again.id, [Turn("1", MILLION, HAIKU), Turn("3", MILLION, HAIKU)], {})
    assert spent(db, first) == Spent(2, 1_000_005, 5, 0, 0, 1.0, 10, (HAIKU, "odd"))
    assert spent(db, again) == Spent(1, 1_000_000, dollars=1.0, models=(HAIKU,))
    with db.reading() as session:
        today = session.scalars(text("SELECT current_date")).one()
        whole = Spent(3, 2_000_005, 5, 0, 0, 2.0, 10, (HAIKU, "odd"))
        assert sums.of_task(session, first.task_id) == whole
        assert sums.of_workflow(session, first.workflow_id) == whole
        assert sums.of_day(session, today) == whole
        assert sums.of_agents(session, [first.id, uuid4()]).keys() == {first.id}


def test_side_by_side_readings_count_each_turn_once(db: Database, engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    agent = running(engine)
    turns = [Turn(str(n), Tokens(n, 1), HAIKU) for n in range(1, 301)]

    def read(offset: int) -> None:
        early = [Turn(each.key, Tokens(each.tokens.input_tokens), HAIKU) for each in turns]
        record_turns(db, agent.id, early[offset:] + early[:offset], {})
        record_turns(db, agent.id, turns[offset:] + turns[:offset], {})

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(read, range(0, 300, 50)))
    found = spent(db, agent)
    assert (found.turns, found.input_tokens, found.output_tokens) == (300, 300 * 301 // 2, 300)
    with db.reading() as session:
        priced = session.scalars(text("SELECT sum(dollars) FROM used_turns")).one()
    assert found.dollars == pytest.approx(float(priced))


def test_an_attempt_without_bounds_adds_no_more_turns(
    db: Database, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "MOST_TURNS", 3)
    engine.start_workflow()
    engine.create()
    agent = running(engine)
    for start in (0, 2, 4):
        record_turns(db, agent.id, [Turn(str(start + n), Tokens(1)) for n in range(2)], {})
    record_turns(db, agent.id, [Turn("0", Tokens(9))], {})
    assert (spent(db, agent).turns, spent(db, agent).input_tokens) == (3, 11)
    record_turns(db, uuid4(), [Turn("1", Tokens(1))], {})  # of no attempt


def test_a_model_that_no_turn_names_is_that_of_the_attempt(db: Database, engine: Engine) -> None:
    engine.start_workflow()
    engine.create(cli_model=HAIKU)
    agent = running(engine)
    record_turns(db, agent.id, [Turn("1", MILLION)], {HAIKU: {"input": 7, "output": 1}})
    assert spent(db, agent) == Spent(1, 1_000_000, dollars=7.0, models=(HAIKU,))
