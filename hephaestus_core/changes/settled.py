"""Conflicts that a policy has settled: whose version was dropped, and who is told of it.

A file was changed on both sides, and one side's version of it stands. Both are still in the
history, but nobody has decided that the other one is not needed.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.agents.states import ENDED
from hephaestus_core.changes.models import Merge
from hephaestus_core.changes.resolvers import Side, other_sides
from hephaestus_core.contract.left_out import plain_path
from hephaestus_core.contract.quoting import Marks
from hephaestus_core.contract.statuses import MergeStatus, WorkflowStatus
from hephaestus_core.contract.titles import TITLE_LIMIT
from hephaestus_core.intake.creation import TaskOrder, add
from hephaestus_core.messages import service as messages
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task

#: The creator of tasks about dropped versions. Theirs make no further ones, so there is no chain.
_DROPPED: Final = "dropped version"
#: Most lines about files.
_MOST: Final = 60

_SETTLED: Final = text("""
    SELECT c->>'path' AS path, c->>'kept' AS kept, m.task_id, m.commit
    FROM merges m CROSS JOIN jsonb_array_elements(m.conflicts) AS c
    WHERE m.workflow_id = :workflow_id AND m.status = 'merged' AND c->>'kept' <> 'both'
      AND c->>'path' = ANY(:paths)
    ORDER BY m.merged_at DESC LIMIT :most
""")


def settled_in(session: Session, workflow_id: UUID, paths: Collection[str]) -> list[str]:
    """Return a line for each conflict in one of these files that a policy has settled."""
    given = {"workflow_id": workflow_id, "paths": list(paths), "most": _MOST}
    return [
        f"{plain_path(row.path)}: task {row.task_id} and what was merged before it had both "
        f"changed it; merge {row.commit} kept the version of "
        f"{'that task' if row.kept == 'theirs' else 'what was merged before'}."
        for row in session.execute(_SETTLED, given)
    ]


def tell_losers(session: Session, merge: Merge, task: "Task") -> None:
    """Tell the authors whose versions a recorded merge has dropped.

    An author at work gets a message; else a task is made that looks at what is missing now.
    """
    workflow = workflows.get(session, merge.workflow_id)
    if merge.status != MergeStatus.MERGED or workflow.status != WorkflowStatus.ACTIVE:
        return
    for loser_id, paths in _dropped(session, merge, task).items():
        _tell(session, merge, tasks.get(session, loser_id), paths)


def _dropped(session: Session, merge: Merge, task: "Task") -> dict[UUID, list[str]]:
    """Return the dropped files by the task that loses its version of them."""
    by_loser: defaultdict[UUID, list[str]] = defaultdict(list)
    for conflict in merge.conflicts:
        path = conflict["path"]
        if conflict["kept"] == "ours":
            by_loser[task.id].append(path)
        elif conflict["kept"] == "theirs":
            others: list[Side] = other_sides(session, merge, [path])
            if others:
                by_loser[others[0].task_id].append(path)
    return by_loser


def _tell(session: Session, merge: Merge, loser: "Task", paths: list[str]) -> None:
    author = None if loser.agent_id is None else agents.get(session, loser.agent_id)
    words = _words(merge, loser, paths)
    if author is not None and author.status not in ENDED:
        messages.add(session, author.id, words, sender="Hephaestus")
    elif KINDS[loser.kind].leads_on and loser.created_by != _DROPPED:
        order: dict[str, Any] = {"phase_id": loser.phase_id, "parent_task_id": loser.id}
        add(
            session,
            TaskOrder(
                workflow_id=merge.workflow_id,
                by_system=True,
                created_by=_DROPPED,
                title=f"Bring back what a merge dropped: {loser.title}"[:TITLE_LIMIT],
                description=words,
                done_definition="What is still needed of the dropped version is there again.",
                **order,
            ),
        )


def _words(merge: Merge, loser: "Task", paths: list[str]) -> str:
    marks = Marks()
    files = "\n".join(f"- {plain_path(path)}" for path in paths[:_MOST])
    return (
        f"Merge {merge.commit} met files that two sides had changed, and kept the other side's "
        f"version of them. What task {loser.id} had changed there is not in the merged work: look "
        "at `git show` of that merge and at both of its parents, and bring back what is still "
        f"needed, without undoing the other side. {marks.explanation}\n"
        f"{marks.quoted('files', files, limit=len(files))}"
    )
