"""The sentences of a task's text, without its layout: wrapping, Markdown, bullets."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain, pairwise
from typing import Final

from hephaestus_core.duplicates.tokens import Word, split_words

_FENCES: Final = ("```", "~~~")
_BULLETS: Final = ("- ", "* ", "+ ", "• ", "– ")
_BOXES: Final = ("[ ] ", "[x] ", "[X] ")
_RULE: Final = frozenset("-=*_ ")
_STEP_DIGITS: Final = 3


class Role(Enum):
    """The role of a sentence in its text."""

    TEXT = "text"
    LABEL = "label"
    """A heading, or the line before a list: what follows belongs to it."""
    ITEM = "item"
    NESTED = "nested"
    """What belongs to the sentence before: an item below it, or the part behind its colon."""
    STEP = "step"
    """An item with a number."""
    CODE = "code"


_ITEMS: Final = frozenset({Role.ITEM, Role.NESTED, Role.STEP})


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text, or a block of code."""

    role: Role
    words: tuple[Word, ...]


@dataclass(slots=True)
class _Block:
    role: Role
    lines: list[str]

    @property
    def text(self) -> str:
        return " ".join(self.lines)


def sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a text, in time linear in its length."""
    blocks = _with_labels([block for block in _blocks(text.splitlines()) if block.lines])
    return tuple(chain.from_iterable(_sentences(block) for block in blocks))


def _sentences(block: _Block) -> Iterator[Sentence]:
    if block.role is Role.CODE:
        words = tuple(Word(part, code=True) for part in block.text.split())
        if words:
            yield Sentence(Role.CODE, words)
        return
    role = block.role
    for words, goes_on in split_words(block.text):
        yield Sentence(role, words)
        role = Role.NESTED if goes_on or block.role in _ITEMS else block.role


def _blocks(lines: list[str]) -> Iterator[_Block]:
    """Join lines to paragraphs, items, headings and blocks of code."""
    block = _Block(Role.TEXT, [])
    fence = ""
    for line in lines:
        bare = line.strip().lstrip(">").strip()
        if fence or bare.startswith(_FENCES):
            if not fence:
                yield block
                fence, block = bare[:3], _Block(Role.CODE, [])
            elif bare.startswith(fence):
                yield block
                fence, block = "", _Block(Role.TEXT, [])
            else:
                block.lines.append(line)
            continue
        started = _started(line, bare)
        if started is None:
            block.lines.append(bare)
            continue
        yield block
        block = started
        if block.role is Role.LABEL:
            yield block
            block = _Block(Role.TEXT, [])
    yield block


def _started(line: str, bare: str) -> _Block | None:
    """Return the block that a line begins; None: it goes on with the one before."""
    if not bare or (len(bare) > 2 and _RULE.issuperset(bare)):  # noqa: PLR2004 - a rule
        return _Block(Role.TEXT, [])
    if bare.startswith("#") and bare.lstrip("#").startswith(" "):
        return _Block(Role.LABEL, [bare.strip("#").strip()])
    if bare.startswith(_BULLETS):
        nested = len(line) - len(line.lstrip()) > 1
        return _Block(Role.NESTED if nested else Role.ITEM, [_without_box(bare[2:].strip())])
    number, _, rest = bare.partition(" ")
    if rest and number[-1] in ".)" and number[:-1].isdecimal() and len(number) <= _STEP_DIGITS:
        return _Block(Role.STEP, [_without_box(rest)])
    return None


def _without_box(item: str) -> str:
    return item[4:] if item.startswith(_BOXES) else item


def _with_labels(blocks: list[_Block]) -> list[_Block]:
    """Make labels of the blocks that introduce what follows."""
    for block, following in pairwise(blocks):
        introduces = block.role is Role.TEXT and following.role in (Role.ITEM, Role.STEP)
        if block.role is not Role.CODE and (introduces or block.text.rstrip("*_ ").endswith(":")):
            block.role = Role.LABEL
    return blocks
