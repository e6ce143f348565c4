"""What the layout of Python says of its tests: which a runner finds, and what checks for them."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

_TEST: Final = re.compile(r"[ \t]*+(?:async[ \t]++)?def[ \t]++(test\w*+)")
_FUNCTION: Final = re.compile(r"[ \t]*+(?:async[ \t]++)?def[ \t]++(\w++)")
_CLASS: Final = re.compile(r"[ \t]*+class[ \t]++(\w++)[ \t]*+(?:\(([^\n]*+))?")
_WORD: Final = re.compile(r"\w++")
#: Bases that say nothing.
_PLAIN: Final = frozenset({"object", ""})


@dataclass
class _Class:
    """An open class; `names`: the tests that it holds so far."""

    indent: int
    is_found: bool
    names: set[str] = field(default_factory=set)


def number_of_tests(code: str) -> tuple[int, int]:
    """Count the functions named as tests, and those of them that a later one of their name hides.

    Those of classes that no runner takes for tests do not count. It takes those whose name begins
    with ``Test``, those with a base, which may be one of a library, and those from which another
    class of the file inherits.
    """
    lines = [line for line in code.split("\n") if line.strip()]
    inherited = _inherited(lines)
    number = hidden = 0
    around = [_Class(-1, is_found=True)]
    for line in lines:
        indent = len(line) - len(line.lstrip())
        while around[-1].indent >= indent:
            around.pop()
        if found := _CLASS.match(line):
            is_found = around[-1].is_found and _is_found(found[1], found[2] or "", inherited)
            around.append(_Class(indent, is_found))
        elif (found := _TEST.match(line)) and around[-1].is_found:
            number += 1
            hidden += found[1] in around[-1].names
            around[-1].names.add(found[1])
    return number, hidden


def checking_functions(lines: Iterable[str], is_check: Callable[[str], bool]) -> frozenset[str]:
    """Return the names of the functions that check something and are no tests."""
    found: set[str] = set()
    around: list[tuple[int, str]] = []
    for line in lines:
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        while around and around[-1][0] >= indent:
            around.pop()
        if begun := _FUNCTION.match(line):
            around.append((indent, begun[1]))
        elif around and is_check(line):
            found.add(around[-1][1])
    return frozenset(name for name in found if not name.startswith("test"))


def _inherited(lines: Iterable[str]) -> frozenset[str]:
    bases = (found[2] for line in lines if (found := _CLASS.match(line)) and found[2])
    return frozenset(word for each in bases for word in _WORD.findall(each))


def _is_found(name: str, bases: str, inherited: frozenset[str]) -> bool:
    words = set(_WORD.findall(bases)) - _PLAIN
    return name.startswith("Test") or name in inherited or bool(words)
