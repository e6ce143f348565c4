"""References to lines of code, such as `src/app.py:42 parse`: the line has the name."""

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hephaestus_worker.reviews.documents.markdown import Document

#: The form that is asked for, in words for authors.
FORM: Final = "`path/of/file.py:42 name`"
#: Lines above and below in which the name may stand.
_NEAR: Final = 5
#: Most references of one document, and characters of a line in which a name is looked for.
_MOST: Final = 1000
_MOST_OF_LINE: Final = 2000
_REFERENCE: Final = re.compile(r"([^\s:]++):(\d{1,7}+)(?:-\d{1,7}+)?(?:[ \t]++(\S[^\n]*+))?")
_WORDS: Final = re.compile(r"\w++")


@dataclass(frozen=True)
class Reference:
    """A place in the code that a document names."""

    at: int
    """The line of the document."""
    path: str
    line: int
    name: str
    """Empty if none is given."""


def references(document: Document, extensions: set[str]) -> Iterator[Reference]:
    """Yield the references of a document.

    Args:
        extensions: those of the repository's files, which tell a file from a port of a machine.
    """
    for span in document.spans:
        found = _REFERENCE.fullmatch(span.text)
        if found is None:
            continue
        path, line, name = found[1], int(found[2]), found[3] or ""
        known = posixpath.splitext(path)[1] in extensions
        if (known or "/" in path) and "//" not in path:
            yield Reference(span.line, path.removeprefix("./"), line, name)


def faults(
    path: str,
    found: Sequence[Reference],
    lines_of: Callable[[str], Sequence[str] | None],
    *,
    least: int,
) -> Iterator[str]:
    """Yield the references of the document at ``path`` that are wrong, or that it lacks.

    Args:
        lines_of: returns the lines of a file; None if there is no such file of text.
        least: the number of right references that the document needs.
    """
    if len(found) > _MOST:
        yield f"{path}: {len(found)} references; at most {_MOST} are read. Split the document"
        return
    wrong = 0
    for each in sorted(found, key=lambda each: each.path):
        says = _fault(each, lines_of(each.path))
        if says:
            wrong += 1
            yield f"{path}:{each.at}: {says}"
    right = len(found) - wrong
    if right < least:
        yield f"{path}: {right} of at least {least} right references like {FORM}"


def _fault(reference: Reference, lines: Sequence[str] | None) -> str:
    shown = f"`{reference.path[:200]}:{reference.line}`"
    if lines is None:
        return f"{shown}: there is no such file"
    if not 0 < reference.line <= len(lines):
        return f"{shown}: the file has {len(lines)} lines"
    words = _WORDS.findall(reference.name.partition("(")[0])
    if not words:
        return f"{shown} names nothing; write {FORM}"
    near = lines[max(0, reference.line - 1 - _NEAR) : reference.line + _NEAR]
    if any(words[-1] in _WORDS.findall(line[:_MOST_OF_LINE]) for line in near):
        return ""
    return f"{shown}: {words[-1][:100]!r} does not stand within {_NEAR} lines of it"
