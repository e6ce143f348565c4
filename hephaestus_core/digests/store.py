"""What happened since a moment, in a constant number of statements, each bounded.

A crossing into the tables of all that can happen, which only reads.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from hephaestus_core.digests import rules
from hephaestus_core.digests.views import Decision

#: Attempts that are looked at; workflows in which only older ones ended are left out.
_MOST_ATTEMPTS: Final = 1000
#: Decisions of one kind that are read, for all workflows together.
_MOST_OF_KIND: Final = 200

#: Through the indexes by time. Whatever happens, it happens around the end of an attempt or of the
#: workflow.
_TOUCHED: Final = text("""
    SELECT workflow_id FROM (
        (SELECT workflow_id, now() AS at FROM agents WHERE ended_at IS NULL)
        UNION ALL
        (SELECT workflow_id, ended_at FROM agents WHERE ended_at > :since
         ORDER BY ended_at DESC LIMIT :attempts)
        UNION ALL
        (SELECT id, created_at FROM workflows WHERE created_at > :since
         ORDER BY created_at DESC LIMIT :most)
        UNION ALL
        (SELECT id, completed_at FROM workflows WHERE completed_at > :since
         ORDER BY completed_at DESC LIMIT :most)
    ) lately
    GROUP BY workflow_id ORDER BY max(at) DESC, workflow_id LIMIT :most
""")

_STRETCHES: Final = text("""
    SELECT worked.workflow_id, lower(stretch) AS begins, upper(stretch) AS ends
    FROM (
        SELECT workflow_id, range_agg(tstzrange(
                   greatest(started_at, :since), greatest(coalesce(ended_at, :now), started_at)
               )) AS stretches
        FROM agents
        WHERE workflow_id = ANY(:ids) AND (ended_at > :since OR ended_at IS NULL)
        GROUP BY workflow_id
    ) worked, unnest(worked.stretches) AS stretch
    ORDER BY worked.workflow_id, begins
""")

_ENDED: Final = text("""
    SELECT workflow_id, status, count(*) AS number FROM tasks
    WHERE workflow_id = ANY(:ids) AND status IN ('done', 'failed', 'cancelled')
      AND completed_at > :since
    GROUP BY workflow_id, status
""")

_MERGED: Final = text("""
    SELECT workflow_id, count(*) AS merges, coalesce(sum(insertions), 0) AS insertions,
           coalesce(sum(deletions), 0) AS deletions
    FROM merges
    WHERE workflow_id = ANY(:ids) AND status = 'merged' AND merged_at > :since
    GROUP BY workflow_id
""")

_USED: Final = text("""
    SELECT u.workflow_id, sum(u.dollars) AS dollars, sum(u.unpriced_tokens) AS unpriced_tokens
    FROM used_sums u JOIN agents a ON a.id = u.agent_id
    WHERE u.workflow_id = ANY(:ids)
      AND u.day >= (CAST(:since AS timestamptz) AT TIME ZONE 'UTC')::date
      AND (a.ended_at > :since OR a.ended_at IS NULL)
    GROUP BY u.workflow_id
""")

_DELIVERED: Final = text("""
    SELECT id AS workflow_id, base_branch, delivery_since AS delivered_at, auto_merge
    FROM workflows
    WHERE id = ANY(:ids) AND delivery_status = 'delivered' AND delivery_since > :since
""")

#: An index has the merges with conflicts by time.
_CONFLICTS: Final = text("""
    SELECT m.workflow_id, m.task_id, m.merged_at AS at, left(t.title, 120) AS title,
           jsonb_array_length(m.conflicts) AS files, left(m.conflicts->0->>'path', 120) AS path,
           m.conflicts->0->>'kept' AS kept, m.conflicts->0->>'ours_commit' AS ours,
           m.conflicts->0->>'theirs_commit' AS theirs
    FROM merges m JOIN tasks t ON t.id = m.task_id
    WHERE m.status = 'merged' AND m.conflicts <> '[]' AND m.merged_at > :since
      AND (CAST(:before AS timestamptz) IS NULL OR m.merged_at < :before)
      AND m.workflow_id = ANY(:ids)
    ORDER BY m.merged_at DESC, m.id LIMIT :most
""")
_DUPLICATES: Final = text("""
    SELECT t.workflow_id, t.id AS task_id, t.created_at AS at, left(t.title, 120) AS title,
           left(other.title, 120) AS original
    FROM tasks t JOIN tasks other ON other.id = t.duplicate_of
    WHERE t.workflow_id = ANY(:ids) AND t.status = 'duplicated' AND t.created_at > :since
      AND (CAST(:before AS timestamptz) IS NULL OR t.created_at < :before)
    ORDER BY t.created_at DESC, t.id LIMIT :most
""")
_INTERVENTIONS: Final = text("""
    SELECT i.workflow_id, i.task_id, i.sent_at AS at, i.action, left(i.cause, 120) AS cause,
           left(t.title, 120) AS title
    FROM interventions i JOIN tasks t ON t.id = i.task_id
    WHERE i.workflow_id = ANY(:ids) AND i.sent_at > :since
      AND (CAST(:before AS timestamptz) IS NULL OR i.sent_at < :before)
    ORDER BY i.sent_at DESC, i.id LIMIT :most
""")
_DECISIONS: Final[tuple[tuple[TextClause, Callable[[Any], Decision]], ...]] = (
    (_CONFLICTS, rules.conflict),
    (_DUPLICATES, rules.duplicate),
    (_INTERVENTIONS, rules.intervention),
)

_LAUNCHED: Final = text("SELECT EXISTS (SELECT FROM workflows)")

Stretch = tuple[datetime, datetime]


def touched(session: Session, since: datetime, *, most: int) -> list[UUID]:
    """Return the workflows in which something happened, that with the newest activity first."""
    given = {"since": since, "most": most, "attempts": _MOST_ATTEMPTS}
    return list(session.scalars(_TOUCHED, given))


def was_launched(session: Session) -> bool:
    """Say whether any workflow was ever launched."""
    return bool(session.scalars(_LAUNCHED).one())


def stretches(
    session: Session, ids: list[UUID], since: datetime, now: datetime
) -> dict[UUID, list[Stretch]]:
    """Return for each workflow when at least one agent was at work, oldest first."""
    found: dict[UUID, list[Stretch]] = defaultdict(list)
    for row in session.execute(_STRETCHES, {"ids": ids, "since": since, "now": now}):
        found[row.workflow_id].append((row.begins, row.ends))
    return found


def ended(session: Session, ids: list[UUID], since: datetime) -> dict[UUID, dict[str, int]]:
    """Return for each workflow how many tasks ended, by status."""
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in session.execute(_ENDED, {"ids": ids, "since": since}):
        found[row.workflow_id][row.status] = row.number
    return found


def merged(session: Session, ids: list[UUID], since: datetime) -> dict[UUID, Row[Any]]:
    """Return for each workflow the number of merges and of their lines."""
    return _each(session, _MERGED, ids, since)


def used(session: Session, ids: list[UUID], since: datetime) -> dict[UUID, Row[Any]]:
    """Return for each workflow what the attempts that were at work have cost."""
    return _each(session, _USED, ids, since)


def delivered(session: Session, ids: list[UUID], since: datetime) -> dict[UUID, Row[Any]]:
    """Return the workflows whose work went to their base branches, with the time."""
    return _each(session, _DELIVERED, ids, since)


def decisions(
    session: Session, ids: list[UUID], since: datetime, before: datetime | None = None
) -> dict[UUID, list[Decision]]:
    """Return for each workflow what was decided without a person, the newest first."""
    found: dict[UUID, list[Decision]] = defaultdict(list)
    given = {"ids": ids, "since": since, "before": before, "most": _MOST_OF_KIND}
    for query, told in _DECISIONS:
        for row in session.execute(query, given):
            found[row.workflow_id].append(told(row))
    for each in found.values():
        each.sort(key=lambda decision: decision.at, reverse=True)
    return found


def _each(
    session: Session, query: TextClause, ids: list[UUID], since: datetime
) -> dict[UUID, Row[Any]]:
    rows = session.execute(query, {"ids": ids, "since": since})
    return {row.workflow_id: row for row in rows}
