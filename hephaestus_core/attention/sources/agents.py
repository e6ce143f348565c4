"""Live agents that by the Guardian's verdict get nowhere, or that it cannot see."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.attention.sources.bounds import MOST
from hephaestus_core.attention.views import Found
from hephaestus_core.contract.attention import Act, AttentionKind, Severity
from hephaestus_core.contract.conditions import Condition

#: Verdicts of which a person may want to know at once. For the others the Guardian has an end of
#: its own, such as another attempt; they are news only if that does not come.
_AT_ONCE: Final = ["failing_repeatedly", "looping", "hung", "never_started", "unknown"]
_LATER: Final = ["idle_unreported", "dead"]
_WORDS: Final = {
    "failing_repeatedly": "meets the same error again and again",
    "looping": "does the same again and again",
    "hung": "hangs",
    "never_started": "has not started",
    "idle_unreported": "is idle without a report",
    "dead": "is dead, but has not been ended",
    "unknown": "cannot be seen",
}

#: Live agents are few.
_WATCHED: Final = text("""
    SELECT a.id, a.workflow_id, a.task_id, a.host, left(t.title, 200) AS title, v.verdict,
           left(array_to_string(v.evidence, '; '), 400) AS evidence,
           coalesce(v.silent_since, v.last_tool_at, a.started_at) AS since
    FROM agents a JOIN agent_watches v ON v.agent_id = a.id JOIN tasks t ON t.id = a.task_id
    WHERE a.ended_at IS NULL AND a.status IN ('starting', 'working', 'idle')
      AND (a.fine_until IS NULL OR a.fine_until <= now())
      AND (v.verdict = ANY(:at_once)
           OR (v.verdict = ANY(:later)
               AND coalesce(v.silent_since, a.started_at) < now() - interval '10 minutes'))
    ORDER BY since, a.id LIMIT :most
""")


def find(session: Session) -> Iterator[Found]:
    """Yield the agents that get nowhere; each verdict of an agent is one occurrence."""
    given = {"most": MOST, "at_once": _AT_ONCE, "later": _LATER}
    for row in session.execute(_WATCHED, given):
        unseen = row.verdict == "unknown"
        yield Found(
            kind=AttentionKind.AGENT_UNSEEN if unseen else AttentionKind.AGENT_STUCK,
            condition=Condition.STANDS_STILL,
            severity=Severity.WARNING,
            subject=str(row.id),
            occurrence=row.verdict,
            since=row.since,
            title=f"The agent of “{row.title}” {_WORDS[row.verdict]}",
            evidence=row.evidence or "The Guardian names no evidence.",
            workflow_id=row.workflow_id,
            task_id=row.task_id,
            agent_id=row.id,
            host=row.host,
            acts={Act.CANCEL: row.task_id},
            dismissable=True,
        )
