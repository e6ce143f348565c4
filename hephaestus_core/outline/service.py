"""A workflow's tasks as an outline, a graph and a timeline; what is read is bounded."""

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.contract.signs import Sign
from hephaestus_core.contract.statuses import AgentStatus, TaskKind, TaskStatus
from hephaestus_core.costs import sums
from hephaestus_core.db.engine import Database
from hephaestus_core.outline import store
from hephaestus_core.outline.rules import Folds, lay_out
from hephaestus_core.outline.store import SIGNED_TASKS, Wanted
from hephaestus_core.outline.views import (
    GraphNode,
    OutlineTask,
    OutlineView,
    TimelineAttempt,
)

#: Nodes of a graph.
MOST_NODES: Final = 5000
#: Attempts in a timeline.
MOST_ATTEMPTS: Final = 100

#: Parents come before their children, since these are deeper.
_NODES: Final = text(f"""
    SELECT t.id, t.parent_task_id AS parent_id, t.sign, t.phase_id,
           left(t.title, 80) AS title
    FROM {SIGNED_TASKS} t WHERE t.workflow_id = :workflow_id
    ORDER BY t.depth, t.created_at, t.id LIMIT :most
""")  # noqa: S608 - ours
_ATTEMPTS: Final = text("""
    SELECT a.id AS agent_id, a.task_id, t.phase_id, t.kind, t.title, a.attempt, a.program, a.host,
           a.status, a.failure_class IS NOT NULL AS failed,
           t.status = 'cancelled' OR a.parked_for IS NOT NULL AS stopped,
           a.started_at, a.ended_at
    FROM agents a JOIN tasks t ON t.id = a.task_id
    WHERE a.workflow_id = :workflow_id ORDER BY a.started_at DESC, a.id DESC LIMIT :most
""")


def outline(
    db: Database, workflow_id: UUID, wanted: Wanted | None = None, folds: Folds | None = None
) -> OutlineView:
    """Return a part of a workflow's tasks as a tree, each task once.

    Without a filter these are the tasks that are live or failed, those whose agents created them,
    and what is unfolded. A workflow with few tasks is shown as a whole.

    Args:
        wanted: the filter.
        folds: what the reader has unfolded and folded.
    """
    wanted, folds = wanted or Wanted(), folds or Folds()
    with db.reading() as session:
        if wanted.is_filter:
            return _filtered(session, workflow_id, wanted, folds)
        return _whole(session, workflow_id, folds)


def graph(db: Database, workflow_id: UUID) -> list[GraphNode]:
    """Return the tasks of a workflow, each after the one whose agent created it, at most 5,000."""
    given = {"workflow_id": workflow_id, "most": MOST_NODES}
    with db.reading() as session:
        rows = session.execute(_NODES, given).all()
    place = {row.id: number for number, row in enumerate(rows)}
    return [
        GraphNode(
            row.id,
            _before(place.get(row.parent_id, -1), number),
            Sign(row.sign),
            row.phase_id,
            row.title,
        )
        for number, row in enumerate(rows)
    ]


def timeline(db: Database, workflow_id: UUID) -> list[TimelineAttempt]:
    """Return the newest attempts of a workflow, oldest first, at most 100."""
    given = {"workflow_id": workflow_id, "most": MOST_ATTEMPTS}
    with db.reading() as session:
        rows = session.execute(_ATTEMPTS, given).mappings().all()
    words = {"kind": TaskKind, "status": AgentStatus}
    return [TimelineAttempt(**_with_words(dict(row), words)) for row in reversed(rows)]


def _before(place: int, number: int) -> int:
    return place if place < number else -1


def _whole(session: Session, workflow_id: UUID, folds: Folds) -> OutlineView:
    page = folds.opened.get(None, 1)
    roots, root_count = store.roots(session, workflow_id, page)
    found, found_count = store.frontier(session, workflow_id)
    everything = store.all_if_few(session, workflow_id)
    if root_count == 1 and not found:  # Nothing else tells which of its children to look at.
        folds = replace(folds, opened={roots[0]: 1, **folds.opened} if roots else folds.opened)
    seeds = {*found, *_tasks_of(folds), *(everything or ())}
    ids = {*store.with_creators(session, seeds), *roots, *found}
    ids |= set(store.children(session, _opened(folds)))
    tasks = _tasks(session, workflow_id, ids)
    folds = replace(folds, opened={None: page, **folds.opened})
    lines = lay_out(tasks, folds, roots=root_count)
    return OutlineView(
        lines=lines,
        found=found_count,
        shown=len(found),
        page=1,
        more=False,
        matches=None,
    )


def _filtered(session: Session, workflow_id: UUID, wanted: Wanted, folds: Folds) -> OutlineView:
    found, found_count = store.matching(session, workflow_id, wanted)
    ids = store.with_creators(session, found)
    ids |= set(store.children(session, _opened(folds)))
    lines = lay_out(_tasks(session, workflow_id, ids), folds, roots=None)
    return OutlineView(
        lines=lines,
        found=found_count,
        shown=len(found),
        page=wanted.page,
        more=wanted.page * store.MOST_FOUND < found_count,
        matches=frozenset(found),
    )


def _opened(folds: Folds) -> dict[UUID, int]:
    """Return the unfolded tasks whose children are to be read."""
    return {id_: page for id_, page in folds.opened.items() if id_ and id_ not in folds.shut}


def _tasks_of(folds: Folds) -> set[UUID]:
    return {id_ for id_ in folds.opened if id_ is not None}


def _tasks(session: Session, workflow_id: UUID, ids: set[UUID]) -> list[OutlineTask]:
    rows = store.rows(session, workflow_id, ids)
    spent = sums.of_tasks(session, [row["id"] for row in rows])
    words = {"kind": TaskKind, "status": TaskStatus, "sign": Sign}
    return [
        OutlineTask(
            **_with_words(row, words),
            dollars=spent[row["id"]].dollars if row["id"] in spent else None,
        )
        for row in rows
    ]


def _with_words(row: dict[str, Any], words: dict[str, Any]) -> dict[str, Any]:
    return {**row, **{name: word(row[name]) for name, word in words.items()}}
