"""Events of budgets."""

from typing import Final

from hephaestus_core.contract import event_fields as f

BUDGET_SET: Final = ("budget.set", "A person has set or raised a budget.", *f.BUDGET, f.BY)
BUDGET_REMOVED: Final = ("budget.removed", "A person has removed a budget.", *f.BUDGET, f.BY)
BUDGET_STATUS_CHANGED: Final = (
    "budget.status_changed",
    "A budget is near its end, spent, or open again.",
    *(*f.BUDGET, f.FROM, f.TO, f.REASON),
)
