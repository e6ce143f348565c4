"""The links of documents: each leads to a file, a folder or a heading of the repository."""

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote

from hephaestus_worker.reviews.documents.markdown import Document, Part

_ELSEWHERE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}+:|//")
#: A line of a file, as forges show it.
_LINE: Final = re.compile(r"L\d{1,7}(?:C\d{1,7})?(?:-L\d{1,7}(?:C\d{1,7})?)?")
_MARKDOWN: Final = (".md", ".markdown")


def faults(
    path: str, document: Document, exists: Callable[[str], bool], read: Callable[[str], Document]
) -> Iterator[str]:
    """Yield the links of a document that lead nowhere.

    Args:
        path: of the document, relative to the repository.
        exists: whether the repository holds a file or a folder at a path.
        read: returns another document.
    """
    for link in document.links:
        if not _ELSEWHERE.match(link.text):
            says = _fault(path, link, document, exists, read)
            if says:
                yield f"{path}:{link.line}: {says}"


def _fault(
    path: str,
    link: Part,
    document: Document,
    exists: Callable[[str], bool],
    read: Callable[[str], Document],
) -> str:
    place, _, anchor = link.text.partition("#")
    target = _target(path, unquote(place.partition("?")[0]))
    if target is None:
        return f"the link {link.text[:200]!r} leads out of the repository"
    if not exists(target):
        return f"the link {link.text[:200]!r} leads to {target[:200]}, which does not exist"
    if not anchor or (target != path and not target.endswith(_MARKDOWN)):
        return ""
    other = document if target == path else read(target)
    if _LINE.fullmatch(anchor) or unquote(anchor) in other.slugs:
        return ""
    return f"{target[:200]} has no heading for the link {link.text[:200]!r}"


def _target(path: str, place: str) -> str | None:
    """Return the path that a link means; None if it is not in the repository."""
    if not place:
        return path
    start = "" if place.startswith("/") else posixpath.dirname(path)
    target = posixpath.normpath(posixpath.join(start, place.lstrip("/") or "."))
    return None if target == ".." or target.startswith("../") else target
