"""Views of workflows, in a constant number of queries."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.conditions.store import conditions_of, is_over
from hephaestus_core.conditions.views import ConditionView, Facts
from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.conditions import Condition
from hephaestus_core.db.engine import database_now
from hephaestus_core.definitions.store import definition_names
from hephaestus_core.lifecycle.views import DeliveryView, PhaseView, WorkflowView
from hephaestus_core.tasks import store as tasks
from hephaestus_core.workflows import store as workflows
from hephaestus_core.workflows.limits import limits_of

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Phase, Workflow

_Counts = dict[int | None, Counter[str]]

#: Workflows that are looked at in one go for those in a condition.
_CHUNK: Final = 500


def views(session: Session, rows: Sequence["Workflow"]) -> list[WorkflowView]:
    """Return the workflows as readers see them, in the same order."""
    ids = [workflow.id for workflow in rows]
    counted = _counted(session, ids)
    phases: dict[UUID, list[Phase]] = defaultdict(list)
    for phase in workflows.phases_of(session, ids):
        phases[phase.workflow_id].append(phase)
    live = agents.live_counts(session, ids)
    totals = {id_: _total(counted[id_]) for id_ in ids}
    now = database_now(session)
    conditions = conditions_of(session, rows, totals, live)
    names = definition_names(session, (workflow.definition_id for workflow in rows))
    return [
        _view(w, names[w.definition_id], phases[w.id], counted[w.id], conditions[w.id], now)
        for w in rows
    ]


def in_condition(
    session: Session,
    wanted: Condition,
    *,
    limit: int,
    cursor: tuple[datetime, UUID] | None,
    **only: Any,
) -> list["Workflow"]:
    """Return workflows in a condition, newest first, after the cursor.

    What is over is found by the database; the rest, which is looked at one by one, is what is
    still open.

    Args:
        session: whose statements should all see the same moment.
        wanted: the condition.
        limit: at most this many.
        cursor: where to begin.
        only: other conditions of :func:`workflows.newest`.
    """
    over = is_over(over=wanted == Condition.OVER)
    found: list[Workflow] = []
    while len(found) < limit:
        rows = workflows.newest(session, limit=_CHUNK, cursor=cursor, where=over, **only)
        ids = [row.id for row in rows]
        totals = {id_: _total(counts) for id_, counts in _counted(session, ids).items()}
        conditions = conditions_of(session, rows, totals, agents.live_counts(session, ids))
        found += [row for row in rows if conditions[row.id][0].name == wanted]
        if len(rows) < _CHUNK:
            break
        cursor = (rows[-1].created_at, rows[-1].id)
    return found[:limit]


def _counted(session: Session, ids: list[UUID]) -> dict[UUID, _Counts]:
    counted: dict[UUID, _Counts] = {id_: defaultdict(Counter) for id_ in ids}
    for workflow_id, phase_id, status, number in tasks.counts(session, ids):
        counted[workflow_id][phase_id][status] += number
    return counted


def _total(counted: _Counts) -> Counter[str]:
    return sum(counted.values(), Counter())


def _view(
    workflow: "Workflow",
    name: str,
    phases: list["Phase"],
    counted: _Counts,
    stands: tuple[ConditionView, Facts],
    now: datetime,
) -> WorkflowView:
    condition, facts = stands
    ended_at = facts.ended_at or (None if facts.live_tasks else workflow.completed_at)
    until = ended_at or (now if facts.live_tasks else workflow.created_at)
    return WorkflowView(
        id=workflow.id,
        definition_id=workflow.definition_id,
        name=name,
        title=workflow.title,
        description=workflow.description,
        status=workflow.status,
        repository=workflow.repository,
        base_branch=workflow.base_branch,
        base_moved_to=workflow.base_moved_to,
        integration_branch=workflow.integration_branch,
        working_directory=workflow.working_directory,
        auto_merge=workflow.auto_merge,
        conflict_resolution=workflow.conflict_resolution,
        max_agents=workflow.max_agents,
        limits=limits_of(workflow).as_dict(),
        limits_reached=workflow.limits_reached,
        launch_params=workflow.launch_params,
        config=workflow.config,
        created_at=workflow.created_at,
        completed_at=workflow.completed_at,
        closed_reason=workflow.closed_reason,
        result_id=workflow.result_id,
        initial_task_id=workflow.initial_task_id,
        delivery=_delivery(workflow),
        condition=condition,
        ended_at=ended_at,
        duration_seconds=(until - workflow.created_at).total_seconds(),
        task_counts=dict(facts.tasks),
        live_tasks=facts.live_tasks,
        active_agents=facts.live_agents,
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


def _delivery(workflow: "Workflow") -> DeliveryView:
    check = workflow.delivery_check or {}
    outcome = check.get("outcome")
    return DeliveryView(
        status=workflow.delivery_status,
        reason=workflow.delivery_reason,
        commit=workflow.delivery_commit,
        check=None if outcome is None else CheckOutcome.from_dict(outcome),
        check_commit=None if outcome is None else check["commit"],
    )
