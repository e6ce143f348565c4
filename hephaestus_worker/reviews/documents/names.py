"""Names in backticks: each stands in the code, so that no document invents one."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from hephaestus_core.contract.globs import matches
from hephaestus_worker.reviews.documents.markdown import Document

#: A name of code, perhaps within others and perhaps called.
_NAME: Final = re.compile(r"[A-Za-z_]\w*+(?:(?:\.|::|->|#)[A-Za-z_]\w*+)*+(?:\(\))?")
#: An option of a command, or words with hyphens.
_HYPHENED: Final = re.compile(r"--[A-Za-z]\w*+(?:-\w++)*+|[A-Za-z]\w*+(?:-\w++)++")
_PATH: Final = re.compile(r"(?:\./)?[\w.@+-]++(?:/[\w.@+-]++)++/?|[\w.@+-]++/")
_WORDS: Final = re.compile(r"\w++")
_TOKENS: Final = re.compile(r"[\w-]++")


@dataclass(frozen=True)
class Name:
    """A name that a document writes in backticks."""

    path: str
    """That of the document."""
    line: int
    text: str
    word: str
    """What the code must hold."""


def names(path: str, document: Document, allowed: Collection[str]) -> Iterator[Name]:
    """Yield the names of a document that must stand in the code.

    Args:
        allowed: patterns of names that need not, such as those of other programs.
    """
    for span in document.spans:
        text = span.text
        if matches(text.removesuffix("()"), allowed):
            continue
        if _NAME.fullmatch(text):
            yield Name(path, span.line, text, _WORDS.findall(text)[-1])
        elif _HYPHENED.fullmatch(text):
            yield Name(path, span.line, text, text)


def missing_paths(
    path: str, document: Document, allowed: Collection[str], exists: Callable[[str], bool]
) -> Iterator[str]:
    """Yield the faults of paths in backticks that begin with a folder of the repository."""
    for span in document.spans:
        text = span.text.removeprefix("./").rstrip("/")
        begins = _PATH.fullmatch(span.text) and exists(text.partition("/")[0])
        if begins and not exists(text) and not matches(text, allowed):
            yield f"{path}:{span.line}: there is no {text[:200]!r}"


def missing(wanted: Iterable[Name], texts: Iterable[str]) -> list[str]:
    """Return the faults of names that stand in none of the texts; stop once all are found."""
    left: dict[str, Name] = {}
    for name in wanted:
        left.setdefault(name.word, name)
    for text in texts:
        if not left:
            break
        for token in set(_TOKENS.findall(text)):
            for word in (token, *token.split("-")):
                left.pop(word, None)
    return [
        f"{name.path}:{name.line}: {name.text[:100]!r} does not stand in the code"
        for name in left.values()
    ]
