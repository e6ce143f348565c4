"""Which tests of Python a runner finds: those that no class hides from it."""

import re
from collections.abc import Iterable
from typing import Final

_TEST: Final = re.compile(r"[ \t]*+(?:async[ \t]++)?def[ \t]++test")
_CLASS: Final = re.compile(r"[ \t]*+class[ \t]++(\w++)[ \t]*+(?:\(([^\n]*+))?")
_WORD: Final = re.compile(r"\w++")
#: Bases that say nothing.
_PLAIN: Final = frozenset({"object", ""})


def number_of_tests(code: str) -> int:
    """Count the functions named as tests, but for those of classes that no runner takes for tests.

    It takes those whose name begins with ``Test``, those with a base, which may be one of a
    library, and those from which another class of the file inherits.
    """
    lines = [line for line in code.split("\n") if line.strip()]
    inherited = _inherited(lines)
    number = 0
    around: list[tuple[int, bool]] = []
    for line in lines:
        indent = len(line) - len(line.lstrip())
        while around and around[-1][0] >= indent:
            around.pop()
        if found := _CLASS.match(line):
            around.append((indent, _is_found(found[1], found[2] or "", inherited)))
        elif _TEST.match(line):
            number += all(is_found for _, is_found in around)
    return number


def _inherited(lines: Iterable[str]) -> frozenset[str]:
    bases = (found[2] for line in lines if (found := _CLASS.match(line)) and found[2])
    return frozenset(word for each in bases for word in _WORD.findall(each))


def _is_found(name: str, bases: str, inherited: frozenset[str]) -> bool:
    words = set(_WORD.findall(bases)) - _PLAIN
    return name.startswith("Test") or name in inherited or bool(words)
