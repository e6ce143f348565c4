"""Workflows whose agents are in each other's way."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.attention.sources.bounds import MOST
from hephaestus_core.attention.views import Found
from hephaestus_core.contract.attention import Act, AttentionKind, Severity
from hephaestus_core.contract.conditions import Condition

#: Open rows stand in an index of their own.
_LOW: Final = text("""
    SELECT c.workflow_id, c.coherence, c.agents, c.low_since, left(w.title, 200) AS title,
           left(c.findings->0->>'detail', 300) AS first, jsonb_array_length(c.findings) AS findings
    FROM coherences c JOIN workflows w ON w.id = c.workflow_id
    WHERE c.low_since IS NOT NULL AND w.status = 'active'
    ORDER BY c.low_since LIMIT :most
""")


def find(session: Session) -> Iterator[Found]:
    """Yield the workflows whose coherence is low."""
    for row in session.execute(_LOW, {"most": MOST}):
        first = row.first or "Most of its agents do not get on."
        yield Found(
            kind=AttentionKind.COHERENCE_LOW,
            condition=Condition.WAITS_FOR_YOU,
            severity=Severity.WARNING,
            subject=str(row.workflow_id),
            occurrence=row.low_since.isoformat(),
            since=row.low_since,
            title=f"The {row.agents} agents of “{row.title}” do not get along",
            evidence=f"coherence {row.coherence:.2f}, {row.findings} findings: {first}",
            workflow_id=row.workflow_id,
            acts={Act.STOP: row.workflow_id},
            dismissable=True,
        )
