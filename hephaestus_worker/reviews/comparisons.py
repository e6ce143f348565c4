"""The lines that compare with one exact value, and those that look at a part of it alone."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from hephaestus_worker.reviews.code import INSIDE, ITEM, Language

#: Most lines of one kind that are compared with all others, so that the time stays linear.
_MOST: Final = 50
_FINE: Final = r"[ \t]*+(?:[2-9]|[1-9]\d)[ \t]*+\)"
_FORGETS: Final = rf"(?:len|set|frozenset|type|bool|abs|round(?!\({ITEM},{_FINE}))\({INSIDE}\)"
_LITERAL: Final = r"(?:\d[\w.]*+|\"\"|[\[{][^\[\]{}\n]*+[\]}])"
#: A comparison that other values than one satisfy: of a length, a set, a rounded or divided value.
_BLURS: Final[dict[str, re.Pattern[str]]] = {
    language: re.compile(expression)
    for language, expression in (
        (
            "python",
            (
                rf"\bassert[ \t]++{_FORGETS}[ \t]*+(?:==|is\b)"
                rf"|\bassert[ \t]++{_LITERAL}[ \t]*+==[ \t]*+{_FORGETS}"
                rf"|\.assert\w{{0,20}}Equals?\([ \t]*+(?:{_LITERAL}[ \t]*+,[ \t]*+)?{_FORGETS}"
                r"|\bassert[ \t]++[^\n=/]{1,120}+//[^\n=]{1,60}+=="
            ),
        ),
        (
            "javascript",
            (
                r"\.toHaveLength\(|\.(?:length|size)[ \t]*+\)\.to"
                r"|\bexpect\([ \t]*+(?:new[ \t]++Set|typeof|Boolean)\b"
                rf"|\bMath\.(?:round|floor|ceil|trunc|abs)\({INSIDE}\)[ \t]*+\)"
            ),
        ),
        ("go", rf"\blen\({INSIDE}\)[ \t]*+!=|\bEqual\([^\n]{{0,80}}?\blen\("),
        ("rust", r"\.(?:len|count|round|floor|ceil|trunc|abs)\(\)[ \t]*+(?:,|==|\))"),
        ("java", r"\.(?:size|length)(?:\(\))?[ \t]*+(?:,|\))|\bMath\.(?:round|floor|ceil|abs)\("),
    )
}
_EITHER: Final = re.compile(r"\bor\b|\|\||\bany\(|\.some\(")
_OF_LENGTH: Final = re.compile(
    rf"\blen\((?P<a>{INSIDE})\)"
    r"|\bexpect\((?P<b>[\w.]{1,80}+)\)\.toHaveLength"
    r"|(?P<c>\w[\w.]{0,80}?)\.(?:length|size|len)\b"
)
_WORDS: Final = re.compile(r"\w++")
_SILENT: Final = re.compile(
    r"[aA]ssert|expect$|require$|verify|to[A-Z]|Equal$|\d"
    r"|(?:self|if|is|not|and|or|vec|reflect|DeepEqual|int|string|List|of|t|await|async|const|let)$"
)


@dataclass(frozen=True)
class Comparisons:
    """How often each line compares, by its code: with one exact value, or with a part of it."""

    exact: Counter[str] = field(default_factory=Counter)
    blurred: Counter[str] = field(default_factory=Counter)


def comparisons_in(lines: list[str], language: Language, exact: re.Pattern[str]) -> Comparisons:
    """Divide the lines that compare into exact ones and those that only blur."""
    blurs = _BLURS.get(language)
    found = Comparisons()
    for line in lines:
        parts = len(blurs.findall(line)) if blurs is not None else 0
        values = sum(1 for _ in exact.finditer(line))
        if parts or values:
            kind = found.exact if values > parts else found.blurred
            kind[" ".join(line.split())] += 1
    return found


def is_blurred(old: Comparisons, new: Comparisons) -> bool:
    """Say whether a line compares a part only of what a lost one compared exactly."""
    gained = [_named(line) for line in list(new.blurred - old.blurred)[:_MOST]]
    kept = [_named(line) for line in list(new.exact - old.exact)[:_MOST]]
    for line in (old.exact - new.exact) if gained else ():
        names = _named(line)
        lost = names and not any(names <= each for each in kept)
        if lost and any(names <= each for each in gained):
            return True
    return False


def merged(old: Comparisons, new: Comparisons, lost: Counter[str]) -> int:
    """Return how many lost assertions others stand for now.

    One stands for several of whose words it holds all, and for the length of what it compares.
    """
    gained = [line for line in new.exact - old.exact if not _EITHER.search(line)][:_MOST]
    room = [(_all_words(line), [0]) for line in gained]
    for line, number in lost.items():
        words = _all_words(line)
        for words_left, count in room if words else ():
            if words <= words_left:
                words_left.subtract(words)
                count[0] += number
                break
    lengths = [line for line in lost if line in old.blurred][:_MOST]
    exact = list(new.exact)[: 4 * _MOST]
    implied = sum(lost[line] for line in lengths if _is_implied(line, exact))
    return implied + sum(max(count[0] - 1, 0) for _, count in room)


def _is_implied(line: str, exact: list[str]) -> bool:
    found = _OF_LENGTH.search(line)
    if found is None:
        return False
    whole = re.escape(found["a"] or found["b"] or found["c"])
    compared = re.compile(rf"(?<![\w.]){whole}(?: ==|, |\)\.to(?:Equal|StrictEqual)\()")
    return any(compared.search(each) for each in exact)


def _named(line: str) -> frozenset[str]:
    return frozenset(word for word in _WORDS.findall(line) if not _SILENT.match(word))


def _all_words(line: str) -> Counter[str]:
    words = (word for word in _WORDS.findall(line) if word[0].isdigit() or not _SILENT.match(word))
    return Counter(words)
