"""Queries of an outline, each with a bound; functions join the open session."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from hephaestus_core.contract.signs import Sign
from hephaestus_core.contract.statuses import TaskStatus as S
from hephaestus_core.outline.rules import PAGE
from hephaestus_core.tasks.states import LIVE

#: Tasks that are live or failed, or that match a filter, on one page.
MOST_FOUND: Final = 50
#: Tasks that wait their turn, beside those.
_MOST_WAITING: Final = 10
#: Levels of creators above each of them.
_LEVELS: Final = 6
#: Tasks of a workflow that is unfolded as a whole.
_FEW: Final = 60

_HELD: Final = (S.ASSIGNED, S.IN_PROGRESS, S.NEEDS_WORK)
#: The statuses among which the tasks of each sign are.
_AMONG: Final[dict[Sign, tuple[S, ...]]] = {
    Sign.WAITS_FOR_YOU: (S.BLOCKED, S.UNDER_REVIEW, *_HELD),
    Sign.STANDS_STILL: _HELD,
    Sign.AT_WORK: (S.UNDER_REVIEW, *_HELD),
    Sign.WAITS_ITS_TURN: (S.PENDING, S.QUEUED, *_HELD),
    Sign.DONE: (S.DONE,),
    Sign.FAILED: (S.FAILED,),
    Sign.STOPPED: (S.CANCELLED, S.DUPLICATED),
}
_OPEN: Final = sorted({*LIVE, S.FAILED})

#: Tasks with their signs: by the status, and by what is open about it, which is a person's review
#: or the verdict on its agent.
SIGNED_TASKS: Final = """(
    SELECT t.*,
        CASE WHEN t.status = 'blocked' THEN 'waits_for_you'
             WHEN t.status = 'under_review' AND EXISTS (
                 SELECT FROM reviews r WHERE r.task_id = t.id AND r.status = 'person_review'
             ) THEN 'waits_for_you'
             WHEN t.status IN ('assigned', 'in_progress', 'needs_work') THEN coalesce((
                 SELECT CASE WHEN v.verdict IN ('working', 'long_command') THEN 'at_work'
                             WHEN v.verdict = 'waiting_for_person' THEN 'waits_for_you'
                             WHEN v.verdict = 'limited' THEN 'waits_its_turn'
                             WHEN a.fine_until > now() OR v.verdict IS NULL THEN 'at_work'
                             ELSE 'stands_still' END
                 FROM agent_watches v JOIN agents a ON a.id = v.agent_id
                 WHERE v.agent_id = t.agent_id
             ), 'at_work')
             WHEN t.status = 'under_review' THEN 'at_work'
             WHEN t.status IN ('pending', 'queued') THEN 'waits_its_turn'
             WHEN t.status IN ('done', 'failed') THEN t.status
             ELSE 'stopped' END AS sign
    FROM tasks t
)"""

_FRONTIER: Final = text("""
    SELECT id, found FROM (
        SELECT t.id, count(*) OVER () AS found, s.waits,
               row_number() OVER (
                   PARTITION BY s.waits
                   ORDER BY t.status = 'blocked' DESC, t.status = 'failed', t.created_at, t.id
               ) AS place
        FROM tasks t CROSS JOIN LATERAL (
            SELECT t.status IN ('pending', 'queued') AS waits
        ) s
        WHERE t.workflow_id = :workflow_id AND t.status = ANY(:open)
    ) ranked
    WHERE place <= CASE WHEN waits THEN :most_waiting ELSE :most END
""")
_FEW_TASKS: Final = text("SELECT id FROM tasks WHERE workflow_id = :workflow_id LIMIT :most")
_MATCHING: Final = text(f"""
    SELECT t.id, count(*) OVER () AS found FROM {SIGNED_TASKS} t
    WHERE t.workflow_id = :workflow_id
      AND (CAST(:sign AS text) IS NULL OR (t.status = ANY(:among) AND t.sign = :sign))
      AND (CAST(:phase_id AS int) IS NULL OR t.phase_id = :phase_id)
      AND (:words = '' OR position(lower(:words) IN lower(t.title)) > 0
           OR starts_with(t.id::text, lower(:words)))
    ORDER BY t.created_at, t.id LIMIT :most OFFSET :skipped
""")  # noqa: S608 - ours
_ABOVE: Final = text("""
    WITH RECURSIVE above(id, parent_id, level) AS (
        SELECT id, parent_task_id, 0 FROM tasks WHERE id = ANY(:ids)
        UNION
        SELECT t.id, t.parent_task_id, a.level + 1
        FROM above a JOIN tasks t ON t.id = a.parent_id WHERE a.level < :levels
    )
    SELECT DISTINCT id FROM above
""")
_ROOTS: Final = text("""
    SELECT id, count(*) OVER () AS found FROM tasks
    WHERE workflow_id = :workflow_id AND parent_task_id IS NULL
    ORDER BY created_at, id LIMIT :most OFFSET :skipped
""")
_CHILDREN: Final = text("""
    SELECT c.id FROM unnest(CAST(:parents AS uuid[]), CAST(:skipped AS int[])) AS o(parent, skipped)
    CROSS JOIN LATERAL (
        SELECT id FROM tasks WHERE parent_task_id = o.parent
        ORDER BY created_at, id LIMIT :most OFFSET o.skipped
    ) c
""")
_TASKS: Final = text(f"""
    SELECT t.id, t.parent_task_id AS parent_id, t.depth, t.phase_id, t.kind, t.title, t.status,
           t.sign, t.attempt, a.program, a.host, t.created_by, t.created_at,
           t.started_at, t.completed_at, left(coalesce(t.failure_reason, t.summary), 200) AS note,
           t.merge_commit, t.duplicate_of, coalesce(c.number, 0) AS children
    FROM {SIGNED_TASKS} t LEFT JOIN agents a ON a.id = t.agent_id
    LEFT JOIN (
        SELECT parent_task_id, count(*) AS number FROM tasks
        WHERE parent_task_id = ANY(:ids) GROUP BY parent_task_id
    ) c ON c.parent_task_id = t.id
    WHERE t.workflow_id = :workflow_id AND t.id = ANY(:ids)
""")  # noqa: S608 - ours


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What an outline is filtered by; nothing of it: it shows what is live or failed."""

    words: str = ""
    """In the title, or at the beginning of the id."""
    sign: Sign | None = None
    phase_id: int | None = None
    page: int = 1

    @property
    def is_filter(self) -> bool:
        """Return whether it asks for certain tasks."""
        return bool(self.words or self.sign or self.phase_id is not None)


def all_if_few(session: Session, workflow_id: UUID) -> list[UUID] | None:
    """Return all tasks of a workflow; None if these are too many for a page."""
    given = {"workflow_id": workflow_id, "most": _FEW + 1}
    found = list(session.scalars(_FEW_TASKS, given))
    return found if len(found) <= _FEW else None


def frontier(session: Session, workflow_id: UUID) -> tuple[list[UUID], int]:
    """Return the first tasks that are live or failed, and how many there are."""
    given = {
        "workflow_id": workflow_id,
        "open": _OPEN,
        "most": MOST_FOUND,
        "most_waiting": _MOST_WAITING,
    }
    return _found(session.execute(_FRONTIER, given))


def matching(session: Session, workflow_id: UUID, wanted: Wanted) -> tuple[list[UUID], int]:
    """Return a page of the tasks that match, oldest first, and how many there are."""
    given = {
        "workflow_id": workflow_id,
        "sign": wanted.sign,
        "among": sorted(_AMONG[wanted.sign]) if wanted.sign else [],
        "phase_id": wanted.phase_id,
        "words": wanted.words,
        "most": MOST_FOUND,
        "skipped": (wanted.page - 1) * MOST_FOUND,
    }
    return _found(session.execute(_MATCHING, given))


def with_creators(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Return the tasks, and those whose agents created them, up to six levels above."""
    return set(session.scalars(_ABOVE, {"ids": list(ids), "levels": _LEVELS})) if ids else set()


def roots(session: Session, workflow_id: UUID, page: int) -> tuple[list[UUID], int]:
    """Return a page of the tasks that no agent created, and how many there are."""
    given = {"workflow_id": workflow_id, "most": PAGE, "skipped": (page - 1) * PAGE}
    return _found(session.execute(_ROOTS, given))


def children(session: Session, opened: Mapping[UUID, int]) -> list[UUID]:
    """Return a page of the children of each task."""
    if not opened:
        return []
    skipped = [(page - 1) * PAGE for page in opened.values()]
    given = {"parents": list(opened), "skipped": skipped, "most": PAGE}
    return list(session.scalars(_CHILDREN, given))


def rows(session: Session, workflow_id: UUID, ids: Collection[UUID]) -> list[dict[str, Any]]:
    """Return the tasks of the workflow among these."""
    given = {"workflow_id": workflow_id, "ids": list(ids)}
    return [dict(row) for row in session.execute(_TASKS, given).mappings()]


def _found(rows: Iterable[Row[Any]]) -> tuple[list[UUID], int]:
    found = list(rows)
    return [row.id for row in found], found[0].found if found else 0
