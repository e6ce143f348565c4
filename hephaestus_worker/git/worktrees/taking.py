"""Takes commits of an attempt's private repository into the mirror, as data.

git never runs in the private repository. Its objects reach the mirror through `git unpack-objects
--strict` or `git index-pack --strict`, which name each object by its own hash, and refuse dangerous
tree entries and objects whose links lead nowhere.
"""

import hashlib
import logging
import os
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.logging import log_event
from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects import carrying, regular_files
from hephaestus_worker.git.objects.object_store import borrow, object_path
from hephaestus_worker.git.worktrees.place import Place

logger = logging.getLogger(__name__)

#: Above one of these the objects travel as a pack, which git makes.
_MOST_LOOSE: Final = 1_000
_LOOSE_BYTES: Final = 64_000_000
#: The most that one save takes from an agent, packed.
_MOST_BYTES: Final = 4_000_000_000

#: The most commits that are taken one by one where they cannot be taken together.
_MOST_SINGLY: Final = 50

_KINDS: Final = {b"commit": 1, b"tree": 2, b"blob": 3, b"tag": 4}
_SHA1_LENGTH: Final = 40
_HEX: Final = frozenset("0123456789abcdef")


class Untakeable(RepositoryError):
    """An agent's commits cannot be read: objects are missing, damaged, dangerous or too many."""


def take(place: Place, commits: Sequence[str], source: Path | None = None) -> None:
    """Put the commits, with all that they need, into the mirror. Safe to repeat.

    Args:
        source: the folder of objects to take them from; the private repository's by default.

    Raises:
        Untakeable: the source does not hold them whole, or git refuses them.
    """
    unknown = [each for each in commits if each != place.start]
    missing = _lacking(place, unknown) if unknown else []
    if missing:
        _take(place, missing, source or place.private / "objects")


def take_each(place: Place, commits: Sequence[str], source: Path | None = None) -> list[str]:
    """Take the commits that can be taken, and return them; see :func:`take`."""
    try:
        take(place, commits, source)
    except Untakeable as error:
        if len(commits) == 1:
            log_event(logger, "commit_not_taken", level=logging.WARNING, reason=error.message)
            return []
        few = commits[:_MOST_SINGLY]
        return [each for one in few for each in take_each(place, [one], source)]
    return list(commits)


def _lacking(place: Place, commits: Sequence[str]) -> list[str]:
    """Return those that the mirror lacks, or that are no commits."""
    listed = git.run(
        *("cat-file", "--batch-check=%(objecttype)"),
        doing=f"look for the commits of '{place.branch}'",
        git_dir=place.mirror,
        stdin="".join(f"{each}^{{commit}}\n" for each in commits).encode(),
    )
    kinds = listed.text.splitlines()
    return [each for each, kind in zip(commits, kinds, strict=True) if kind != "commit"]


def _take(place: Place, commits: Sequence[str], source: Path) -> None:
    try:
        # The packed way takes nothing but what the commits need, so it also gets past an object
        # that nothing refers to and git refuses.
        if not _take_loose(place, source) or _lacking(place, commits):
            _take_packed(place, commits, source)
        lacking = _lacking(place, commits)
    except (git.GitError, git.GitTimeout, OSError) as error:
        reason = error.message if isinstance(error, RepositoryError) else str(error)
        raise Untakeable(f"The commits of '{place.branch}' cannot be read: {reason}") from error
    if lacking:
        raise Untakeable(
            f"The repository of '{place.branch}' does not hold its commit {lacking[0][:12]}."
        )


def _take_loose(place: Place, source: Path) -> bool:
    """Take all objects, if they are few and none is in a pack; return whether that was done."""
    try:
        objects = _loose_objects(place, source)
        if objects:
            _unpack(place, objects)
    except (git.GitError, zlib.error, _DamagedObject):
        return False
    return objects is not None


class _DamagedObject(Exception):
    """A file of objects that is none."""


def _loose_objects(place: Place, objects: Path) -> list[tuple[int, bytes]] | None:
    """Return kind and content of all loose objects; None if there are packs, or too many."""
    if any(objects.glob("pack/*.pack")):
        return None
    found: list[tuple[int, bytes]] = []
    left = _LOOSE_BYTES
    for file in _loose_files(objects):
        if len(found) == _MOST_LOOSE:
            return None
        if object_path(place.mirror / "objects", file.parent.name + file.name).exists():
            continue
        read = _read_loose(file, left)
        if read is None:
            return None
        found.append(read)
        left -= len(read[1])
    return found


def _loose_files(objects: Path) -> Iterator[Path]:
    for folder in sorted(objects.iterdir()):
        if len(folder.name) == 2 and set(folder.name) <= _HEX and not folder.is_symlink():  # noqa: PLR2004
            yield from (file for file in folder.iterdir() if set(file.name) <= _HEX)


def _read_loose(file: Path, most: int) -> tuple[int, bytes] | None:
    """Return kind and content of an object; None if it is larger than `most` bytes."""
    stored = regular_files.read(file, most)
    if stored is None:
        return None
    unpacker = zlib.decompressobj()
    whole = unpacker.decompress(stored, most + 64)
    if unpacker.unconsumed_tail:
        return None
    header, _, content = whole.partition(b"\0")
    kind, _, size = header.partition(b" ")
    if kind not in _KINDS or size != b"%d" % len(content):
        raise _DamagedObject
    return _KINDS[kind], content


def _unpack(place: Place, objects: Sequence[tuple[int, bytes]]) -> None:
    git.run(
        *("unpack-objects", "-q", "--strict"),
        doing=f"take the commits of '{place.branch}'",
        git_dir=place.mirror,
        stdin=_pack_of(objects, hash_name=_hash_name(place)),
        timeout=git.BULK,
    )


def _hash_name(place: Place) -> str:
    return "sha1" if len(place.start) == _SHA1_LENGTH else "sha256"


def _pack_of(objects: Sequence[tuple[int, bytes]], *, hash_name: str) -> bytes:
    """Return a pack, by https://git-scm.com/docs/gitformat-pack."""
    parts = [b"PACK", (2).to_bytes(4), len(objects).to_bytes(4)]
    for kind, content in objects:
        parts += [_entry_header(kind, len(content)), zlib.compress(content, 0)]
    body = b"".join(parts)
    return body + hashlib.new(hash_name, body, usedforsecurity=False).digest()


def _entry_header(kind: int, size: int) -> bytes:
    """Return kind and size: four bits of the size in the first byte, seven in each other."""
    header = bytearray()
    byte, size = kind << 4 | size & 15, size >> 4
    while size:
        header.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    header.append(byte)
    return bytes(header)


def _take_packed(place: Place, commits: Sequence[str], source: Path) -> None:
    with tempfile.TemporaryDirectory(
        prefix="tmp_objdir-hephaestus-", dir=place.mirror / "objects"
    ) as folder:
        view = _view(source, Path(folder) / "view")
        name = git.run(
            *("pack-objects", "--quiet", "--revs", f"{folder}/pack"),
            doing=f"pack the commits of '{place.branch}'",
            git_dir=place.mirror,
            stdin=_revisions(place, commits),
            env=borrow(view),
            timeout=git.BULK,
        ).text
        pack = Path(folder) / f"pack-{name}.pack"
        if pack.stat().st_size > _MOST_BYTES:
            raise OSError(f"they take more than {_MOST_BYTES // 1_000_000:,} MB")
        git.run(
            *("index-pack", "--strict", str(pack)),
            doing=f"check the commits of '{place.branch}'",
            git_dir=place.mirror,
            timeout=git.BULK,
        )
        for suffix in ("pack", "idx"):  # git looks for an index first
            file = pack.with_suffix(f".{suffix}")
            carrying.link(file, place.mirror / "objects" / "pack" / file.name)


def _revisions(place: Place, commits: Sequence[str]) -> bytes:
    known = {place.start, place.tip()}
    return "".join([*(f"{c}\n" for c in commits), *(f"^{k}\n" for k in known)]).encode()


def _view(objects: Path, view: Path) -> Path:
    """Link the objects to a folder without the alternates and caches that an agent may have set."""
    files = [*_loose_files(objects), *objects.glob("pack/pack-*.pack")]
    files += [file.with_suffix(".idx") for file in objects.glob("pack/pack-*.pack")]
    for file in files:
        if regular_files.is_regular(file):
            target = view / file.relative_to(objects)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(file, target, follow_symlinks=False)
    view.mkdir(exist_ok=True)
    return view
