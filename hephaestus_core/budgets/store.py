"""Budget rows; every function joins the open transaction."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hephaestus_core.budgets.models import Budget
from hephaestus_core.budgets.rules import status_of, used_of
from hephaestus_core.budgets.views import amount_of
from hephaestus_core.contract.errors import NotFound
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import BudgetScope, BudgetStatus
from hephaestus_core.costs import sums
from hephaestus_core.costs.views import Spent
from hephaestus_core.db.engine import database_now
from hephaestus_core.events.log import emit


def get(session: Session, budget_id: UUID) -> Budget:
    """Return the budget.

    Raises:
        NotFound: there is none with this id.
    """
    return _found(session.get(Budget, budget_id), budget_id)


def lock(session: Session, budget_id: UUID) -> Budget:
    """Return the budget locked for update. No other lock but that of the event log follows.

    Raises:
        NotFound: there is none with this id.
    """
    query = select(Budget).where(Budget.id == budget_id).with_for_update()
    return _found(session.scalar(query.execution_options(populate_existing=True)), budget_id)


def used(session: Session, budget: Budget) -> Spent:
    """Return what has been used of the budget until now."""
    if budget.scope == BudgetScope.TASK:
        return sums.of_task(session, budget.subject_id)
    if budget.scope == BudgetScope.WORKFLOW:
        return sums.of_workflow(session, budget.subject_id)
    return sums.of_day(session, database_now(session).astimezone(UTC).date())


def used_of_each(session: Session, budgets: Sequence[Budget]) -> dict[UUID, Spent]:
    """Return what has been used of each budget until now, by its id; in three queries."""
    by_scope = {
        scope: [each.subject_id for each in budgets if each.scope == scope] for scope in BudgetScope
    }
    known = sums.of_tasks(session, by_scope[BudgetScope.TASK])
    known |= sums.of_workflows(session, by_scope[BudgetScope.WORKFLOW])
    for each in budgets:
        if each.scope == BudgetScope.DAY:
            known[each.subject_id] = used(session, each)
    return {each.id: known.get(each.subject_id, Spent()) for each in budgets}


def is_news(session: Session, budget: Budget) -> bool:
    """Say whether the budget stands otherwise than its row says."""
    return _is_of_another_day(session, budget) or budget.status != status_of(
        used(session, budget), amount_of(budget)
    )


def judge(session: Session, budget: Budget) -> None:
    """Bring the status of a locked budget up to date, and say so if it is another one."""
    spent, most = used(session, budget), amount_of(budget)
    now = database_now(session)
    before, status = budget.status, status_of(spent, most)
    if _is_of_another_day(session, budget):
        before, budget.day = BudgetStatus.OPEN, now.astimezone(UTC).date()
        budget.status_since = now
    budget.status = status
    if before != status:
        budget.status_since = now
        told = {"from": before, "to": status, "reason": used_of(spent, most)}
        tell(session, budget, EventType.BUDGET_STATUS_CHANGED, **told)


def tell(session: Session, budget: Budget, type_: EventType, **data: Any) -> None:
    """Record an event of the budget, with its task and workflow; see :func:`emit`."""
    most = amount_of(budget)
    emit(
        session,
        type_,
        workflow_id=budget.workflow_id,
        task_id=budget.subject_id if budget.scope == BudgetScope.TASK else None,
        budget_id=str(budget.id),
        scope=str(budget.scope),
        action=str(budget.action),
        dollars=most.dollars,
        tokens=most.tokens,
        **data,
    )


def _is_of_another_day(session: Session, budget: Budget) -> bool:
    today = database_now(session).astimezone(UTC).date()
    return budget.scope == BudgetScope.DAY and budget.day != today


def _found(budget: Budget | None, budget_id: UUID) -> Budget:
    if budget is None:
        raise NotFound(
            f"No budget {budget_id}; list the budgets to see their ids.", field="budget_id"
        )
    return budget
