"""The map of a repository: each file is in one area, or left out with a reason."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from hephaestus_core.contract.globs import is_pattern, matches, segments
from hephaestus_worker.reviews.documents.yaml_lists import entries, word, words

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
#: Most tries of one pattern on one file; folders without wildcards take none.
_MOST_TRIES: Final = 2_000_000
_LEFT_OUT: Final = "left_out"


def area_ids(data: Mapping[str, Any]) -> list[str]:
    """Return the ids of all areas.

    Raises:
        Unreadable: the file has another form.
    """
    return [word(each, "id") for each in entries(data, "areas")]


def faults(data: Mapping[str, Any], paths: Sequence[str], *, most: int) -> Iterator[str]:
    """Yield the faults of a map.

    Args:
        data: its content.
        paths: all files of the repository that it has to cover.
        most: the number of areas.

    Raises:
        Unreadable: the file has another form.
    """
    ids = area_ids(data)
    if not ids:
        yield "`areas` is empty"
    if len(ids) > most:
        yield f"{len(ids)} areas; at most {most} are read. Join the smallest"
    for name in ids:
        if not _ID.fullmatch(name):
            yield f"{name[:60]!r} cannot be an id: use small letters, digits and hyphens"
    if len(set(ids)) < len(ids):
        yield "two areas have the same id"
    for each in entries(data, _LEFT_OUT):
        if not word(each, "reason"):
            yield f"{', '.join(words(each, 'files'))[:200]} is left out without a reason"
    yield from _of_files(_patterns(data), paths)


def _patterns(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each pattern with the area it belongs to."""
    areas = [(word(each, "id"), each) for each in entries(data, "areas")]
    areas += [(_LEFT_OUT, each) for each in entries(data, _LEFT_OUT)]
    return [(pattern, area) for area, each in areas for pattern in words(each, "files")]


def _of_files(patterns: Sequence[tuple[str, str]], paths: Sequence[str]) -> Iterator[str]:
    plain, wild = _sorted_out(patterns)
    if len(wild) * len(paths) > _MOST_TRIES:
        yield f"{len(wild)} patterns with wildcards are too many for {len(paths):,} files"
        return
    used: set[str] = set()
    for path in paths:
        found = _matching(path, plain, wild)
        used.update(pattern for pattern, _ in found)
        areas = sorted({area for _, area in found})
        if not areas:
            yield f"{path} is in no area and is not left out"
        elif len(areas) > 1:
            yield f"{path} is in {' and in '.join(areas)}"
    for pattern, area in patterns:
        if pattern not in used:
            yield f"{pattern[:200]!r} of {area} names no file"


def _sorted_out(
    patterns: Sequence[tuple[str, str]],
) -> tuple[dict[str, list[tuple[str, str]]], list[tuple[str, str]]]:
    """Return what names files and folders outright, by the path, and the patterns."""
    plain: dict[str, list[tuple[str, str]]] = {}
    wild = []
    for pattern, area in patterns:
        path = "/".join(segments(pattern.removesuffix("/**")))
        if path and not is_pattern(path):
            plain.setdefault(path, []).append((pattern, area))
        else:
            wild.append((pattern, area))
    return plain, wild


def _matching(
    path: str, plain: Mapping[str, list[tuple[str, str]]], wild: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    found = [each for each in wild if matches(path, [each[0]])]
    names = path.split("/")
    for end in range(1, len(names) + 1):
        found += plain.get("/".join(names[:end]), ())
    return found
