"""Looking at a repository before a workflow is started on it, as far as this machine can."""

import re
from pathlib import Path
from typing import Final

from hephaestus_core.config import Settings
from hephaestus_core.errors import RepositoryError
from hephaestus_core.texts import refuse_unstorable

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


def checked_out_branch(repository: str) -> str | None:
    """Return the branch that a local repository has checked out, None where that cannot be told."""
    path = Path(repository)
    folder = path / ".git" if (path / ".git").is_dir() else path
    try:
        head = (folder / "HEAD").read_text().strip()
    except OSError:
        return None
    name = head.removeprefix("ref: refs/heads/")
    return name if name != head and not name.startswith("hephaestus/") else None


def _is_repository(path: Path) -> bool:
    return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())
