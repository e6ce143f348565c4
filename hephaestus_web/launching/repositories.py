"""Looking at a repository before a workflow is started on it, as far as this machine can."""

import os
import re
import stat
from itertools import islice
from pathlib import Path
from typing import Final

from hephaestus_core.contract.branch_names import check_branch
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import masked_logins
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.contract.texts import refuse_unstorable
from hephaestus_core.settings.config import Settings
from hephaestus_web.launching.git_answers import check_owner, check_whole, signs_commits

_FIELD: Final = "main_repo_path"
#: ``scheme://…``, or ``host:path`` as git also reads it.
_URL: Final = re.compile(r"[\w.@+-]+:(?!\\)")
_LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}
#: Branches that a refusal lists.
_SHOWN: Final = 20
#: Most bytes that are read of one of git's files, such as the list of packed branches.
_MOST_BYTES: Final = 64 * 2**20
#: Most entries that are looked at for the branches that a refusal lists.
_MOST_BRANCHES: Final = 10_000


def check_repository(settings: Settings, repository: str) -> None:
    """Refuse a repository that cannot be one.

    A path is looked up only where all hosts are this machine, that is on a stack that listens on
    loopback; elsewhere it may be there for the hosts and not here. URLs are for hosts to reach.

    Raises:
        InvalidInput: no path and no URL can hold what is in it.
        RepositoryError: no repository is named, the path is none, or it is another user's or a
            shallow clone.
    """
    refuse_unstorable(repository, _FIELD)
    if not repository:
        raise RepositoryError(
            "No repository is named; give 'main_repo_path', or set it in the configuration.",
            field=_FIELD,
        )
    if repository.startswith("-") or "::" in repository.split("/", 1)[0]:
        raise RepositoryError(
            f"{masked_logins(repr(repository))} is neither a path nor a URL; "
            "give the absolute path or the URL of a repository.",
            field=_FIELD,
        )
    if not is_seen(settings, repository):
        return
    path = Path(repository)
    if not path.is_absolute() or not _is_repository(path):
        raise RepositoryError(
            f"{repository} is no git repository; name the absolute path of one, or make it one "
            "with `git init` and a first commit.",
            field=_FIELD,
        )
    if shared := shared_folder(path):
        check_owner(shared, repository)
        _check_history(shared, repository)


def _check_history(shared: Path, repository: str) -> None:
    try:
        is_shallow = (shared / "shallow").stat().st_size > 0
    except OSError:
        return
    if is_shallow:
        raise RepositoryError(
            f"{repository} is a shallow clone, and merges need the whole history: fetch it with "
            "`git fetch --unshallow`, or clone without a depth.",
            field=_FIELD,
        )


def check_base_branch(settings: Settings, repository: str, branch: str) -> None:
    """Refuse a branch that a repository on this machine does not have, as far as files tell.

    Raises:
        RepositoryError: it has no such branch, or no commit at all.
    """
    check_branch(branch, field="base_branch")
    folder = shared_folder(Path(repository)) if is_seen(settings, repository) else None
    if folder is None or (folder / "reftable").exists():  # kept where git alone can read them
        return
    heads = folder / "refs" / "heads"
    packed = _packed_branches(folder)
    if branch in packed or (heads / branch).is_file():
        return
    loose = [
        f.relative_to(heads).as_posix()
        for f in islice(heads.rglob("*"), _MOST_BRANCHES)
        if f.is_file()
    ]
    raise _no_branch(repository, branch, sorted({*packed, *loose}))


def check_readable(settings: Settings, repository: str, branch: str) -> None:
    """Refuse a repository on this machine in which git cannot read a branch that it has.

    Raises:
        RepositoryError: it is damaged.
    """
    folder = shared_folder(Path(repository)) if is_seen(settings, repository) else None
    if folder is not None:
        check_whole(folder, repository, branch)


def notice_of(settings: Settings, repository: str) -> str | None:
    """Say what a person should know before work on a repository of this machine is delivered."""
    folder = shared_folder(Path(repository)) if is_seen(settings, repository) else None
    if folder is None or not signs_commits(folder):
        return None
    return (
        f"{repository} is set to sign commits (commit.gpgSign), but agents' commits and merges are "
        "not signed. If the place that you push to demands signatures, launch without auto_merge "
        "and sign them before you push."
    )


def _no_branch(repository: str, branch: str, names: list[str]) -> RepositoryError:
    own = [name for name in names if not name.startswith("hephaestus/")]
    if not own:
        return RepositoryError(
            f"{repository} has no branch with a commit yet; make the first commit of "
            f"'{branch}', e.g. with `git commit --allow-empty -m 'Initial commit'`.",
            field="main_repo_path",
        )
    more = f" and {len(own) - _SHOWN} more" if len(own) > _SHOWN else ""
    return RepositoryError(
        f"{repository} has no branch '{branch}'{nearest(branch, own)}; "
        f"it has: {', '.join(own[:_SHOWN])}{more}.",
        field="base_branch",
    )


def default_base_branch(repository: str) -> str:
    """Return the branch that a local repository has checked out.

    For a URL, and for a path that this machine cannot see, that is ``main``.

    Raises:
        RepositoryError: a local repository that is on no branch of its user's.
    """
    head = _head(Path(repository))
    if head is None:
        return "main"
    name = head.removeprefix("ref: refs/heads/")
    # What stands there for a format of git that keeps its branches elsewhere.
    if name in {head, ".invalid"} or name.startswith("hephaestus/"):
        raise RepositoryError(
            f"{repository} has no branch checked out; name the branch that work starts "
            "from and is delivered to, as 'base_branch'.",
            field="base_branch",
        )
    return name


def is_url(repository: str) -> bool:
    """Say whether git would look for it elsewhere, and not at a path of this machine."""
    return _URL.match(repository) is not None


def is_seen(settings: Settings, repository: str) -> bool:
    """Say whether it is a path, and all hosts are this machine."""
    return not is_url(repository) and hosts_are_here(settings)


def hosts_are_here(settings: Settings) -> bool:
    """Say whether all hosts are this machine: the stack listens on loopback alone."""
    return settings.mcp_host in _LOOPBACK


def _head(path: Path) -> str | None:
    """Return what HEAD of a checkout or of a bare repository says, None where none can be read."""
    try:
        head = _text(_own_folder(path) / "HEAD")
    except OSError:
        return None
    return None if head is None else head.strip()


def _own_folder(path: Path) -> Path:
    """Return the folder in which git keeps what belongs to this checkout alone."""
    folder = path / ".git" if (path / ".git").exists() else path
    named = _text(folder)  # of a linked worktree or a submodule
    return folder if named is None else path / named.strip().removeprefix("gitdir: ")


def shared_folder(path: Path) -> Path | None:
    """Return the folder in which git keeps branches, None where it cannot be read."""
    try:
        own = _own_folder(path)
    except OSError:
        return None
    common = _text(own / "commondir")
    return own if common is None else own / common.strip()


def _packed_branches(folder: Path) -> set[str]:
    lines = (_text(folder / "packed-refs") or "").splitlines()
    refs = (line.partition(" ")[2] for line in lines)
    return {ref.removeprefix("refs/heads/") for ref in refs if ref.startswith("refs/heads/")}


def _text(path: Path) -> str | None:
    """Return the text of one of git's files; None for anything else, such as a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):  # the latter for a NUL
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return None
        return os.read(descriptor, min(found.st_size, _MOST_BYTES)).decode(errors="replace")
    finally:
        os.close(descriptor)


def _is_repository(path: Path) -> bool:
    return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())
