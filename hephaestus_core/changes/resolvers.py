"""The task that resolves a conflict: its text names the work of both sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.changes.models import Merge
from hephaestus_core.contract.quoting import Marks

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task

#: Most paths in the text, and most characters of each.
_MOST_PATHS: Final = 100
_PATH_LIMIT: Final = 300
#: Most characters of a side's summary, and of the task's own text.
_SUMMARY_LIMIT: Final = 1500
_TASK_LIMIT: Final = 3000

#: The newest merged work of the workflow that changed one of the paths.
_OTHER_SIDES: Final = text("""
    SELECT t.id AS task_id, t.title, t.summary, m.tip AS commit
    FROM merges m JOIN tasks t ON t.id = m.task_id JOIN diffs d ON d.subject_id = t.id
    WHERE m.workflow_id = :workflow_id AND m.status = 'merged' AND m.task_id <> :task_id
      AND EXISTS (
          SELECT FROM jsonb_array_elements(CAST(d.changes AS jsonb)) AS change
          WHERE change ->> 'path' = ANY(:paths)
      )
    ORDER BY m.merged_at DESC LIMIT 3
""")


@dataclass(frozen=True)
class Side:
    """One side's work."""

    task_id: UUID
    title: str
    summary: str | None
    commit: str


def other_sides(session: Session, merge: Merge, paths: Sequence[str] | None = None) -> list[Side]:
    """Return the merged work that changed these files, newest first.

    Args:
        paths: by default all with which the merge conflicts.
    """
    given: dict[str, Any] = {
        "workflow_id": merge.workflow_id,
        "task_id": merge.task_id,
        "paths": paths_of(merge) if paths is None else list(paths),
    }
    return [Side(**row) for row in session.execute(_OTHER_SIDES, given).mappings()]


def paths_of(merge: Merge) -> list[str]:
    """Return the paths with which a merge conflicts."""
    return [conflict["path"] for conflict in merge.conflicts]


def resolver_text(
    merge: Merge, task: "Task", others: Sequence[Side], target: str | None, marks: Marks
) -> str:
    """Return the description of the task that resolves a conflict."""
    own = Side(task.id, task.title, task.summary, merge.tip)
    sides = [_side("Your worktree stands at the work of", own, marks)]
    sides += [_side("It conflicts with the work of", each, marks) for each in others]
    files = _files(paths_of(merge))
    rest = f"`get_task` with {task.id} shows the whole"
    begin = (
        f"Resolve a merge conflict. Bring the other side in with `git merge {target}`, resolve "
        "these files so that both sides' intent is kept, run the tests of both, and commit:\n"
        f"{marks.quoted('files', files, limit=len(files))}"
    )
    work = marks.quoted("task", task.description, limit=_TASK_LIMIT, rest=rest)
    commits = (
        f"The commits of each side: `git log --oneline HEAD..{target}` and "
        f"`git log --oneline {target}..HEAD`."
    )
    return "\n\n".join([begin, *sides, f"The text of your side's task:\n{work}", commits])


def _side(words: str, side: Side, marks: Marks) -> str:
    said = f"{side.title}\n{side.summary or '(no summary)'}"
    quoted = marks.quoted("title and summary", said, limit=_SUMMARY_LIMIT)
    return f"{words} task {side.task_id}, commit {side.commit}:\n{quoted}"


def _files(paths: Sequence[str]) -> str:
    files = "\n".join(f"- {path[:_PATH_LIMIT]}" for path in paths[:_MOST_PATHS])
    left = len(paths) - _MOST_PATHS
    return f"{files}\n- and {left} more, which `git status` then shows" if left > 0 else files
