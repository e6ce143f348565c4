"""Words as they stand in a text, without punctuation and emphasis."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

_OPENING: Final = "\"'“”‘’«»„([{*"
_CLOSING: Final = "\"'“”‘’«»)]}*.,;:!?…"
_PAIRS: Final = {")": "(", "]": "[", "}": "{"}
_SENTENCE_ENDS: Final = frozenset(".;!?…")
_CLAUSE_ENDS: Final = frozenset(",()")
_ABBREVIATIONS: Final = frozenset(
    {"e.g.", "i.e.", "etc.", "vs.", "approx.", "incl.", "resp.", "max."}
)
#: Signs that stand alone and separate clauses.
_DASHES: Final = frozenset({"-", "–", "—", "--", "*", "·", "|", "/", "&"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text.

    Args:
        text: the word as it was written.
        code: it stands in code.
        pause: punctuation follows, other than the end of the sentence.
    """

    text: str
    code: bool = False
    pause: bool = False


def split_words(text: str) -> Iterator[tuple[tuple[Word, ...], bool]]:
    """Yield the sentences of a text without line structure, each as its words.

    A colon divides sentences too; with each comes whether the next one goes on after a colon.
    """
    words: list[Word] = []
    for word, end in _words(text):
        if word.text:
            words.append(word)
        elif word.pause and words:
            words[-1] = replace(words[-1], pause=True)
        if end and words:
            yield tuple(words), end == ":"
            words = []
    if words:
        yield tuple(words), False


def _words(text: str) -> Iterator[tuple[Word, str]]:
    """Yield words, each with the sign that ends its sentence; an empty one is punctuation."""
    segments = text.split("`")
    closed = len(segments) % 2 == 1
    for position, segment in enumerate(segments):
        if closed and position % 2:
            for part in segment.split():
                yield Word(part, code=True), ""
            continue
        for part in segment.split():
            yield _cleaned(part)


def _cleaned(part: str) -> tuple[Word, str]:
    if part in _DASHES:
        return Word("&" if part == "&" else "", pause=part != "&"), ""
    begin = _begin(part)
    end = _end(part, begin)
    tail = part[end:] if part[begin:].casefold() not in _ABBREVIATIONS else ""
    pause = not _CLAUSE_ENDS.isdisjoint(tail)
    return Word(_without_underscores(part[begin:end]), pause=pause), _end_sign(tail)


def _begin(part: str) -> int:
    """Return where the word begins: behind quotes, brackets and emphasis."""
    begin = 0
    while begin < len(part) and part[begin] in _OPENING:
        begin += 1
    # A star before a sign is part of a pattern of file names.
    if begin and part[begin - 1] == "*" and part[begin : begin + 1] in (".", "/"):
        begin -= 1
    return begin


def _end(part: str, begin: int) -> int:
    """Return where the word ends: before punctuation; a bracket that the word opened stays."""
    open_ones = {sign: part.count(sign, begin) for sign in "([{"}
    closed = {sign: part.count(sign, begin) for sign in ")]}"}
    end = len(part)
    while end > begin and part[end - 1] in _CLOSING:
        sign = part[end - 1]
        if sign in _PAIRS and closed[sign] <= open_ones[_PAIRS[sign]]:
            break
        if sign == "*" and part[end - 2 : end - 1] == "/":
            break
        if sign in _PAIRS:
            closed[sign] -= 1
        end -= 1
    return end


def _end_sign(tail: str) -> str:
    if not _SENTENCE_ENDS.isdisjoint(tail):
        return "."
    return ":" if ":" in tail else ""


def _without_underscores(word: str) -> str:
    """Take emphasis by one underscore from both ends; the name of an attribute keeps its own."""
    inner = word[1:-1]
    if word[:1] == word[-1:] == "_" and inner and "_" not in (inner[0], inner[-1]):
        return inner
    return word
