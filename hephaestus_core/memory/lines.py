"""Memories as lines of JSON: what an export writes and an import reads."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from hephaestus_core.clock import rfc3339
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.memory_lines import LONGEST_LINE
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.contract.texts import plain_text, plain_texts
from hephaestus_core.memory.rules import (
    MOST_TEXTS,
    MemoryOrder,
    MemoryView,
    checked,
    checked_repository,
)

#: What a line has. The scope comes first, then what is told, then where it was learned.
NAMES: Final = (
    *("repository", "is_global"),
    *("type", "text", "also", "tags", "files"),
    *("task_id", "agent_id", "commit", "created_at"),
)
_COMMIT: Final = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True)
class Line:
    """A memory of an import, checked."""

    repository: str
    is_global: bool
    order: MemoryOrder
    also: list[MemoryOrder] = field(default_factory=list)
    task_id: UUID | None = None
    """The task that learned it, on the stack that wrote the line."""
    agent_id: UUID | None = None
    commit: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True)
class LineFault:
    """A line that was not taken, and why."""

    line: int
    """Its number, from 1."""
    message: str


def line_of(memory: MemoryView) -> str:
    """Return a memory as one line, without its end."""
    told = {name: getattr(memory, name) for name in NAMES if hasattr(memory, name)}
    for name in ("task_id", "agent_id"):
        known = told[name] or getattr(memory, f"origin_{name}")
        told[name] = None if known is None else str(known)
    told["created_at"] = rfc3339(memory.created_at)
    return json.dumps(told, ensure_ascii=False)


def read_line(line: bytes, *, repository: str | None = None) -> Line:
    """Return the memory of a line.

    Args:
        line: one object of JSON.
        repository: where it counts as learned; None: as the line says.

    Raises:
        InvalidInput: it is none, it is too long, or a value breaks a rule.
    """
    told = _object(line)
    where = told.get("repository") if repository is None else repository
    given = {"tags": _texts(told, "tags"), "files": _texts(told, "files")}
    kind = _required(told, "type")
    return Line(
        repository=_repository(where),
        is_global=_truth(told, "is_global"),
        order=checked(kind, _required(told, "text"), **given),
        also=[checked(kind, each) for each in _texts(told, "also", most=MOST_TEXTS)],
        task_id=_id(told, "task_id"),
        agent_id=_id(told, "agent_id"),
        commit=_commit(told.get("commit")),
        created_at=_moment(told.get("created_at")),
    )


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise InvalidInput(f"The line has more than {LONGEST_LINE:,} bytes; shorten it.")
    try:
        told = json.loads(line.decode())
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise InvalidInput("The line is no JSON object in UTF-8; an export shows the form.")
    for name in told:
        if name not in NAMES:
            raise InvalidInput(f"Unknown name '{name[:50]}'{nearest(name[:50], list(NAMES))}.")
    return told


def _required(told: Mapping[str, Any], name: str) -> str:
    if name not in told:
        raise InvalidInput(f"'{name}' is missing.", field=name)
    return plain_text(told[name], name, required=True)


def _repository(told: object) -> str:
    if told is None:
        raise InvalidInput("'repository' is missing.", field="repository")
    return checked_repository(told)


def _texts(told: Mapping[str, Any], name: str, *, most: int = 100) -> list[str]:
    given = told.get(name)
    return [] if given is None else plain_texts(given, name, most=most)


def _truth(told: Mapping[str, Any], name: str) -> bool:
    given = told.get(name)
    if not isinstance(given, bool | None):
        raise InvalidInput(f"'{name}' must be true or false.", field=name)
    return bool(given)


def _id(told: Mapping[str, Any], name: str) -> UUID | None:
    given = told.get(name)
    try:
        return None if given is None else UUID(str(given)[:50])
    except ValueError:
        raise InvalidInput(f"'{name}' must be an id (a UUID) or null.", field=name) from None


def _commit(told: object) -> str | None:
    if told is None:
        return None
    if not isinstance(told, str) or not _COMMIT.fullmatch(told):
        raise InvalidInput("'commit' must be 7 to 64 hexadecimal digits or null.", field="commit")
    return told


def _moment(told: object) -> datetime | None:
    if told is None:
        return None
    try:
        moment = datetime.fromisoformat(str(told)[:50])
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(
            "'created_at' must be a time such as 2026-01-31T12:00:00Z, or null.",
            field="created_at",
        ) from None
