"""Failed tasks about which nobody has decided."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.attention.sources.bounds import MOST
from hephaestus_core.attention.views import Found
from hephaestus_core.contract.attention import Act, AttentionKind, Severity
from hephaestus_core.contract.conditions import Condition

#: A workflow that is closed, or has its result, needs none of them.
_FAILED: Final = text("""
    SELECT t.id, t.workflow_id, t.agent_id, t.attempt, left(t.title, 200) AS title,
           left(t.failure_reason, 400) AS reason, t.failure_class, t.completed_at,
           EXISTS (
               SELECT FROM task_dependencies d JOIN tasks p ON p.id = d.task_id
               JOIN tasks named ON named.id = d.after_id
               WHERE (named.id = t.id OR named.duplicate_of = t.id)
                 AND p.status = 'pending'
           ) AS blocks
    FROM workflows w CROSS JOIN LATERAL (
        SELECT * FROM tasks t
        WHERE t.workflow_id = w.id AND t.status = 'failed' AND t.kind <> 'diagnosis'
        ORDER BY t.completed_at LIMIT :most
    ) t
    WHERE w.status = 'active' AND w.result_id IS NULL
    ORDER BY t.completed_at, t.id LIMIT :most
""")


def find(session: Session) -> Iterator[Found]:
    """Yield the failed tasks of open workflows; those that others come after are blockers.

    A diagnosis that failed is followed by another one, or by an item of its own.
    """
    for row in session.execute(_FAILED, {"most": MOST}):
        yield Found(
            kind=AttentionKind.TASK_FAILED,
            condition=Condition.WAITS_FOR_YOU,
            severity=Severity.BLOCKER if row.blocks else Severity.WARNING,
            subject=str(row.id),
            occurrence=str(row.attempt),
            since=row.completed_at,
            title=f"Decide about “{row.title}”, which failed",
            evidence=f"{_class(row.failure_class)}: {row.reason or 'no reason was given'}",
            workflow_id=row.workflow_id,
            task_id=row.id,
            agent_id=row.agent_id,
            acts={Act.RESTART: row.id},
            dismissable=True,
        )


def _class(failure_class: str | None) -> str:
    return (failure_class or "failed").replace("_", " ")
