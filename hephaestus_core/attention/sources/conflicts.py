"""Files of which merges have kept one version, so that another one is not in the branch."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.attention.sources.bounds import MOST
from hephaestus_core.attention.views import Found
from hephaestus_core.contract.attention import AttentionKind, Severity
from hephaestus_core.contract.conditions import Condition

#: Older ones are in the account of their workflow; an index has those with conflicts by time.
_KEPT: Final = text("""
    SELECT m.id, m.workflow_id, m.task_id, m.agent_id, m.merged_at, left(t.title, 200) AS title,
           m.branch, m.commit, jsonb_array_length(m.conflicts) AS files,
           left(m.conflicts->0->>'path', 200) AS path, m.conflicts->0->>'kept' AS kept,
           m.conflicts->0->>'ours_commit' AS ours, m.conflicts->0->>'theirs_commit' AS theirs
    FROM merges m JOIN tasks t ON t.id = m.task_id
    WHERE m.status = 'merged' AND m.conflicts <> '[]' AND m.merged_at > now() - interval '7 days'
    ORDER BY m.merged_at, m.id LIMIT :most
""")


def find(session: Session) -> Iterator[Found]:
    """Yield the merges of the last week that have decided between two versions of a file."""
    for row in session.execute(_KEPT, {"most": MOST}):
        if row.kept not in {"ours", "theirs"}:
            continue
        mine = row.kept == "theirs"
        lost = (row.ours if mine else row.theirs) or ""
        more = f" (and {row.files - 1} more)" if row.files > 1 else ""
        kept = "this task's version" if mine else "the version that was merged before"
        yield Found(
            kind=AttentionKind.CONFLICT_KEPT,
            condition=Condition.WAITS_FOR_YOU,
            severity=Severity.NOTICE,
            subject=str(row.id),
            occurrence=row.commit or "",
            since=row.merged_at,
            title=f"One of two versions of {row.path}{more} was kept, for “{row.title}”",
            evidence=f"Kept {kept}; the other one is in commit {lost[:12] or 'unknown'}.",
            workflow_id=row.workflow_id,
            task_id=row.task_id,
            agent_id=row.agent_id,
            dismissable=True,
            link=f"/tasks/{row.task_id}/diff",
        )
