"""Use cases of budgets: set, raise, remove, list."""

from collections.abc import Collection, Sequence
from datetime import UTC
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.budgets import store
from hephaestus_core.budgets.models import Budget
from hephaestus_core.budgets.views import BudgetView, amount_of, view
from hephaestus_core.contract.budgets import WHOLE_DAY, Amount
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import BudgetAction, BudgetScope, BudgetStatus
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.hosts.store import ring_all
from hephaestus_core.tasks import store as tasks
from hephaestus_core.workflows import store as workflows

#: Most budgets that a list has, the newest.
_MOST_LISTED: Final = 200


def set_budget(
    db: Database,
    scope: BudgetScope,
    subject_id: UUID | None,
    most: Amount,
    *,
    action: BudgetAction = BudgetAction.PARK,
    by: str,
) -> BudgetView:
    """Set the budget of a task, a workflow or the day, in place of an earlier one.

    Args:
        subject_id: the task or the workflow; None for the day.

    Raises:
        NotFound: there is no such task or workflow.
        InvalidInput: the amount is empty or out of bounds, or the scope needs an id.
    """
    most.checked()
    with db.transaction() as session:
        return add(session, scope, subject_id, most, action=action, by=by)


def add(
    session: Session,
    scope: BudgetScope,
    subject_id: UUID | None,
    most: Amount,
    *,
    action: BudgetAction,
    by: str,
) -> BudgetView:
    """Set a budget in the open transaction; see :func:`set_budget`. The amount is checked."""
    subject, workflow_id = _subject(session, scope, subject_id)
    begin = {
        "id": uuid4(),
        "scope": scope,
        "subject_id": subject,
        "workflow_id": workflow_id,
        "action": action,
        "status": BudgetStatus.OPEN,
        "day": database_now(session).astimezone(UTC).date(),
        "set_by": by,
    }
    session.execute(insert(Budget).values(begin).on_conflict_do_nothing())
    query = select(Budget).where(Budget.subject_id == subject).with_for_update()
    budget = session.scalars(query.execution_options(populate_existing=True)).one()
    budget.action = action
    return _change(session, budget, most, by=by)


def raise_budget(db: Database, budget_id: UUID, most: Amount, *, by: str) -> BudgetView:
    """Raise a budget to new amounts; what it held goes on at once.

    Args:
        most: a part of it that is None stays as it is.

    Raises:
        NotFound: there is no such budget.
        InvalidInput: the new amount is not more than the present one, or out of bounds.
    """
    most.checked()
    with db.transaction() as session:
        budget = store.lock(session, budget_id)
        now = amount_of(budget)
        for name in ("dollars", "tokens"):
            asked, present = getattr(most, name), getattr(now, name)
            if asked is not None and (present is None or asked <= present):
                limit = "without a limit" if present is None else f"at {present:g}"
                raise InvalidInput(
                    f"{name} of the budget are {limit} now; name more than that.", field=name
                )
        return _change(session, budget, merged(now, most), by=by)


def merged(now: Amount, wish: Amount) -> Amount:
    """Return an amount with those parts replaced that the wish names."""
    return Amount(
        now.dollars if wish.dollars is None else wish.dollars,
        now.tokens if wish.tokens is None else wish.tokens,
    )


def remove_budget(db: Database, budget_id: UUID, *, by: str) -> BudgetView:
    """Remove a budget; what it held goes on at once. Answers with what it was.

    Raises:
        NotFound: there is no such budget.
    """
    with db.transaction() as session:
        budget = store.lock(session, budget_id)
        found = view(budget, store.used(session, budget))
        store.tell(session, budget, EventType.BUDGET_REMOVED, by=by)
        session.delete(budget)
        ring_all(session)
        return found


def get_budget(db: Database, budget_id: UUID) -> BudgetView:
    """Return one budget.

    Raises:
        NotFound: there is no such budget.
    """
    with db.reading() as session:
        budget = store.get(session, budget_id)
        return view(budget, store.used(session, budget))


def views_of(session: Session, budgets: Sequence[Budget]) -> list[BudgetView]:
    """Return these budgets as readers see them, in the open transaction."""
    used = store.used_of_each(session, budgets)
    return [view(each, used[each.id]) for each in budgets]


def get_views(session: Session, budget_ids: Collection[UUID]) -> dict[UUID, BudgetView]:
    """Return budgets by their ids, in the open transaction."""
    found = session.scalars(select(Budget).where(Budget.id.in_(budget_ids))).all()
    return {each.id: each for each in views_of(session, found)}


def budget_of(db: Database, subject_id: UUID) -> BudgetView | None:
    """Return the budget of a task or of a workflow itself; None: it has none."""
    with db.reading() as session:
        found = session.scalars(select(Budget).where(Budget.subject_id == subject_id)).one_or_none()
        return None if found is None else view(found, store.used(session, found))


def list_budgets(db: Database, *, workflow_id: UUID | None = None) -> list[BudgetView]:
    """Return budgets, newest first, at most 200.

    Args:
        workflow_id: only those of this workflow and its tasks.
    """
    query = select(Budget).order_by(Budget.created_at.desc(), Budget.id).limit(_MOST_LISTED)
    if workflow_id is not None:
        query = query.where(Budget.workflow_id == workflow_id)
    with db.reading() as session:
        return views_of(session, session.scalars(query).all())


def _change(session: Session, budget: Budget, most: Amount, *, by: str) -> BudgetView:
    budget.dollars = None if most.dollars is None else Decimal(str(most.dollars))
    budget.tokens, budget.set_by = most.tokens, by
    session.flush()
    store.tell(session, budget, EventType.BUDGET_SET, by=by)
    store.judge(session, budget)
    ring_all(session)
    session.flush()
    return view(budget, store.used(session, budget))


def _subject(
    session: Session, scope: BudgetScope, subject_id: UUID | None
) -> tuple[UUID, UUID | None]:
    """Return the id that a budget is for, and its workflow."""
    if scope is BudgetScope.DAY:
        return WHOLE_DAY, None
    if subject_id is None:
        raise InvalidInput(f"A budget of a {scope} needs the id of the {scope}.", field="id")
    if scope is BudgetScope.WORKFLOW:
        return subject_id, workflows.get(session, subject_id).id
    return subject_id, tasks.get(session, subject_id).workflow_id
