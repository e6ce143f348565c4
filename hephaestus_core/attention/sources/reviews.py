"""Work that a person is to judge."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.attention.sources.bounds import MOST
from hephaestus_core.attention.views import Found
from hephaestus_core.contract.attention import Act, AttentionKind, Severity
from hephaestus_core.contract.conditions import Condition

_AWAITED: Final = text("""
    SELECT r.id, r.workflow_id, r.task_id, r.agent_id, r.commit, left(r.reason, 500) AS reason,
           coalesce(r.checked_at, r.created_at) AS since, left(t.title, 200) AS title
    FROM reviews r JOIN tasks t ON t.id = r.task_id
    WHERE r.status = 'person_review' ORDER BY since, r.id LIMIT :most
""")


def find(session: Session) -> Iterator[Found]:
    """Yield the reviews that wait for a person."""
    for row in session.execute(_AWAITED, {"most": MOST}):
        yield Found(
            kind=AttentionKind.REVIEW,
            condition=Condition.WAITS_FOR_YOU,
            severity=Severity.BLOCKER,
            subject=str(row.id),
            since=row.since,
            title=f"Judge the work of “{row.title}”",
            evidence=row.reason or f"Commit {row.commit[:12]} waits for a verdict.",
            workflow_id=row.workflow_id,
            task_id=row.task_id,
            agent_id=row.agent_id,
            acts={Act.PASS: row.task_id, Act.SEND_BACK: row.task_id},
            commit=row.commit,
            link=f"/tasks/{row.task_id}/diff",
        )
