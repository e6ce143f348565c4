"""Acts of the Guardian on agents."""

from hephaestus_core.contract.ids import IdKind
from hephaestus_sdk.api.intervention_views import Intervention
from hephaestus_sdk.api.routes.base import Routes, as_view


class InterventionRoutes(Routes):
    """Routes below ``/interventions``."""

    def interventions(
        self,
        *,
        workflow_id: str | None = None,
        task_id: str | None = None,
        agent_id: str | None = None,
        limit: int | None = 100,
    ) -> list[Intervention]:
        """Return what the Guardian has done about agents, newest first.

        Args:
            workflow_id: only in this workflow.
            task_id: only at this task.
            agent_id: only on this agent.
            limit: at most this many; None: all.
        """
        task = None if task_id is None else self.full_id(task_id, IdKind.TASK)
        agent = None if agent_id is None else self.full_id(agent_id, IdKind.AGENT)
        wanted = {"workflow_id": self._only_of(workflow_id), "task_id": task, "agent_id": agent}
        return [
            as_view(Intervention, each) for each in self._pages("/interventions", wanted, limit)
        ]

    def undo_intervention(self, intervention_id: str) -> Intervention:
        """Take an act of the Guardian back; it does no more for this cause in this attempt.

        Raises:
            Conflict: it was taken back before, or its program has been ended.
        """
        whole = self.full_id(intervention_id, IdKind.INTERVENTION)
        return as_view(Intervention, self._connection.post(f"/interventions/{whole}/undo"))
