"""Finds the new files of a worktree that are saved although nobody has added them.

A file is new if the index does not have it and git does not ignore it. Files that an agent has
added itself are in the index, so none of these rules applies to them.
"""

import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from hephaestus_core.contract.left_out import LeftOut
from hephaestus_worker.git.worktrees import embedded, weighing
from hephaestus_worker.git.worktrees.place import Place
from hephaestus_worker.git.worktrees.unasked import reason_to_leave_out
from hephaestus_worker.git.worktrees.weighing import Limits

#: The first bytes of every CACHEDIR.TAG, by its specification.
_CACHE_TAG: Final = b"Signature: 8a477f597d28d172789f06886806bc55"
#: A folder `target` beside one of these files is the output of a build.
_BUILDS_INTO_TARGET: Final = ("Cargo.toml", "pom.xml", "build.sbt")


@dataclass(frozen=True)
class Rules:
    """A host's rules for saving agents' uncommitted files, and for leaving some of them out.

    Args:
        commits: the uncommitted files become a commit of the attempt's branch. Otherwise a
            snapshot beside the branch keeps them, and the branch has only the agent's commits.
        exclude: patterns as in .gitignore for the output of builds; the repository's own
            .gitignore takes precedence. Any pattern also excludes caches and virtual environments
            that a marker file identifies, and `target` beside a build file.
        limits: the limits for one commit.
    """

    commits: bool = True
    exclude: tuple[str, ...] = ()
    limits: Limits = Limits()  # noqa: RUF009 - it is frozen, too


@dataclass(frozen=True)
class NewFiles:
    """The new files of a worktree, sorted by their treatment. Paths are relative to the worktree.

    Args:
        paths: files to save, and the declared submodules.
        repositories: files to save that lie in embedded repositories, by repository.
        too_heavy: files that are not saved: too many, too large, or shaped like secrets.
        left_out: a summary of `too_heavy`.
        changed: the tracked files that were changed or deleted, which are not new.
    """

    paths: tuple[str, ...]
    repositories: Mapping[str, tuple[str, ...]]
    too_heavy: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.paths or self.repositories or self.too_heavy)


def find(place: Place, rules: Rules) -> NewFiles:
    """Find the new files, and the tracked files that were changed.

    `git status` and `git add --update` would run git in submodules, by the agent's configuration.
    """
    with _exclude_file(place, rules) as options:
        tagged = _list(place, *options, "-t", "--modified", "--others", "--exclude-standard")
        listed = [line[2:] for line in tagged if line.startswith("? ")]
        plain = [path for path in listed if not path.endswith("/")]
        inner = {
            path[:-1]: embedded.files_of(place, path[:-1], options)
            for path in listed
            if path.endswith("/")
        }
    if rules.exclude:
        plain = _without_builds(place, plain)
    declared = embedded.declared(place).intersection(inner)
    files = {path: names for path, names in inner.items() if names and path not in declared}
    sizes = _sizes(place, [*plain, *(name for names in files.values() for name in names)])
    single = _unasked(sizes)
    others = {path: size for path, size in sizes.items() if path not in single}
    left = [*single.values(), *weighing.too_heavy(others, rules.limits)]
    heavy = weighing.lying_in(others, left) | single.keys()
    kept = {path: tuple(n for n in names if n not in heavy) for path, names in files.items()}
    return NewFiles(
        paths=(*(path for path in plain if path not in heavy), *sorted(declared)),
        repositories={path: names for path, names in kept.items() if names},
        too_heavy=tuple(sorted(heavy)),
        left_out=tuple(left),
        changed=tuple(dict.fromkeys(line[2:] for line in tagged if line.startswith("C "))),
    )


@contextmanager
def _exclude_file(place: Place, rules: Rules) -> Iterator[tuple[str, ...]]:
    """Yield the options that make `git ls-files` leave out the files that the patterns match.

    They have to precede the options for .gitignore and the like, which then take precedence.
    """
    if not rules.exclude:
        yield ()
        return
    with tempfile.TemporaryDirectory(prefix="hephaestus-exclude-") as folder:
        file = Path(folder) / "patterns"
        option = f"--exclude-from={file}"
        file.write_text("".join(f"{pattern}\n" for pattern in rules.exclude))
        tracked = _list(place, "--cached", "--ignored", option)
        # A folder with tracked files is wanted, and so are new files in it.
        wanted = {folder for path in tracked for folder in _folders_above(path)}
        if wanted:
            with file.open("a") as patterns:
                patterns.writelines(f"!/{_as_pattern(each)}/\n" for each in sorted(wanted))
        yield (option,)


def _list(place: Place, *options: str) -> list[str]:
    listed = place.git("ls-files", "-z", *options, doing="list files")
    return [path for path in os.fsdecode(listed.stdout).split("\0") if path]


def _folders_above(path: str) -> list[str]:
    return [str(folder) for folder in PurePosixPath(path).parents if folder.name]


def _as_pattern(path: str) -> str:
    """Return a pattern that matches exactly this path."""
    return "".join(f"\\{letter}" if letter in "\\*?[ " else letter for letter in path)


def _without_builds(place: Place, paths: Collection[str]) -> list[str]:
    """Leave out folders that a marker file, in them or beside them, shows to be a tool's output."""
    names = {path: PurePosixPath(path) for path in paths}
    made = {
        str(name.parent)
        for path, name in names.items()
        if name.parent.name
        and (
            name.name == "pyvenv.cfg"
            or (name.name == "CACHEDIR.TAG" and _is_cache_tag(place.folder / path))
        )
    }
    targets = {
        str(folder) for name in names.values() for folder in name.parents if folder.name == "target"
    }
    made |= {each for each in targets if _is_build_folder(place, each)}
    return [path for path in paths if made.isdisjoint(_folders_above(path))]


def _is_cache_tag(file: Path) -> bool:
    try:
        with file.open("rb") as content:
            return not file.is_symlink() and content.read(len(_CACHE_TAG)) == _CACHE_TAG
    except OSError:
        return False


def _is_build_folder(place: Place, folder: str) -> bool:
    beside = (place.folder / folder).parent
    return any((beside / name).is_file() for name in _BUILDS_INTO_TARGET)


def _unasked(sizes: Mapping[str, int]) -> dict[str, LeftOut]:
    """Return the single files that are not committed unasked, by path."""
    reasons = ((path, size, reason_to_leave_out(path, size)) for path, size in sizes.items())
    return {path: LeftOut(path, 1, size, reason) for path, size, reason in reasons if reason}


def _sizes(place: Place, paths: Collection[str]) -> dict[str, int]:
    sizes = {}
    for path in paths:
        try:
            sizes[path] = (place.folder / path).lstat().st_size
        except OSError:
            continue  # A live agent may have deleted it meanwhile.
    return sizes
