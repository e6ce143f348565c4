"""Who created what: a workflow's tasks as the tree that grew."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from hephaestus_core.summaries.service import TaskBranch


@dataclass
class Branch:
    """A task, and the tasks that were created below it."""

    task: TaskBranch
    children: "list[Branch]" = field(default_factory=list)


def grown(tasks: Iterable[TaskBranch]) -> list[Branch]:
    """Return the roots of the tree, in the order of creation; nothing is lost or shown twice.

    Args:
        tasks: parents before their children. A task whose parent is not among them is a root.
    """
    branches: dict[UUID | None, Branch] = {}
    roots: list[Branch] = []
    for task in tasks:
        branch = branches[task.task_id] = Branch(task)
        parent = branches.get(task.parent_task_id)
        (roots if parent is None or parent is branch else parent.children).append(branch)
    return roots
