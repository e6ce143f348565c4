"""Work of agents that could not be saved yet."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.attention.sources.bounds import MOST
from hephaestus_core.attention.views import Found
from hephaestus_core.contract.attention import AttentionKind, Severity
from hephaestus_core.contract.conditions import Condition

_UNSAVED: Final = text("""
    SELECT a.id, a.workflow_id, a.task_id, a.host, a.unsaved_since,
           left(a.failure_reason, 400) AS reason, left(t.title, 200) AS title
    FROM agents a JOIN tasks t ON t.id = a.task_id
    WHERE a.unsaved_since IS NOT NULL ORDER BY a.unsaved_since, a.id LIMIT :most
""")


def find(session: Session) -> Iterator[Found]:
    """Yield the agents whose last work is still on their host alone."""
    for row in session.execute(_UNSAVED, {"most": MOST}):
        why = f": {row.reason}" if row.reason else ""
        yield Found(
            kind=AttentionKind.WORK_UNSAVED,
            condition=Condition.STANDS_STILL,
            severity=Severity.WARNING,
            subject=str(row.id),
            occurrence=row.unsaved_since.isoformat(),
            since=row.unsaved_since,
            title=f"Work of “{row.title}” is not saved yet",
            evidence=f"It is in its worktree on {row.host}, which tries again{why}",
            workflow_id=row.workflow_id,
            task_id=row.task_id,
            agent_id=row.id,
            host=row.host,
        )
