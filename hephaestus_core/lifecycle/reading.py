"""Views of workflows, in a constant number of queries."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.definitions.store import definition_names
from hephaestus_core.lifecycle.views import DeliveryView, PhaseView, WorkflowView
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.states import LIVE
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Phase, Workflow

_Counts = dict[int | None, Counter[str]]


def views(session: Session, rows: Sequence["Workflow"]) -> list[WorkflowView]:
    """Return the workflows as readers see them, in the same order."""
    ids = [workflow.id for workflow in rows]
    counted: dict[UUID, _Counts] = defaultdict(lambda: defaultdict(Counter))
    for workflow_id, phase_id, status, number in tasks.counts(session, ids):
        counted[workflow_id][phase_id][status] += number
    phases: dict[UUID, list[Phase]] = defaultdict(list)
    for phase in workflows.phases_of(session, ids):
        phases[phase.workflow_id].append(phase)
    live = agents.live_counts(session, ids)
    names = definition_names(session, (workflow.definition_id for workflow in rows))
    return [
        _view(w, names[w.definition_id], phases[w.id], counted[w.id], live.get(w.id, 0))
        for w in rows
    ]


def _view(
    workflow: "Workflow", name: str, phases: list["Phase"], counted: _Counts, active_agents: int
) -> WorkflowView:
    totals: Counter[str] = sum(counted.values(), Counter())
    return WorkflowView(
        id=workflow.id,
        definition_id=workflow.definition_id,
        name=name,
        description=workflow.description,
        status=workflow.status,
        repository=workflow.repository,
        base_branch=workflow.base_branch,
        integration_branch=workflow.integration_branch,
        working_directory=workflow.working_directory,
        auto_merge=workflow.auto_merge,
        conflict_resolution=workflow.conflict_resolution,
        max_agents=workflow.max_agents,
        launch_params=workflow.launch_params,
        config=workflow.config,
        created_at=workflow.created_at,
        completed_at=workflow.completed_at,
        closed_reason=workflow.closed_reason,
        result_id=workflow.result_id,
        initial_task_id=workflow.initial_task_id,
        delivery=DeliveryView(
            status=workflow.delivery_status,
            reason=workflow.delivery_reason,
            commit=workflow.delivery_commit,
        ),
        task_counts=dict(totals),
        live_tasks=sum(number for status, number in totals.items() if status in LIVE),
        active_agents=active_agents,
        phases=[
            PhaseView(
                id=phase.phase_id,
                name=phase.name,
                description=str(phase.spec["description"]),
                task_counts=dict(counted.get(phase.phase_id, {})),
            )
            for phase in phases
        ],
    )
