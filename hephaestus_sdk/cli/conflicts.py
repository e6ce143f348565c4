"""What was decided about files that two sides had changed."""

from collections.abc import Iterable
from typing import Any

from hephaestus_sdk.api.change_views import Conflict, Merge
from hephaestus_sdk.api.decoding import encode
from hephaestus_sdk.api.summary import first_line

_PATH_LIMIT = 200
_COMMIT_LENGTH = 12


def conflict_lines(merges: Iterable[Merge]) -> list[str]:
    """Return one line per conflict: the path, whose version was kept, where the other one is."""
    return [
        f"  conflict: {first_line(conflict.path, _PATH_LIMIT)}: {_decided(conflict, merge)}"
        for merge in merges
        for conflict in merge.conflicts
    ]


def conflicts_as_data(merges: Iterable[Merge]) -> list[dict[str, Any]]:
    """Return the same as JSON, with the merge and the task that each belongs to."""
    return [
        {"merge_id": merge.id, "task_id": merge.task_id, **encode(conflict)}
        for merge in merges
        for conflict in merge.conflicts
    ]


def _decided(conflict: Conflict, merge: Merge) -> str:
    task = f"task {(merge.task_id or '?')[:8]}"
    if conflict.kept == "theirs":
        return f"kept that of {task}, the workflow's is in {_commit(conflict.ours_commit)}"
    if conflict.kept == "ours":
        return f"kept the workflow's, that of {task} is in {_commit(conflict.theirs_commit)}"
    ours, theirs = _commit(conflict.ours_commit), _commit(conflict.theirs_commit)
    return f"not settled: the workflow's is in {ours}, that of {task} in {theirs}"


def _commit(name: str | None) -> str:
    return "no commit" if name is None else first_line(name, _COMMIT_LENGTH + 1)[:_COMMIT_LENGTH]
