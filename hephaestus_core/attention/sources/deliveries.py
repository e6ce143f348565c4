"""Workflows whose work is to go to the base branch, and waits for a person."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.attention.sources.bounds import MOST
from hephaestus_core.attention.views import Found
from hephaestus_core.contract.attention import Act, AttentionKind, Severity
from hephaestus_core.contract.conditions import Condition
from hephaestus_core.contract.statuses import DeliveryStatus

_WAITING: Final = text("""
    SELECT w.id, left(w.title, 200) AS title, w.base_branch, w.base_moved_to, w.delivery_status,
           left(w.delivery_reason, 400) AS reason, w.delivery_round, w.status = 'active' AS active,
           w.delivery_check->'outcome'->>'status' = 'failed' AS red,
           coalesce(CASE WHEN w.base_moved_to IS NULL THEN w.delivery_since
                    ELSE w.base_moved_at END, w.created_at) AS since,
           d.files, d.insertions, d.deletions, d.commit
    FROM workflows w LEFT JOIN diffs d ON d.subject_id = w.id
    WHERE w.delivery_status IN ('awaiting_approval', 'conflict', 'held')
       OR w.base_moved_to IS NOT NULL
    ORDER BY since, w.id LIMIT :most
""")


def find(session: Session) -> Iterator[Found]:
    """Yield the deliveries that wait; the host tries a held one again by itself."""
    for row in session.execute(_WAITING, {"most": MOST}):
        kind, title, evidence, approvable = _told(row)
        acts = {Act.APPROVE: row.id} if approvable else {}
        yield Found(
            kind=kind,
            condition=Condition.WAITS_FOR_YOU,
            severity=Severity.BLOCKER,
            subject=str(row.id),
            occurrence=row.base_moved_to or f"{row.delivery_round} {row.since.isoformat()}",
            since=row.since,
            title=title,
            evidence=evidence,
            workflow_id=row.id,
            acts=acts | ({Act.STOP: row.id} if row.active else {}),
            commit=row.commit,
            link=f"/workflows/{row.id}" if row.base_moved_to else f"/workflows/{row.id}/approve",
        )


def _told(row: Any) -> tuple[AttentionKind, str, str, bool]:
    """Return kind, title and evidence, and whether an approval lets it go on."""
    if row.base_moved_to is not None:
        text_ = f"{row.base_branch} is now at {row.base_moved_to[:12]}, not ahead of before."
        title = f"Go on with {row.base_branch} as it was moved, for “{row.title}”"
        return AttentionKind.BASE_MOVED, title, text_, True
    if row.delivery_status == DeliveryStatus.AWAITING_APPROVAL:
        title = f"Approve “{row.title}” for {row.base_branch}"
        return AttentionKind.APPROVAL, title, row.reason or _extent(row), True
    if row.delivery_status == DeliveryStatus.CONFLICT:
        title = f"“{row.title}” conflicts with {row.base_branch}"
        return AttentionKind.DELIVERY_CONFLICT, title, row.reason or _extent(row), True
    title = f"“{row.title}” cannot be brought to {row.base_branch} now"
    return AttentionKind.DELIVERY_HELD, title, row.reason or "It is tried again.", bool(row.red)


def _extent(row: Any) -> str:
    if row.files is None:
        return "All of its work is merged."
    files = "1 changed file" if row.files == 1 else f"{row.files} changed files"
    return f"{files}, +{row.insertions} −{row.deletions}."
