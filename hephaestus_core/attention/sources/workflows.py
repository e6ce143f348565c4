"""Workflows that stand still short of their goal, by their condition."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from hephaestus_core.attention.sources.bounds import MOST
from hephaestus_core.attention.views import Found
from hephaestus_core.conditions.still import without_headway
from hephaestus_core.contract.attention import Act, AttentionKind, Severity
from hephaestus_core.contract.conditions import Cause, Condition

if TYPE_CHECKING:
    from hephaestus_core.conditions.still import Still
    from hephaestus_core.conditions.views import ConditionView


def find(session: Session) -> Iterator[Found]:
    """Yield the workflows that stand still, and those whose rounds are used up."""
    return (_found(each) for each in without_headway(session, most=MOST) if _is_told(each))


def _is_told(still: "Still") -> bool:
    """Say whether it is news: most of what waits for a person has a source of its own."""
    condition = still.condition
    return condition.name == Condition.STANDS_STILL or _used_up(condition)


def _used_up(condition: "ConditionView") -> bool:
    return condition.cause == Cause.ROUNDS_USED_UP


def _found(still: "Still") -> Found:
    condition, used_up = still.condition, _used_up(still.condition)
    return Found(
        kind=AttentionKind.ROUNDS_USED_UP if used_up else AttentionKind.WORKFLOW_STILL,
        condition=condition.name,
        severity=Severity.BLOCKER,
        subject=str(still.id),
        occurrence=f"{condition.cause} {still.since.isoformat()}",
        since=still.since,
        until=condition.until,
        title=f"“{still.title}” "
        + ("needs a decision" if used_up else "stands still short of its goal"),
        evidence=condition.reason,
        workflow_id=still.id,
        acts={Act.STOP: still.id},
        dismissable=True,
    )
