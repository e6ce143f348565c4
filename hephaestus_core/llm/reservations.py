"""Pure decisions about the budgets of calls: which of them may be sent."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Order:
    """A call that is about to be sent."""

    id: UUID
    kind: str
    workflow_id: UUID | None
    provider: str
    model: str
    tokens: int
    """The most that it can use."""
    calls_per_hour: int | None = None
    """Most calls of this kind within an hour; None: any number."""


@dataclass(frozen=True)
class Limits:
    """The most tokens of all calls within an hour, and of those for one workflow."""

    per_hour: int
    per_workflow: int


@dataclass
class Used:
    """What counts against the budgets of some orders."""

    tokens: int = 0
    """Of the last hour."""
    calls: Counter[str] = field(default_factory=Counter)
    """Of the last hour, by kind."""
    by_workflow: Counter[UUID | None] = field(default_factory=Counter)
    """Tokens, however old."""

    def add(self, order: Order) -> None:
        """Count an order."""
        self.tokens += order.tokens
        self.calls[order.kind] += 1
        self.by_workflow[order.workflow_id] += order.tokens


def refusals(orders: Sequence[Order], used: Used, limits: Limits) -> list[str | None]:
    """Return for each order a sentence that says which budget is used up; None: it may be sent.

    Those that may be sent are added to ``used``, and count for the orders behind them.
    """
    told = []
    for order in orders:
        reason = _refusal(order, used, limits)
        if reason is None:
            used.add(order)
        told.append(reason)
    return told


def _refusal(order: Order, used: Used, limits: Limits) -> str | None:
    if used.tokens + order.tokens > limits.per_hour:
        return f"The last hour's calls leave no room in llm_tokens_per_hour ({limits.per_hour:,})."
    most = order.calls_per_hour
    if most is not None and used.calls[order.kind] >= most:
        return f"The last hour's calls for '{order.kind}' have used up their budget of {most:,}."
    by_workflow = used.by_workflow[order.workflow_id]
    if order.workflow_id is not None and by_workflow + order.tokens > limits.per_workflow:
        return (
            f"The workflow's calls have used {by_workflow:,} of llm_tokens_per_workflow "
            f"({limits.per_workflow:,}), and this one may need {order.tokens:,}."
        )
    return None
