"""Channels that do not take their messages."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.attention.views import Found
from hephaestus_core.contract.attention import AttentionKind, Severity
from hephaestus_core.contract.conditions import Condition

#: One that no worker has configured any more is no news. A short failure is mended by the next try.
_FAILING: Final = text("""
    SELECT name, left(trouble, 300) AS trouble, failing_since AS since FROM notification_channels
    WHERE failing_since < now() - interval '1 minute' AND seen_at > now() - interval '10 minutes'
    ORDER BY name
""")


def find(session: Session) -> Iterator[Found]:
    """Yield the channels whose last try failed, and that have failed for a minute."""
    for row in session.execute(_FAILING):
        yield Found(
            kind=AttentionKind.CHANNEL_FAILING,
            condition=Condition.STANDS_STILL,
            severity=Severity.WARNING,
            subject=row.name,
            occurrence=row.since.isoformat(),
            since=row.since,
            title=f"The channel {row.name} takes no notifications",
            evidence=f"{row.trouble}. After mending it, run: hephaestus notify test {row.name}",
            dismissable=True,
        )
