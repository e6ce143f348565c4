"""Workflows that stand still again after the last diagnosis that they may have."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.attention.sources.bounds import MOST
from hephaestus_core.attention.views import Found
from hephaestus_core.conditions.still import without_headway
from hephaestus_core.contract.attention import Act, AttentionKind, Severity
from hephaestus_core.contract.conditions import Condition
from hephaestus_core.contract.limits import Limits

#: Few, since a workflow has few runs: each with its last.
_USED_UP: Final = text("""
    SELECT w.id, last.number, last.status, last.ended_at, left(last.report, 300) AS report
    FROM workflows w CROSS JOIN LATERAL (
        SELECT d.* FROM diagnoses d WHERE d.workflow_id = w.id ORDER BY d.number DESC LIMIT 1
    ) last
    WHERE w.status = 'active' AND last.ended_at IS NOT NULL
      AND last.number >= coalesce((w.limits->>'diagnoses_per_workflow')::int, :usual)
    ORDER BY last.ended_at LIMIT :most
""")


def find(session: Session) -> Iterator[Found]:
    """Yield the workflows that stand still though they have had all of their diagnoses."""
    given = {"most": MOST, "usual": Limits().diagnoses_per_workflow}
    last = {row.id: row for row in session.execute(_USED_UP, given)}
    if not last:
        return
    for still in without_headway(session, most=MOST, only=list(last)):
        row = last[still.id]
        if still.condition.name == Condition.STANDS_STILL:
            yield Found(
                kind=AttentionKind.DIAGNOSES_USED_UP,
                condition=Condition.STANDS_STILL,
                severity=Severity.BLOCKER,
                subject=str(row.id),
                occurrence=str(row.number),
                since=row.ended_at,
                title=f"“{still.title}” has had all of its {row.number} diagnoses",
                evidence=f"the last one {row.status}: {row.report or 'no report'}",
                workflow_id=row.id,
                acts={Act.STOP: row.id},
                dismissable=True,
            )
