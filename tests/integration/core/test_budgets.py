"""Budgets: no claim once one is spent, agents end by its action, and a raise lets all go on."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import text

from hephaestus_core.agents.service import get_agent
from hephaestus_core.agents.views import AgentView
from hephaestus_core.attention.acts import Wish, perform
from hephaestus_core.attention.service import inbox
from hephaestus_core.budgets import checking, service
from hephaestus_core.budgets.views import BudgetView
from hephaestus_core.contract.attention import Act
from hephaestus_core.contract.budgets import Amount
from hephaestus_core.contract.errors import InvalidInput, NotFound
from hephaestus_core.contract.statuses import AgentStatus, BudgetAction, BudgetScope
from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_core.db.engine import Database
from hephaestus_core.tasks.service import get_task
from tests.engine import Engine
from tests.statements import counted

#: A million tokens of it cost one dollar.
HAIKU = "claude-haiku-4-5"
SCOPES = (BudgetScope.DAY, BudgetScope.TASK, BudgetScope.WORKFLOW)


def running(engine: Engine, words: str = "work") -> AgentView:
    engine.create(words)
    return engine.run(engine.claimed())


def burn(db: Database, agent: AgentView, key: str, millions: int, model: str = HAIKU) -> None:
    """Record one answer, as a sweep does."""
    news = record_turns(db, agent.id, [Turn(key, Tokens(millions * 1_000_000), model)], {})
    checking.check(db, [agent.id], answered=[agent.id] if news else [])


def budget_of(
    db: Database,
    scope: BudgetScope,
    agent: AgentView,
    dollars: float,
    action: BudgetAction = BudgetAction.PARK,
) -> BudgetView:
    subjects: dict[BudgetScope, UUID | None] = {
        BudgetScope.TASK: agent.task_id,
        BudgetScope.WORKFLOW: agent.workflow_id,
        BudgetScope.DAY: None,
    }
    amount = Amount(dollars)
    return service.set_budget(db, scope, subjects[scope], amount, action=action, by="ann")


@pytest.mark.parametrize("scope", SCOPES)
def test_a_spent_budget_parks_its_agents_and_a_raise_lets_them_go_on(
    db: Database, engine: Engine, scope: BudgetScope
) -> None:
    engine.start_workflow()
    agent = running(engine)
    budget = budget_of(db, scope, agent, 10)
    burn(db, agent, "1", 8)
    assert service.get_budget(db, budget.id).status == "near"
    assert get_agent(db, agent.id).status == AgentStatus.WORKING
    burn(db, agent, "2", 2)
    found = service.get_budget(db, budget.id)
    assert (found.status, found.told) == ("spent", "$10.00 of $10.00")
    assert get_agent(db, agent.id).status == AgentStatus.STOPPING

    engine.create("more work")
    engine.end(agent)
    assert get_task(db, agent.task_id).status == "queued"
    first = engine.claim()
    if scope is BudgetScope.TASK:
        assert first is not None, "the budget is that of another task"
        assert first.task_id != agent.task_id
    else:
        assert first is None
    assert engine.claim() is None

    [item] = [item for item in inbox(db).items if item.kind == "budget"]
    assert (item.severity, item.acts[0].name) == ("blocker", Act.RAISE)
    assert item.evidence.startswith("$10.00 of $10.00; ")
    with pytest.raises(InvalidInput, match="new amount in dollars"):
        perform(db, item.id, Act.RAISE, Wish(by="ann", text="more"))
    perform(db, item.id, Act.RAISE, Wish(by="ann", text="$20"))
    assert [item for item in inbox(db).items if item.kind == "budget"] == []
    raised = service.get_budget(db, budget.id)
    assert (raised.status, raised.told) == ("open", "$10.00 of $20.00")
    again = engine.claimed()
    assert (again.task_id, again.attempt) == (agent.task_id, 2), "it goes on before all others"
    changes = [e.data for e in engine.events("budget.status_changed")]
    assert [(e["from"], e["to"]) for e in changes] == [
        ("open", "near"),
        ("near", "spent"),
        ("spent", "open"),
    ]
    assert changes[1]["reason"] == "$10.00 of $10.00"


def test_parking_waits_for_the_end_of_a_turn_stopping_does_not_and_warning_ends_nothing(
    db: Database, engine: Engine
) -> None:
    engine.start_workflow()
    first, second = running(engine, "mend the boat"), running(engine, "paint the mast")
    budget = budget_of(db, BudgetScope.WORKFLOW, first, 1, BudgetAction.WARN)
    burn(db, first, "1", 2)
    assert service.get_budget(db, budget.id).status == "spent"
    assert [get_agent(db, a.id).status for a in (first, second)] == ["working", "working"]
    engine.create("a third")
    assert engine.claim() is not None, "a warning holds nothing"

    budget_of(db, BudgetScope.WORKFLOW, first, 2, BudgetAction.PARK)
    burn(db, first, "2", 1)
    assert [get_agent(db, a.id).status for a in (first, second)] == ["stopping", "working"]
    checking.check(db, [second.id], answered=[])
    assert get_agent(db, second.id).status == "working", "its turn goes on"

    budget_of(db, BudgetScope.WORKFLOW, first, 2, BudgetAction.STOP)
    checking.check(db, [first.id], answered=[])
    assert get_agent(db, second.id).status == "stopping"


def test_the_day_after_a_spent_day_is_open(db: Database, engine: Engine) -> None:
    engine.start_workflow()
    agent = running(engine)
    budget = budget_of(db, BudgetScope.DAY, agent, 1)
    burn(db, agent, "1", 2)
    engine.create("more work")
    assert engine.claim() is None
    with db.transaction() as session:  # the day changes
        session.execute(text("UPDATE budgets SET day = day - 1"))
        session.execute(text("UPDATE used_sums SET day = day - 1"))
    late = engine.run(engine.claimed())
    checking.check(db, [late.id], answered=[])
    assert service.get_budget(db, budget.id).status == "open"


def test_tokens_without_a_price_count_as_tokens_and_it_is_said(
    db: Database, engine: Engine
) -> None:
    engine.start_workflow()
    agent = running(engine)
    dollars = budget_of(db, BudgetScope.WORKFLOW, agent, 1)
    tokens = service.set_budget(
        db, BudgetScope.TASK, agent.task_id, Amount(tokens=3_000_000), by="ann"
    )
    burn(db, agent, "1", 5, "a model without a price")
    found = service.get_budget(db, dollars.id)
    assert found.status == "open"
    assert found.told == "$0.00 of $1.00, and 5,000,000 tokens without a known price"
    assert service.get_budget(db, tokens.id).status == "spent"
    assert get_agent(db, agent.id).status == "stopping"


def test_many_budgets_take_as_many_statements_as_few(db: Database, engine: Engine) -> None:
    engine.start_workflow()
    engine.with_host("a", slots=20)
    taken = []
    for first in (0, 3):
        for number in range(first, first + 3):
            agent = running(engine, f"work {number} on {HAIKU * (number + 1)}")
            budget_of(db, BudgetScope.TASK, agent, 1 + number)
            burn(db, agent, "1", 1 + number)
        with counted(db) as sent:
            listed = service.list_budgets(db)
            spent = [item for item in inbox(db).items if item.kind == "budget"]
        taken.append(len(sent))
        used = [(each.used_dollars, each.dollars) for each in listed]
        assert used == [(n, n) for n in range(first + 3, 0, -1)]
        assert len(spent) == first + 3
    assert taken[0] == taken[1]


def test_budgets_are_set_once_each_raised_only_upwards_and_removed(
    db: Database, engine: Engine
) -> None:
    engine.start_workflow()
    agent = running(engine)
    with ThreadPoolExecutor(4) as pool:
        made = pool.map(lambda n: budget_of(db, BudgetScope.WORKFLOW, agent, n), range(1, 9))
        assert len({budget.id for budget in made}) == 1
    [budget] = service.list_budgets(db, workflow_id=agent.workflow_id)
    with pytest.raises(InvalidInput, match="dollars of the budget are at"):
        service.raise_budget(db, budget.id, Amount(budget.dollars), by="ann")
    with pytest.raises(InvalidInput, match="without a limit"):
        service.raise_budget(db, budget.id, Amount(tokens=5), by="ann")
    for wrong in (Amount(), Amount(0), Amount(-1), Amount(tokens=0), Amount(float("nan"))):
        with pytest.raises(InvalidInput):
            service.set_budget(db, BudgetScope.DAY, None, wrong, by="ann")
    with pytest.raises(InvalidInput, match="needs the id of the task"):
        service.set_budget(db, BudgetScope.TASK, None, Amount(1), by="ann")
    with pytest.raises(NotFound):
        service.set_budget(db, BudgetScope.TASK, agent.workflow_id, Amount(1), by="ann")
    burn(db, agent, "1", 9)
    engine.create("more work")
    assert engine.claim() is None
    service.remove_budget(db, budget.id, by="ann")
    assert service.list_budgets(db) == []
    assert engine.claim() is not None
    with pytest.raises(NotFound, match="list the budgets"):
        service.get_budget(db, budget.id)
