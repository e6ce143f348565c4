"""Ids of requirements or examples: each one stands in a test, or in another file."""

import re
from collections.abc import Iterable
from typing import Final

from hephaestus_core.contract.globs import matches

_WORDS: Final = re.compile(r"\w++")
#: Most words within one id, which `_` joins.
_MOST_PARTS: Final = 6


def ids_in(text: str, patterns: list[str]) -> list[str]:
    """Return the words of a text that match one of the patterns, each once, in order."""
    words = dict.fromkeys(_WORDS.findall(text))
    return [word for word in words if matches(word, patterns)]


def missing(ids: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Return the ids that stand in none of the texts.

    An id may be a part of a name, such as that of a test: `test_REQ_01_adds` holds `REQ_01`.
    """
    left = dict.fromkeys(ids)
    sizes = {each.count("_") + 1 for each in left} & set(range(1, _MOST_PARTS + 1))
    for text in texts:
        if not left:
            break
        for name in set(_WORDS.findall(text)):
            parts = name.split("_")
            for size in sizes:
                for start in range(len(parts) - size + 1):
                    left.pop("_".join(parts[start : start + size]), None)
    return list(left)
