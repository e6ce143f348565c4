"""The rows of a deleted workflow, gone batch by batch, so that no lock is held for long.

A crossing into the tables of everything that belongs to a workflow. What stays: the ledger of what
was used by day, calls of models, the audit log, the facts of its repository, which still name their
origin, and memories, which lose it.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.db.engine import Database
from hephaestus_core.intake import comparing
from hephaestus_core.vectors import store as vectors

#: Rows that one transaction deletes.
BATCH: Final = 500

#: Whose turn it is: another host that deletes the same rows goes elsewhere meanwhile.
_NEXT: Final = text("""
    SELECT workflow_id FROM deletions WHERE rows_gone_at IS NULL
    ORDER BY asked_at, workflow_id LIMIT 1 FOR UPDATE SKIP LOCKED
""")
_GONE: Final = text("UPDATE deletions SET rows_gone_at = now() WHERE workflow_id = :id")

#: By a row's own workflow, task or attempt.
_OF_WORKFLOW: Final = "SELECT ctid FROM {table} WHERE workflow_id = :id"
_OF_TASKS: Final = (
    "SELECT x.ctid FROM {table} x JOIN tasks t ON t.id = x.task_id WHERE t.workflow_id = :id"
)
_OF_AGENTS: Final = (
    "SELECT x.ctid FROM {table} x JOIN agents a ON a.id = x.agent_id WHERE a.workflow_id = :id"
)
_OF_SUBJECTS: Final = (
    "SELECT x.ctid FROM {table} x LEFT JOIN tasks t ON t.id = x.subject_id "
    "WHERE x.subject_id = :id OR t.workflow_id = :id"
)

#: Tables, each after those that refer to it.
_TABLES: Final = (
    ("memory_uses", _OF_AGENTS),
    ("interventions", _OF_WORKFLOW),
    ("questions", _OF_WORKFLOW),
    ("messages", _OF_WORKFLOW),
    ("reviews", _OF_WORKFLOW),
    ("result_files", _OF_AGENTS),
    ("results", _OF_WORKFLOW),
    ("merges", _OF_WORKFLOW),
    ("diagnoses", _OF_WORKFLOW),
    ("coherences", _OF_WORKFLOW),
    ("touched_lines", _OF_AGENTS),
    ("trajectory_summaries", _OF_AGENTS),
    ("agent_watches", _OF_AGENTS),
    ("agent_outputs", _OF_AGENTS),
    ("keyboards", _OF_AGENTS),
    ("used_turns", _OF_TASKS),
    ("diffs", _OF_SUBJECTS),
    ("budgets", _OF_SUBJECTS),
    ("task_hints", _OF_TASKS),
    ("task_dependencies", _OF_TASKS),
    ("task_marks", _OF_TASKS),
    ("join_rounds", _OF_WORKFLOW),
    ("task_tallies", _OF_WORKFLOW),
    ("agents", _OF_WORKFLOW),
    ("tasks", _OF_WORKFLOW),
)
_LAST_TABLES: Final = (
    ("phases", _OF_WORKFLOW),
    ("workflows", "SELECT ctid FROM {table} WHERE id = :id"),
)

#: The tables whose rows go, in the order in which they go.
ORDER: Final = tuple(table for table, _ in (*_TABLES, *_LAST_TABLES))

#: Rows that point at each other are let go first.
_DETACH: Final = tuple(
    text(statement)
    for statement in (
        """
        UPDATE memories SET task_id = NULL, agent_id = NULL WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM memories
            WHERE task_id IN (SELECT id FROM tasks WHERE workflow_id = :id)
               OR agent_id IN (SELECT id FROM agents WHERE workflow_id = :id)
            LIMIT :most))
        """,
        """
        UPDATE agents SET resumes_id = NULL WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM agents WHERE workflow_id = :id AND resumes_id IS NOT NULL LIMIT :most))
        """,
        """
        UPDATE tasks SET parent_task_id = NULL, related_to = NULL, duplicate_of = NULL,
               status = CASE status WHEN 'duplicated' THEN 'cancelled' ELSE status END
        WHERE ctid = ANY(ARRAY(SELECT ctid FROM tasks WHERE workflow_id = :id
            AND (parent_task_id IS NOT NULL OR related_to IS NOT NULL OR duplicate_of IS NOT NULL)
            LIMIT :most))
        """,
    )
)
_FOUND_BY_MEANING: Final = text("""
    SELECT i.item_id FROM vector_items i JOIN tasks t ON t.id = i.item_id
    WHERE i.collection = :collection AND t.workflow_id = :id LIMIT :most
""")
#: The last event stays, and tells all who follow the log.
_EVENTS: Final = text("""
    DELETE FROM events WHERE seq = ANY(ARRAY(
        SELECT seq FROM events WHERE workflow_id = :id AND type <> :deleted LIMIT :most))
""")


def delete_rows(db: Database, *, batches: int, at_once: int = BATCH) -> bool:
    """Delete rows of deleted workflows, in this many transactions at most.

    Each deletes `at_once` rows at most and commits. After a crash the next call goes on with what
    is left. Returns whether anything may be left for a further call.
    """
    return all(_delete_batch(db, at_once) for _ in range(batches))


def _delete_batch(db: Database, at_once: int) -> bool:
    """Delete one batch; False if no deletion is open, or another host has its turn."""
    with db.transaction() as session:
        workflow_id = session.scalar(_NEXT)
        if workflow_id is None:
            return False
        given = {"id": workflow_id, "most": at_once}
        if not (_detached(session, given) or _forgotten(session, given) or _cut(session, given)):
            session.execute(_GONE, {"id": workflow_id})
        return True


def _detached(session: Session, given: dict[str, object]) -> bool:
    return any(_touched(session, statement, given) for statement in _DETACH)


def _forgotten(session: Session, given: dict[str, object]) -> bool:
    """Have tasks found by their meaning no more."""
    named = {**given, "collection": comparing.COLLECTION}
    ids: list[UUID] = list(session.scalars(_FOUND_BY_MEANING, named))
    for id_ in ids:
        vectors.forget(session, comparing.COLLECTION, id_)
    return bool(ids)


def _cut(session: Session, given: dict[str, object]) -> bool:
    if any(_touched(session, _deletes(*each), given) for each in _TABLES):
        return True
    if _touched(session, _EVENTS, {**given, "deleted": EventType.WORKFLOW_DELETED}):
        return True
    return any(_touched(session, _deletes(*each), given) for each in _LAST_TABLES)


def _touched(session: Session, statement: TextClause, given: dict[str, object]) -> bool:
    done: int = session.execute(statement, given).rowcount  # type: ignore[attr-defined]
    return done > 0


def _deletes(table: str, rows: str) -> TextClause:
    batch = f"{rows.format(table=table)} LIMIT :most"
    return text(f"DELETE FROM {table} WHERE ctid = ANY(ARRAY({batch}))")  # noqa: S608 - ours
