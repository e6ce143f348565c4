"""Filters of git: programs that change files on their way into and out of a repository.

`.gitattributes` names them, the configuration of a clone says how they run. Without it agents would
read files as they are stored, for instance encrypted, and commit them in clear.
"""

import os
import tempfile
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git import locks
from hephaestus_worker.git.origins.mirror import Mirror

#: Git LFS is set up with each mirror, and a file that cannot be had is left as its pointer.
_HANDLED: Final = frozenset({"lfs"})
_WORKING: Final = (".clean", ".smudge", ".process")
#: git-crypt keeps its keys in this folder of the git folder.
_CRYPT: Final = "git-crypt"
#: In a linked worktree git-crypt would look for its keys in the git folder of that worktree alone.
_AT_COMMON_FOLDER: Final = 'GIT_DIR="$(git rev-parse --git-common-dir)" '
_LOCK_SECONDS: Final = 30.0
#: Agents write such files, too.
_MOST_BYTES: Final = 1_000_000


def prepare(mirror: Mirror, carried: Collection[str], *, commit: str, base_branch: str) -> None:
    """Carry these filters of the user's clone into the mirror; refuse to work without the others.

    Args:
        carried: the names of filters; those that the clone does not configure are left out.
        commit: the one that an agent is going to start from.
        base_branch: the branch of the origin that the work is finally for.

    Raises:
        RepositoryError: a filter that the files need is not configured here.
    """
    _carry(mirror, carried)
    needed = named(mirror.path, commit) - _HANDLED
    missing = needed - _working(mirror.path) if needed else needed
    # A filter that only agents have named has never changed a file of the user's.
    if missing and (lost := missing & named(mirror.path, mirror.resolve(base_branch))):
        raise _refusal(mirror, base_branch, min(lost), is_carried=min(lost) in carried)


def _carry(mirror: Mirror, names: Collection[str]) -> None:
    clone = mirror.source.git_dir
    settings = _read(clone) if clone and names else {}
    _set(mirror.path, {key: value for key, value in settings.items() if _name(key) in names})
    if clone and any(name.startswith(_CRYPT) for name in names):
        copy_keys(clone, mirror.path)


def copy_keys(source: Path, repository: Path) -> None:
    """Copy the keys of git-crypt from one git folder to another, if it has any."""
    for key in source.glob(f"{_CRYPT}/keys/*"):
        target = repository / key.relative_to(source)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".key-", delete=False) as file:
            file.write(key.read_bytes())
        Path(file.name).replace(target)


@lru_cache(maxsize=1024)
def named(mirror: Path, commit: str) -> frozenset[str]:
    """Return the filters that the .gitattributes files of a commit name."""
    lines, _ = git.beginning(
        *("grep", "-h", "-a", "-F", "--no-line-number", "--no-column", "-e", "filter="),
        *(git.check_commit(commit), "--", ":(glob)**/.gitattributes"),
        doing=f"read which filters {commit[:12]} names",
        git_dir=mirror,
        env={"GIT_LITERAL_PATHSPECS": "0"},
        allowed=(0, 1),
        most=_MOST_BYTES,
        timeout=git.BULK,
    )
    return frozenset(
        word.removeprefix("filter=")
        for line in os.fsdecode(lines).splitlines()
        if not line.startswith("#")
        for word in line.split()[1:]
        if word.startswith("filter=")
    )


def _working(mirror: Path) -> set[str]:
    """Return the filters that are configured for the mirror, by itself or for this host's user."""
    return {_name(key) for key in _read(mirror) if key.endswith(_WORKING)}


def _read(git_dir: Path, *options: str) -> dict[str, str]:
    """Return the settings of all filters that count in a repository, by their full names."""
    found = git.run(
        *("config", *options, "--null", "--get-regexp", r"^filter\."),
        doing=f"read the filters of {git_dir}",
        git_dir=git_dir,
        allowed=(0, 1),
    )
    entries = os.fsdecode(found.stdout).split("\0")
    return {key: value for key, _, value in (entry.partition("\n") for entry in entries) if key}


def _name(key: str) -> str:
    return key.removeprefix("filter.").rpartition(".")[0]


def _set(mirror: Path, settings: Mapping[str, str]) -> None:
    """Make these the only settings of filters that the mirror has itself."""
    wanted = {key: _command(key, value) for key, value in settings.items()}
    # Most mirrors have none; their file tells it without a process.
    if not wanted and "[filter" not in (mirror / "config").read_text():
        return
    if _read(mirror, "--local") == wanted:
        return
    with locks.held(
        mirror / "hephaestus-filters.lock", waiting_for="filters", timeout=_LOCK_SECONDS
    ):
        here = _read(mirror, "--local")
        for key in here.keys() - wanted.keys():
            git.run("config", "--unset-all", key, doing="drop a filter", git_dir=mirror)
        for key, value in wanted.items():
            if here.get(key) != value:
                git.run("config", key, value, doing="carry a filter", git_dir=mirror)


def _command(key: str, value: str) -> str:
    is_command = key.endswith(_WORKING) and _name(key).startswith(_CRYPT)
    return _AT_COMMON_FOLDER + value if is_command else value


def _refusal(mirror: Mirror, branch: str, name: str, *, is_carried: bool) -> RepositoryError:
    by_clone = (
        "Your clone does not configure it although git.filters names it: set it up there. Or"
        if is_carried
        else f"If your clone configures it, add '{name}' to git.filters in hephaestus_config.yaml "
        "of every host. Or"
    )
    return RepositoryError(
        f"The .gitattributes of '{branch}' of {mirror.source.shown} name the filter '{name}', "
        "which this host does not have: agents would read files as they are stored, such as "
        f"encrypted, and commit them unfiltered. {by_clone} configure it for this host's user with "
        f"`git config --global filter.{name}.clean …`; `cat` leaves files as they are.",
        field="main_repo_path",
    )
