"""Budgets are compared with the ledger whenever turns were recorded, and agents end.

The ledger keeps a sum per attempt, day and model; only those of the budgets concerned are read.
"""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text

from hephaestus_core.agents import store as agents
from hephaestus_core.budgets import store
from hephaestus_core.budgets.rules import ends
from hephaestus_core.contract.budgets import WHOLE_DAY
from hephaestus_core.contract.errors import NotFound, StaleAttempt
from hephaestus_core.contract.statuses import BudgetAction, BudgetScope, BudgetStatus, TaskStatus
from hephaestus_core.db.engine import Database

_CONCERNED: Final = text("""
    SELECT b.id FROM budgets b WHERE b.subject_id IN (
        SELECT CAST(:whole AS uuid)
        UNION SELECT workflow_id FROM agents WHERE id = ANY(:agents)
        UNION SELECT task_id FROM agents WHERE id = ANY(:agents)
    )
""")
#: Live agents with a spent budget. Where it stops them they may be on any host.
_HELD: Final = text("""
    SELECT a.id, b.id AS budget_id
    FROM budgets b JOIN agents a ON b.subject_id IN (a.workflow_id, a.task_id, :whole)
    WHERE b.status = 'spent' AND b.action <> 'warn'
      AND (b.scope <> 'day' OR b.day = (now() AT TIME ZONE 'UTC')::date)
      AND a.ended_at IS NULL AND a.status IN ('working', 'idle')
      AND (b.action = 'stop' OR a.id = ANY(:agents))
""")
_AT_WORK: Final = {TaskStatus.IN_PROGRESS, TaskStatus.NEEDS_WORK}


def check(db: Database, agent_ids: Collection[UUID], *, answered: Collection[UUID]) -> None:
    """Bring the budgets of these agents up to date, and end agents whose budget is spent.

    A repeated call changes nothing.

    Args:
        agent_ids: agents whose turns were read.
        answered: those of them whose models have answered since the last call.
    """
    if not agent_ids:
        return
    given = {"whole": WHOLE_DAY, "agents": list(agent_ids)}
    with db.reading() as session:
        concerned = list(session.scalars(_CONCERNED, given))
        news = [each for each in concerned if store.is_news(session, store.get(session, each))]
    for budget_id in news:
        _judge(db, budget_id)
    if concerned:
        with db.reading() as session:
            held = session.execute(_HELD, given).all()
        for agent_id, budget_id in held:
            _end(db, agent_id, budget_id, answered=agent_id in answered)


def _judge(db: Database, budget_id: UUID) -> None:
    try:
        with db.transaction() as session:
            store.judge(session, store.lock(session, budget_id))
    except NotFound:  # removed meanwhile
        return


def _end(db: Database, agent_id: UUID, budget_id: UUID, *, answered: bool) -> None:
    try:
        with db.transaction() as session:
            task, agent = agents.lock_current(session, agent_id)
            budget = store.get(session, budget_id)
            spent = budget.status == BudgetStatus.SPENT and budget.action != BudgetAction.WARN
            if not spent or task.status not in _AT_WORK:
                return
            if ends(budget.action, agent.status, answered=answered):
                agents.park(session, agent, budget.id, _reason(budget.scope))
    except (NotFound, StaleAttempt):
        return


def _reason(scope: BudgetScope) -> str:
    return f"the budget of {'the' if scope is BudgetScope.DAY else 'its'} {scope} is spent"
