"""The tree of a workflow's tasks by creator, as lines."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from hephaestus_core.summaries.service import TaskBranch


@dataclass(frozen=True)
class Line:
    """A task and its depth below its root."""

    task: TaskBranch
    depth: int


def lines_of(tasks: Iterable[TaskBranch]) -> list[Line]:
    """Return each task below the task that created it, in the order of creation.

    Each task appears once. The tree may be as deep as agents make it: this does not recurse.

    Args:
        tasks: parents before their children. A task whose parent is not among them is a root.
    """
    children: dict[UUID | None, list[TaskBranch]] = defaultdict(list)
    known: set[UUID] = set()
    for task in tasks:
        parent = task.parent_task_id
        children[parent if parent in known else None].append(task)
        known.add(task.task_id)
    lines: list[Line] = []
    left = [Line(root, 0) for root in reversed(children[None])]
    while left:
        line = left.pop()
        lines.append(line)
        below = children.get(line.task.task_id, [])
        left.extend(Line(task, line.depth + 1) for task in reversed(below))
    return lines
