"""Patterns of paths: ``*`` and ``?`` within one name, ``**`` for any number of folders.

A pattern that names a folder means all that is in it. No pattern takes more time than its length
times that of the path, whoever wrote either.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

_ANY_FOLDERS: Final = "**"


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Say whether the path, or a folder that holds it, matches one of the patterns.

    Args:
        path: relative to the repository, with ``/`` between its names.
    """
    return any(_matches(path, pattern) for pattern in patterns)


def is_pattern(path: str) -> bool:
    """Say whether a path has a wildcard in it."""
    return "*" in path or "?" in path


def segments(pattern: str) -> tuple[str, ...]:
    """Return the names of a pattern, without those that mean nothing."""
    return tuple(name for name in pattern.split("/") if name not in {"", "."})


def _matches(path: str, pattern: str) -> bool:
    names, wanted = segments(path), segments(pattern)
    if not wanted:
        return pattern in {".", "./", "/"}
    if wanted[-1] == _ANY_FOLDERS:
        # It matches what is in the folder, and not the folder.
        return _fits(names, (*wanted[:-1], "*", _ANY_FOLDERS), _ANY_FOLDERS, _name_fits)
    return _fits(names, (*wanted, _ANY_FOLDERS), _ANY_FOLDERS, _name_fits)


def _name_fits(name: str, pattern: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return name == pattern
    return _fits(name, pattern, "*", lambda one, other: other in {one, "?"})


def _fits(
    given: Sequence[Any], pattern: Sequence[Any], star: str, one_fits: Callable[[Any, Any], bool]
) -> bool:
    """Say whether a sequence fits a pattern in which ``star`` stands for any number of items.

    Only the last star is ever tried again: what stands before it has found its earliest place.
    """
    at = now = 0
    star_at, resume = -1, 0
    while at < len(given):
        if now < len(pattern) and pattern[now] == star:
            star_at, resume = now, at
            now += 1
        elif now < len(pattern) and one_fits(given[at], pattern[now]):
            at, now = at + 1, now + 1
        elif star_at >= 0:
            resume += 1
            at, now = resume, star_at + 1
        else:
            return False
    return all(item == star for item in pattern[now:])
