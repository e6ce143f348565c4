"""Budgets of tasks, workflows and the day."""

from hephaestus_core.contract.ids import IdKind
from hephaestus_sdk.api.budget_views import Budget
from hephaestus_sdk.api.routes.base import Routes, as_view


class BudgetRoutes(Routes):
    """Routes below ``/budgets``."""

    def budgets(self, *, workflow_id: str | None = None) -> list[Budget]:
        """Return budgets with what is used of them, newest first, at most 200.

        Args:
            workflow_id: only those of this workflow and its tasks.
        """
        found = self._connection.get("/budgets", {"workflow_id": self._only_of(workflow_id)})
        return [as_view(Budget, item) for item in found["items"]]

    def set_budget(
        self,
        *,
        workflow_id: str | None = None,
        task_id: str | None = None,
        dollars: float | None = None,
        tokens: int | None = None,
        action: str = "park",
    ) -> Budget:
        """Set the budget of a workflow, of a task or, without either, of each day.

        An earlier one is replaced. An amount that is None is not limited; one of them is needed.

        Args:
            dollars: the most dollars.
            tokens: the most tokens of all kinds.
            action: its consequence once it is spent: ``warn``, ``park`` or ``stop``.

        Raises:
            NotFound: there is no such workflow or task.
            InvalidInput: no amount is named, or one that is out of bounds.
        """
        scope, subject = "day", None
        if task_id is not None:
            scope, subject = "task", self.full_id(task_id, IdKind.TASK)
        elif workflow_id is not None:
            scope, subject = "workflow", self.full_id(workflow_id, IdKind.WORKFLOW)
        amount = {"dollars": dollars, "tokens": tokens}
        body = {"scope": scope, "subject_id": subject, "action": action, **amount}
        return as_view(Budget, self._connection.post("/budgets", body))

    def raise_budget(
        self, budget_id: str, *, dollars: float | None = None, tokens: int | None = None
    ) -> Budget:
        """Raise a budget to a new amount; what it held goes on at once.

        Raises:
            InvalidInput: the new amount is not more than the present one.
        """
        path = f"{self._budget(budget_id)}/raise"
        amount = {"dollars": dollars, "tokens": tokens}
        return as_view(Budget, self._connection.post(path, amount))

    def remove_budget(self, budget_id: str) -> Budget:
        """Remove a budget, and return what it was; what it held goes on at once."""
        return as_view(Budget, self._connection.delete(self._budget(budget_id)))

    def _budget(self, budget_id: str) -> str:
        return f"/budgets/{self.full_id(budget_id, IdKind.BUDGET)}"
