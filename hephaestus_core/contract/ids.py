"""Ids as people write them: whole, or only the first characters, as in lists."""

import re
from collections.abc import Collection
from enum import StrEnum
from typing import Final
from uuid import UUID

from hephaestus_core.contract.errors import InvalidInput, NotFound

#: The least number of characters that identify a thing.
LEAST: Final = 6
_DIGITS: Final = 32
_HEXADECIMAL: Final = re.compile(r"[0-9a-f]{1,32}")


class IdKind(StrEnum):
    """Things that have a UUID as their id."""

    WORKFLOW = "workflow"
    TASK = "task"
    AGENT = "agent"
    RESULT = "result"
    MERGE = "merge"
    QUESTION = "question"
    BUDGET = "budget"
    MEMORY = "memory"
    INTERVENTION = "intervention"


def whole_id(text: str) -> str | None:
    """Return the id in its canonical form if ``text`` has all of its digits, else None."""
    digits = _digits(text)
    return str(UUID(digits)) if len(digits) == _DIGITS and _HEXADECIMAL.fullmatch(digits) else None


def id_span(text: str, kinds: Collection[IdKind]) -> tuple[UUID, UUID]:
    """Return the lowest and the highest id that begin with ``text``.

    Raises:
        NotFound: no id can begin with ``text``.
        InvalidInput: ``text`` is shorter than :data:`LEAST` characters.
    """
    digits = _digits(text)
    if not _HEXADECIMAL.fullmatch(digits):
        raise NotFound(
            f"No {nouns(kinds)} has the id {text[:64]!r}: an id has 32 digits from 0 to 9 and a "
            f"to f, of which the first {LEAST} are enough."
        )
    if len(digits) < LEAST:
        raise InvalidInput(
            f"{text!r} is too short for the beginning of an id; give at least {LEAST} characters.",
            field="id",
        )
    return UUID(digits.ljust(_DIGITS, "0")), UUID(digits.ljust(_DIGITS, "f"))


def nouns(kinds: Collection[IdKind]) -> str:
    """Return kinds as ``task``, ``task or workflow``, ``workflow, task or agent``."""
    *most, last = kinds
    return f"{', '.join(most)} or {last}" if most else str(last)


def _digits(text: str) -> str:
    return text.strip().lower().replace("-", "")
