"""Where a memory in a prompt comes from, and which of its files have changed since."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from hephaestus_core.memory.rules import LearnedAt

#: Files that a mark names, and most characters of each: the end, which tells files apart.
_MOST_FILES: Final = 2
_FILE_LIMIT: Final = 40
_COMMIT: Final = 12


def where_learned(memory_id: UUID, commit: str | None) -> str:
    """Return the id of a memory and the commit at which it was learned, as a prompt has them."""
    return f"({memory_id}, learned at {commit[:_COMMIT]})" if commit else f"({memory_id})"


def mark(files: Sequence[str]) -> str:
    """Return the mark of a memory whose files have changed; empty if none has."""
    if not files:
        return ""
    named = ", ".join(_short(each) for each in files[:_MOST_FILES])
    left = len(files) - _MOST_FILES
    return f"; changed since then: {named}{f' and {left} more' if left > 0 else ''}"


def marked(prompt: str, learned: Sequence[LearnedAt], changed: Mapping[UUID, Sequence[str]]) -> str:
    """Return a prompt with a mark at each memory whose files have changed; a second call adds none.

    Args:
        prompt: as it was built.
        learned: where its memories were learned.
        changed: by memory, those of its files that have changed.
    """
    for each in learned:
        plain = where_learned(each.id, each.commit)
        told = f"{plain.removesuffix(')')}{mark(changed.get(each.id, ()))})"
        prompt = prompt.replace(plain, told)
    return prompt


def _short(file: str) -> str:
    return file if len(file) <= _FILE_LIMIT else f"…{file[1 - _FILE_LIMIT :]}"
