"""Hosts that are silent, refuse work, have a wrong clock, are not watched, or do not hear."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.attention.sources.bounds import MOST
from hephaestus_core.attention.views import Found
from hephaestus_core.contract.attention import AttentionKind, Severity
from hephaestus_core.contract.conditions import Condition

_SILENT: Final = text("""
    SELECT name, last_seen_at AS since, '' AS repository,
           (SELECT count(*) FROM agents a WHERE a.host = name AND a.released_at IS NULL) AS agents
    FROM hosts WHERE status = 'lost' OR lease_expires_at <= now() ORDER BY since LIMIT :most
""")
_UNWELL: Final = text("""
    SELECT host AS name, cause, repository, left(reason, 400) AS reason, next_try_at,
           coalesce(unwell_since, failed_at) AS since
    FROM host_faults WHERE status = 'unwell' ORDER BY since LIMIT :most
""")
_CLOCKS: Final = text("""
    SELECT name, clock_wrong_since AS since, clock_ahead_seconds AS ahead
    FROM hosts WHERE status = 'active' AND clock_wrong_since IS NOT NULL LIMIT :most
""")
_UNWATCHED: Final = text("""
    SELECT name, sweep_alarm_since AS since, left(sweep_alarm, 400) AS alarm FROM hosts
    WHERE status = 'active' AND lease_expires_at > now() AND sweep_alarm_since IS NOT NULL
    ORDER BY since LIMIT :most
""")
_DEAF: Final = text("""
    SELECT name, canary_alarm_since AS since, canary_alarm AS alarm FROM hosts
    WHERE status = 'active' AND lease_expires_at > now() AND canary_alarm_since IS NOT NULL
    ORDER BY since LIMIT :most
""")


def find(session: Session) -> Iterator[Found]:
    """Yield what people have to see to on machines."""
    for row in session.execute(_SILENT, {"most": MOST}):
        held = f"; it had {row.agents} agents" if row.agents else ""
        evidence = f"Last seen at {_at(row.since)}{held}."
        yield _of(AttentionKind.HOST_SILENT, row, f"Host {row.name} is silent", evidence)
    for row in session.execute(_UNWELL, {"most": MOST}):
        what = f" tasks on {row.repository}" if row.repository else " agents"
        again = f" Tries again at {_at(row.next_try_at)}." if row.next_try_at else ""
        title = f"Host {row.name} starts no{what}"
        subject = f"{row.name}|{row.cause}|{row.repository}"
        evidence = f"{row.reason.rstrip('.')}.{again}"
        yield _of(AttentionKind.HOST_UNWELL, row, title, evidence, subject)
    for row in session.execute(_CLOCKS, {"most": MOST}):
        way = "ahead of" if row.ahead > 0 else "behind"
        evidence = f"It is {abs(row.ahead):.0f} s {way} the database's."
        yield _of(AttentionKind.CLOCK_WRONG, row, f"The clock of {row.name} is wrong", evidence)
    for row in session.execute(_UNWATCHED, {"most": MOST}):
        title = f"Not all agents of {row.name} are watched"
        yield _of(AttentionKind.HOST_UNWATCHED, row, title, row.alarm)
    for row in session.execute(_DEAF, {"most": MOST}):
        title = f"Host {row.name} does not hear its queue"
        yield _of(AttentionKind.HOST_DEAF, row, title, row.alarm)


def _of(
    kind: AttentionKind, row: Any, title: str, evidence: str, subject: str | None = None
) -> Found:
    return Found(
        kind=kind,
        condition=Condition.STANDS_STILL,
        severity=Severity.WARNING,
        subject=subject or row.name,
        occurrence=row.since.isoformat(),
        since=row.since,
        title=title,
        evidence=evidence,
        host=row.name,
        dismissable=True,
    )


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
