"""Looking at a repository before a workflow is started on it, as far as this machine can."""

import re
from pathlib import Path
from typing import Final

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.texts import refuse_unstorable
from hephaestus_core.settings.config import Settings

_FIELD: Final = "main_repo_path"
#: ``scheme://…``, or ``host:path`` as git also reads it.
_URL: Final = re.compile(r"[\w.@+-]+:(?!\\)")
_LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}


def check_repository(settings: Settings, repository: str) -> None:
    """Refuse a repository that cannot be one.

    A path is looked up only where all hosts are this machine, that is on a stack that listens on
    loopback; elsewhere it may be there for the hosts and not here. URLs are for hosts to reach.

    Raises:
        InvalidInput: no path and no URL can hold what is in it.
        RepositoryError: no repository is named, or the path is none.
    """
    refuse_unstorable(repository, _FIELD)
    if not repository:
        raise RepositoryError(
            "No repository is named; give 'main_repo_path', or set it in the configuration.",
            field=_FIELD,
        )
    if repository.startswith("-") or "::" in repository.split("/", 1)[0]:
        raise RepositoryError(
            f"{repository!r} is neither a path nor a URL of a repository.", field=_FIELD
        )
    if _URL.match(repository) or settings.mcp_host not in _LOOPBACK:
        return
    path = Path(repository)
    if not path.is_absolute() or not _is_repository(path):
        raise RepositoryError(
            f"{repository} is no git repository; name the absolute path of one, or make it one "
            "with `git init` and a first commit.",
            field=_FIELD,
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
            f"{repository} has no branch of yours checked out; name the branch that work starts "
            "from and goes to, as base_branch.",
            field="base_branch",
        )
    return name


def _head(path: Path) -> str | None:
    """Return what HEAD of a checkout or of a bare repository says, None where none can be read."""
    folder = path / ".git" if (path / ".git").exists() else path
    try:
        if folder.is_file():  # of a linked worktree or a submodule
            link = folder.read_text().strip().removeprefix("gitdir: ")
            folder = path / link
        return (folder / "HEAD").read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None


def _is_repository(path: Path) -> bool:
    return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())
