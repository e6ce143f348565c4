"""Pure decisions about budgets: how one stands, and which agents end once it is spent."""

from hephaestus_core.contract.budgets import NEAR, Amount
from hephaestus_core.contract.money import in_dollars
from hephaestus_core.contract.statuses import AgentStatus, BudgetAction, BudgetStatus
from hephaestus_core.costs.views import Spent


def share(used: Spent, most: Amount) -> float:
    """Return the part of an amount that is used; of dollars and tokens, the larger part."""
    parts = [
        0.0 if most.dollars is None else used.dollars / most.dollars,
        0.0 if most.tokens is None else used.tokens / most.tokens,
    ]
    return max(parts)


def status_of(used: Spent, most: Amount) -> BudgetStatus:
    """Return how a budget of this amount stands."""
    part = share(used, most)
    if part >= 1:
        return BudgetStatus.SPENT
    return BudgetStatus.NEAR if part >= NEAR else BudgetStatus.OPEN


def used_of(used: Spent, most: Amount) -> str:
    """Return in words how much of an amount is used: ``$4.10 of $5.00``.

    Tokens without a known price are in no dollars, so they are told beside them.
    """
    said = []
    if most.dollars is not None:
        said.append(f"{in_dollars(used.dollars)} of {in_dollars(most.dollars)}")
    if most.tokens is not None:
        said.append(f"{used.tokens:,} of {most.tokens:,} tokens")
    unpriced = most.dollars is not None and used.unpriced_tokens
    beside = f", and {used.unpriced_tokens:,} tokens without a known price" if unpriced else ""
    return " and ".join(said) + beside


def ends(action: BudgetAction, status: AgentStatus, *, answered: bool) -> bool:
    """Say whether an agent ends now whose budget is spent.

    Args:
        action: of the budget.
        status: of the agent.
        answered: its model has answered since the last look, so that a turn has just ended.
    """
    if status not in {AgentStatus.WORKING, AgentStatus.IDLE}:
        return False
    if action is BudgetAction.PARK:
        return answered or status is AgentStatus.IDLE
    return action is BudgetAction.STOP
