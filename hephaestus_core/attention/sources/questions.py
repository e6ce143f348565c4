"""Questions of agents that nobody has answered."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.attention.sources.bounds import MOST
from hephaestus_core.attention.views import Found
from hephaestus_core.contract.attention import Act, AttentionKind, Severity
from hephaestus_core.contract.conditions import Condition

_OPEN: Final = text("""
    SELECT q.id, q.workflow_id, q.task_id, q.agent_id, left(q.text, 500) AS text, q.options,
           q.asked_at, q.expires_at, left(t.title, 200) AS title, t.status = 'blocked' AS parked
    FROM questions q JOIN tasks t ON t.id = q.task_id
    WHERE q.status = 'open' ORDER BY q.asked_at, q.id LIMIT :most
""")


def find(session: Session) -> Iterator[Found]:
    """Yield the open questions; those for whose answer a task waits are blockers."""
    for row in session.execute(_OPEN, {"most": MOST}):
        yield Found(
            kind=AttentionKind.QUESTION,
            condition=Condition.WAITS_FOR_YOU,
            severity=Severity.BLOCKER if row.parked else Severity.WARNING,
            subject=str(row.id),
            since=row.asked_at,
            until=row.expires_at,
            title=f"Answer a question about “{row.title}”",
            evidence=row.text,
            workflow_id=row.workflow_id,
            task_id=row.task_id,
            agent_id=row.agent_id,
            acts={Act.ANSWER: row.id},
            options=tuple(row.options),
        )
