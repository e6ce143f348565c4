"""Hints on tasks: what a model is told and may answer, and how much of it is kept. No IO."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.contract.texts import plain
from hephaestus_core.llm.views import Answer

#: Paths that a model can choose from, and characters of all of them.
MOST_PATHS: Final = 300
_PATHS_LIMIT: Final = 20_000
_MOST_HINTS: Final = 5
_MOST_FILES: Final = 8
_SENTENCE: Final = 300
_PATH: Final = 400
#: Characters of a task's text that its paths are chosen by.
_READ: Final = 20_000
_WORD: Final = re.compile(r"[a-z]{3,}|[0-9]+")
#: Words of prose that many paths have by chance.
_WEAK: Final = frozenset({"and", "the", "for", "with", "not", "add", "use", "src", "test", "tests"})

_Sentence = Annotated[str, Field(max_length=_SENTENCE)]
_Path = Annotated[str, Field(max_length=_PATH)]


class TaskHints(Answer):
    """A model's hints on a task."""

    done_when: list[_Sentence] = Field(max_length=_MOST_HINTS)
    checks: list[_Sentence] = Field(max_length=_MOST_HINTS)
    files: list[_Path] = Field(max_length=_MOST_FILES)


@dataclass(frozen=True, kw_only=True)
class HintsView:
    """The outcome of asking a model for hints on a task, which are empty without an answer."""

    outcome: LlmOutcome
    detail: str
    """The outcome in a sentence, with the remedy."""
    done_when: list[str]
    checks: list[str]
    files: list[str]
    model: str | None
    asked_at: datetime


@dataclass(frozen=True, kw_only=True)
class TaskText:
    """What a model is told of a task."""

    task_id: UUID
    workflow_id: UUID
    attempt: int
    repository: str
    base_branch: str
    title: str
    description: str
    done_definition: str
    phase: str
    """Name and description; empty: it belongs to none."""
    purpose: str
    """Of the workflow."""


def material(task: TaskText, paths: Sequence[str]) -> dict[str, str]:
    """Return the material of a question about a task; titles without a text are left out."""
    told = {
        "task": f"{task.title}\n\n{task.description}",
        "done when": task.done_definition,
        "phase": task.phase,
        "purpose of the workflow": task.purpose,
        "files of the repository": "\n".join(paths),
    }
    return {title: text for title, text in told.items() if text.strip()}


def likely_paths(text: str, paths: Iterable[str]) -> list[str]:
    """Return the paths that share most words with a text, at most :data:`MOST_PATHS`, sorted."""
    words = frozenset(_words(text[:_READ])) - _WEAK
    scored = ((len(words.intersection(_words(path))), path) for path in paths)
    best = nlargest(MOST_PATHS, scored, key=lambda each: (each[0], -len(each[1]), each[1]))
    chosen, length = [], 0
    for _, path in best:
        length += len(path) + 1
        if length > _PATHS_LIMIT:
            break
        chosen.append(path)
    return sorted(chosen)


def kept(hints: TaskHints, paths: Collection[str]) -> TaskHints:
    """Return the hints as an agent may read them: one line each, and only files that exist."""
    return TaskHints(
        done_when=_lines(hints.done_when),
        checks=_lines(hints.checks),
        files=[path for path in dict.fromkeys(hints.files) if path in paths],
    )


def _lines(texts: Iterable[str]) -> list[str]:
    lines = (" ".join(plain(text).split()) for text in texts)
    return [line for line in dict.fromkeys(lines) if line]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
