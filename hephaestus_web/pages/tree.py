"""Who created what: a workflow's tasks as the tree that grew, line by line."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from hephaestus_core.summaries.service import TaskBranch


@dataclass(frozen=True)
class Line:
    """A task, and how many tasks stand above it up to its root."""

    task: TaskBranch
    depth: int


def lines_of(tasks: Iterable[TaskBranch]) -> list[Line]:
    """Return each task below the one it was created in, in the order of creation.

    Nothing is lost or shown twice, and no chain of tasks is too long: a workflow grows as deep as
    its agents like.

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
