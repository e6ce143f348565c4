"""The tasks of a phase in its present round; joins the open transaction."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.tasks.states import WITHDRAWN
from hephaestus_core.workflows import store as workflows

_IN_ROUND: Final = text("""
    SELECT count(*) FROM tasks
    WHERE workflow_id = :workflow_id AND phase_id = :phase_id AND kind = 'work'
    AND NOT status = ANY(:withdrawn) AND created_at > coalesce((
        SELECT max(created_at) FROM join_rounds
        WHERE workflow_id = :workflow_id AND phase_id = ANY(:joins) AND task_id IS NOT NULL
    ), '-infinity')
""")


def tasks_in_round(session: Session, workflow_id: UUID, phase_id: int) -> int:
    """Return how many tasks a phase has, those that failed or were withdrawn left out.

    Only those count that were created since a join of the phase was last started.
    """
    joins = [p.phase_id for p in workflows.phases(session, workflow_id) if _joins(p.spec, phase_id)]
    values = {
        "workflow_id": workflow_id,
        "phase_id": phase_id,
        "joins": joins,
        "withdrawn": list(WITHDRAWN),
    }
    return int(session.execute(_IN_ROUND, values).scalar_one())


def _joins(spec: dict[str, object], phase_id: int) -> bool:
    joined = spec.get("join")
    return isinstance(joined, list) and phase_id in joined
