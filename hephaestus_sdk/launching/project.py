"""A folder that agents can work on: a git repository with a commit, made where it is missing."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hephaestus_sdk.errors import InvalidInput, RepositoryError

_SECONDS: Final = 60.0
#: Files from which on a folder is hardly a project that somebody has forgotten to commit.
_MOST_FILES: Final = 5000
#: Where a caller such as a hook says that git is at work; it means another repository than ours.
_OF_ANOTHER: Final = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"),
)
#: Of the first commit, where git knows no name of its user; it is written to no settings.
_IDENTITY: Final = ("-c", "user.name=Hephaestus", "-c", "user.email=hephaestus@localhost")


@dataclass(frozen=True)
class Project:
    """A folder in a git repository that has a commit."""

    folder: Path
    repository: Path
    """The top of its repository."""
    made: tuple[str, ...] = ()
    """What was made of it just now, in words; empty: all was there."""


def prepared(path: Path) -> Project:
    """Return the project in a folder, and make what it lacks: folder, repository, first commit.

    Nothing of a repository with a commit is touched, and the settings of none. A first commit
    holds what is staged, else all files that git does not ignore.

    Raises:
        InvalidInput: the path is no folder, or one that is hardly a project.
        RepositoryError: git cannot do its part; says why.
    """
    folder = path.expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        raise InvalidInput(f"{folder} is a file; name a folder", field="path")
    made = []
    if new := not folder.exists():
        folder.mkdir(parents=True)
        made.append("a new folder")
    if new or not _is_repository(folder):
        _refuse_home(folder)
        _git(folder, "init", "--quiet", f"--initial-branch={_usual_branch(folder)}")
        made.append("a new git repository")
    if not _has_commit(folder):
        made.append(_commit(folder))
    top = _git(folder, "rev-parse", "--show-toplevel").strip()
    return Project(folder.resolve(), Path(top), tuple(made))


def _is_repository(folder: Path) -> bool:
    """Say whether the folder is in a repository; raises if git refuses to look."""
    asked = _run(folder, "rev-parse", "--is-inside-work-tree")
    if asked.returncode and "not a git repository" in asked.stderr:
        return False
    if asked.returncode or asked.stdout.strip() != "true":
        raise RepositoryError(
            f"{folder} has no files to work on ({_fault(asked) or 'it is a bare repository'}); "
            "name a folder with a work tree",
            field="path",
        )
    return True


def _refuse_home(folder: Path) -> None:
    if folder.resolve() in {Path.home().resolve(), Path(folder.anchor)}:
        raise InvalidInput(
            f"{folder} is no project: its files would all be committed; name a folder in it",
            field="path",
        )


def _usual_branch(folder: Path) -> str:
    return _run(folder, "config", "--get", "init.defaultBranch").stdout.strip() or "main"


def _has_commit(folder: Path) -> bool:
    return _run(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").returncode == 0


def _commit(folder: Path) -> str:
    """Make the first commit; return what it holds, in words."""
    if not _listed(folder, "--cached"):
        new = len(_listed(folder, "--others", "--exclude-standard"))
        if new > _MOST_FILES:
            raise InvalidInput(
                f"{folder} has {new} files and no commit; name those that are not to be committed "
                "in .gitignore, or make the first commit yourself",
                field="path",
            )
        _git(folder, "add", "--all")
    known = _run(folder, "config", "--get", "user.email").returncode == 0
    words = ("commit", "--quiet", "--allow-empty", "--message=Initial commit")
    _git(folder, *words, config=() if known else _IDENTITY)
    files = len(_listed(folder, "--cached"))
    held = "no file" if not files else "1 file" if files == 1 else f"{files} files"
    return f"a first commit with {held}"


def _listed(folder: Path, *which: str) -> list[str]:
    top = Path(_git(folder, "rev-parse", "--show-toplevel").strip())
    return [name for name in _git(top, "ls-files", "-z", *which).split("\0") if name]


def _git(folder: Path, command: str, *arguments: str, config: tuple[str, ...] = ()) -> str:
    done = _run(folder, *config, command, *arguments)
    if done.returncode:
        raise RepositoryError(f"{folder}: `git {command}` failed: {_fault(done)}", field="path")
    return done.stdout


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER}
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *arguments],
            env={**kept, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise RepositoryError("git is not installed; install git 2.38 or newer") from error
    except subprocess.TimeoutExpired as error:
        raise RepositoryError(f"{folder}: git took longer than {_SECONDS:.0f} s") from error


def _fault(done: subprocess.CompletedProcess[str]) -> str:
    lines = done.stderr.strip().splitlines()
    return lines[-1].removeprefix("fatal: ") if lines else ""
