"""Merges into integration branches that need a person."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.attention.sources.bounds import MOST
from hephaestus_core.attention.views import Found
from hephaestus_core.changes.rules import LEFT_TO_PEOPLE
from hephaestus_core.contract.attention import AttentionKind, Severity
from hephaestus_core.contract.conditions import Condition
from hephaestus_core.contract.statuses import MergeStatus

#: Those that are not done stand in an index of their own; they are few.
_OPEN: Final = text("""
    SELECT m.id, m.workflow_id, m.task_id, m.agent_id, m.status, m.branch, m.created_at,
           left(m.reason, 400) AS reason, w.integration_branch, left(t.title, 200) AS title
    FROM merges m JOIN workflows w ON w.id = m.workflow_id JOIN tasks t ON t.id = m.task_id
    WHERE m.status IN ('pending', 'conflict') AND (
        m.held_at IS NOT NULL
        OR (m.status = 'conflict' AND w.status = 'active'
            AND (w.conflict_resolution = 'manual' OR m.reason = :left))
    )
    ORDER BY m.created_at, m.id LIMIT :most
""")


def find(session: Session) -> Iterator[Found]:
    """Yield conflicts left to people, and merges that an obstacle holds."""
    for row in session.execute(_OPEN, {"most": MOST, "left": LEFT_TO_PEOPLE}):
        conflict = row.status == MergeStatus.CONFLICT
        hand = f"Merge {row.branch} into {row.integration_branch} by hand; it goes on by itself."
        yield Found(
            kind=AttentionKind.MERGE_CONFLICT if conflict else AttentionKind.MERGE_HELD,
            condition=Condition.WAITS_FOR_YOU,
            severity=Severity.BLOCKER,
            subject=str(row.id),
            since=row.created_at,
            title=f"The work of “{row.title}” "
            + ("conflicts with what was merged before" if conflict else "cannot be merged now"),
            evidence=hand if conflict else row.reason or "It is tried again.",
            workflow_id=row.workflow_id,
            task_id=row.task_id,
            agent_id=row.agent_id,
        )
