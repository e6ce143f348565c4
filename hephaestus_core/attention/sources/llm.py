"""The system's own calls to models, when they fail."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.attention.views import Found
from hephaestus_core.contract.attention import AttentionKind, Severity
from hephaestus_core.contract.conditions import Condition

#: Failures of the last hour since the last answer, per model; by the index on the time.
_FAILING: Final = text("""
    WITH recent AS (
        SELECT provider, model, outcome, started_at,
               max(started_at) FILTER (WHERE outcome = 'answered')
                   OVER (PARTITION BY provider, model) AS answered_at
        FROM llm_calls WHERE started_at > now() - interval '1 hour' AND outcome IS NOT NULL
    )
    SELECT provider, model, count(*) AS calls, min(started_at) AS since,
           (array_agg(outcome ORDER BY started_at DESC))[1] AS outcome
    FROM recent WHERE answered_at IS NULL OR started_at > answered_at
    GROUP BY provider, model HAVING count(*) >= :enough ORDER BY since
""")
#: One that fails alone says little.
_ENOUGH: Final = 3


def find(session: Session) -> Iterator[Found]:
    """Yield the models that have failed several times since they answered last."""
    for row in session.execute(_FAILING, {"enough": _ENOUGH}):
        yield Found(
            kind=AttentionKind.LLM_FAILING,
            condition=Condition.STANDS_STILL,
            severity=Severity.WARNING,
            subject=f"{row.provider}|{row.model}",
            occurrence=f"{row.since:%Y-%m-%d}",
            since=row.since,
            title=f"Calls to {row.provider} {row.model} fail",
            evidence=f"{row.calls} calls since the last answer; the newest: {row.outcome}.",
            dismissable=True,
        )
