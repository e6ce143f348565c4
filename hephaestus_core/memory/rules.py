"""Which memories are taken, which say the same, and when one is forgotten."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from hephaestus_core.contract.errors import InvalidInput, RepositoryError
from hephaestus_core.contract.repository_urls import REPOSITORY_LIMIT, taken_apart
from hephaestus_core.contract.statuses import Forgotten, MemoryType, checked_word
from hephaestus_core.contract.texts import plain, plain_text, plain_texts

#: The name of the memories among the texts that are found by their meaning, and the scope of those
#: that are found in every repository.
COLLECTION: Final = "memories"
EVERYWHERE: Final = "*"
#: Most characters of a memory: it is one thing, which stands in prompts beside others.
TEXT_LIMIT: Final = 2000
_SHORTEST: Final = 15
MOST_TAGS: Final = 10
_TAG_LIMIT: Final = 50
MOST_FILES: Final = 20
_FILE_LIMIT: Final = 300
MOST_NAMES: Final = 60
_NAME_LIMIT: Final = 120
#: Texts that are kept beside the first; the oldest of them gives way.
MOST_TEXTS: Final = 5
#: Learnings of one finished task that become memories.
_MOST_LEARNINGS: Final = 10

#: Characters that hide a part of a text from people, or show it in another order; taken away.
_UNSEEN: Final = dict.fromkeys(
    [
        *(0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2060, 0x2070)),
        # Invisible copies of ASCII, which models read.
        *range(0xE0000, 0xE0200),
    ]
)

_WORD: Final = re.compile(r"\w+")
#: A sign or digit that stands within names of files, functions, options and error codes.
_NAME_SIGN: Final = re.compile(r"\w[_/\\.:@#=<>$-]\w|[a-z][A-Z]|[A-Za-z]\d|^[-./]")
#: Where the parts of a name meet.
_SEAM: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_/\\.:@#=<>$-]+")
_AROUND: Final = "`'\"()[]{}.,;:!?*«»"


@dataclass(frozen=True)
class MemoryOrder:
    """What is to be remembered, checked."""

    type: MemoryType
    text: str
    tags: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class MemoryView:
    """A memory as readers see it."""

    id: UUID
    type: MemoryType
    text: str
    also: list[str]
    tags: list[str]
    files: list[str]
    repository: str
    is_global: bool
    task_id: UUID | None
    agent_id: UUID | None
    commit: str | None
    created_at: datetime
    saved_at: datetime
    uses: int = 0
    useful: int = 0
    useless: int = 0
    wrong: int = 0
    used_at: datetime | None = None
    """When an agent was given it last."""
    forgotten_at: datetime | None = None
    """Since when nobody is told it any more."""
    forgotten_because: Forgotten | None = None
    origin_task_id: UUID | None = None
    """The task that learned it, on the stack from which it was imported."""
    origin_agent_id: UUID | None = None


@dataclass(frozen=True)
class LearnedAt:
    """The commit at which a memory was learned, and the files that it is about."""

    id: UUID
    commit: str
    files: Sequence[str]


def checked(
    type_: str, text: str, *, tags: Sequence[str] = (), files: Sequence[str] = ()
) -> MemoryOrder:
    """Return a memory that may be stored.

    Raises:
        InvalidInput: the type is unknown, or a text is too short or too long.
    """
    told = plain_text(text, "text", limit=TEXT_LIMIT, required=True)
    told = told.translate(_UNSEEN).strip()
    if len(told) < _SHORTEST:
        raise InvalidInput(
            f"A memory has at least {_SHORTEST} characters; say it as a whole sentence.",
            field="text",
        )
    return MemoryOrder(
        checked_word(MemoryType, type_, "type"),
        told,
        _listed([each.lower() for each in tags], "tags", MOST_TAGS, _TAG_LIMIT),
        _listed(files, "files", MOST_FILES, _FILE_LIMIT),
    )


def checked_repository(repository: object) -> str:
    """Return the repository of a memory as workflows name it: without a login in its URL.

    Raises:
        InvalidInput: it is empty or too long, or has something in it that is no login.
    """
    named = plain_text(repository, "repository", limit=REPOSITORY_LIMIT, required=True)
    try:
        return taken_apart(named.strip())[0]
    except RepositoryError as error:
        raise InvalidInput(error.message, field="repository") from None


def learned(learnings: Sequence[str]) -> list[MemoryOrder]:
    """Return the memories in the learnings of a finished task; what is too short says nothing."""
    lines = (
        " ".join(plain(each[:TEXT_LIMIT]).translate(_UNSEEN).split())
        for each in learnings[:_MOST_LEARNINGS]
    )
    return [MemoryOrder(MemoryType.LEARNING, line) for line in lines if len(line) >= _SHORTEST]


def key_of(text: str) -> str:
    """Return what texts have in common that differ in case, spaces and punctuation alone."""
    words = " ".join(_WORD.findall(text.casefold()))
    return hashlib.sha256((words or text).encode()).hexdigest()


def names_in(text: str, files: Sequence[str] = ()) -> list[str]:
    """Return the identifiers and paths of a text, whole and in lower case, and those of files.

    A path is found by its last part too.
    """
    parts = (part.strip(_AROUND) for part in text.split())
    named = [*files, *(part for part in parts if _NAME_SIGN.search(part))]
    ends = [name.rsplit("/", 1)[-1] for name in named]
    kept = dict.fromkeys(name.lower() for name in [*named, *ends] if 0 < len(name) <= _NAME_LIMIT)
    return list(kept)[:MOST_NAMES]


def parts_of_names(text: str, files: Sequence[str] = ()) -> str:
    """Return the words within names of a text and of files: *order list* of ``OrderList``."""
    split = ([part for part in _SEAM.split(name) if part] for name in [*files, *text.split()])
    return " ".join(dict.fromkeys(part for parts in split if len(parts) > 1 for part in parts))


def _listed(values: Sequence[str], name: str, most: int, limit: int) -> list[str]:
    found = [
        " ".join(each.translate(_UNSEEN).split()) for each in plain_texts(values, name, most=most)
    ]
    if any(len(each) > limit for each in found):
        raise InvalidInput(f"An entry of '{name}' has at most {limit} characters.", field=name)
    return list(dict.fromkeys(each for each in found if each))
