"""Reads the `.gitattributes` of a commit, which a merge without a checkout does not see.

git itself reads them from a commit since version 2.43 only (`GIT_ATTR_SOURCE`).
"""

import codecs
import os
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Final

from hephaestus_worker.git.objects.object_store import ObjectStore

_NAME: Final = ".gitattributes"
#: Only these modes are read; git follows no link to a file of attributes.
_PLAIN: Final = {"100644", "100755"}
#: Most bytes of one file, and of all; rules beyond are not read. Real ones have a few hundred.
_MOST_BYTES: Final = 1 << 20
_MOST_BYTES_IN_ALL: Final = 8 << 20
_BLANK: Final = b" \t\r\n"
#: Each letter matches in one way alone, so this is linear.
_QUOTED: Final = re.compile(rb'"((?:[^"\\]|\\.)*)"')
#: Bytes of paths that fit any argument list; with more, the whole tree is listed.
_MOST_PATHS: Final = 100_000


def that_count_for(store: ObjectStore, treeish: str, paths: Collection[str]) -> bytes:
    """Return the rules for these paths, as one file for the top of the repository."""
    wanted = {str(folder / _NAME) for path in paths for folder in _folders(path)}
    blobs: dict[str, str] = {}
    left = _MOST_BYTES_IN_ALL
    for path, object_id, size in _listed(store, treeish, sorted(wanted)):
        if path in wanted and size <= min(left, _MOST_BYTES):
            blobs[path] = object_id
            left -= size
    files = dict(zip(blobs, _contents(store, list(blobs.values())), strict=True))
    # The last rule counts: a folder's own come after those of the folders above it.
    ordered = sorted(files, key=lambda path: path.count("/"))
    return b"".join(_as_at_the_top(path.removesuffix(_NAME), files[path]) for path in ordered)


def _as_at_the_top(folder: str, content: bytes) -> bytes:
    """Return a folder's rules with patterns that mean the same at the top of the repository.

    Args:
        folder: "" or its path with a slash at the end.
    """
    lines = content.removeprefix(codecs.BOM_UTF8).split(b"\n")
    if folder:
        prefix = _quoted(re.sub(rb"([*?\[\\])", rb"\\\1", os.fsencode(folder)))
        lines = [_below(prefix, line.strip(_BLANK)) for line in lines]
    return b"".join(line + b"\n" for line in lines)


def _below(prefix: bytes, line: bytes) -> bytes:
    if not line or line.startswith((b"#", b"[attr]", b"!")):  # git takes macros at the top alone
        return b""
    if quoted := _QUOTED.match(line):
        pattern, rest = quoted[1], line[quoted.end() :]
    else:
        end = next((at for at, letter in enumerate(line) if letter in _BLANK), len(line))
        pattern, rest = _quoted(line[:end]), line[end:]
    anywhere = b"" if b"/" in pattern else b"**/"
    return b'"%s%s%s" %s' % (prefix, anywhere, pattern.removeprefix(b"/"), rest)


def _quoted(text: bytes) -> bytes:
    """Return the text as it stands between quotes in a file of attributes."""
    return b"".join(
        bytes([byte]) if byte > ord(" ") and byte not in b'"\\' else b"\\%03o" % byte
        for byte in text
    )


def _folders(path: str) -> Sequence[PurePosixPath]:
    """Return the folders that hold the path; none for one that no checkout can have."""
    parts = path.split("/")
    return [] if {"", ".", ".."} & set(parts) else PurePosixPath(path).parents


def _listed(store: ObjectStore, treeish: str, paths: list[str]) -> Iterator[tuple[str, str, int]]:
    """Yield path, object and size of the plain files among the paths; perhaps others too."""
    if not paths:
        return
    fits = sum(map(len, paths)) < _MOST_PATHS
    listed = store.git(
        *("ls-tree", "-z", "--long", "--full-tree"),
        *((treeish, "--", *paths) if fits else ("-r", treeish)),
        doing=f"look for attributes in {treeish[:12]}",
    )
    for line in os.fsdecode(listed.stdout).split("\0"):
        if line:
            facts, path = line.split("\t", 1)
            mode, _, object_id, size = facts.split()
            if mode in _PLAIN:
                yield path, object_id, int(size)


def _contents(store: ObjectStore, blobs: list[str]) -> Iterator[bytes]:
    if not blobs:
        return
    read = store.git(
        *("cat-file", "--batch"),
        doing="read attributes",
        stdin="".join(f"{blob}\n" for blob in blobs).encode(),
    ).stdout
    start = 0
    for _ in blobs:
        head, _, _ = read[start : start + 200].partition(b"\n")
        start += len(head) + 1
        size = int(head.split()[2])
        yield read[start : start + size]
        start += size + 1
