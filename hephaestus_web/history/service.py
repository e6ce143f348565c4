"""The commits of a task, read on demand from its repository if that is on this machine."""

from pathlib import Path
from uuid import UUID

from hephaestus_core.changes.work import Work, work_of
from hephaestus_core.contract.errors import InvalidInput, RepositoryError, Unavailable
from hephaestus_core.contract.repository_urls import masked_logins
from hephaestus_core.contract.texts import plain
from hephaestus_core.db.engine import Database
from hephaestus_core.settings.config import Settings
from hephaestus_web.history.commits import MOST, Commit, TaskCommits
from hephaestus_web.launching.repositories import (
    check_repository,
    hosts_are_here,
    is_url,
    shared_folder,
)


def commits_of(db: Database, settings: Settings, task_id: UUID) -> TaskCommits:
    """Return the commits of a task; where they cannot be read, the reason in their place.

    Raises:
        NotFound: there is no such task.
    """
    work = work_of(db, task_id)
    found: list[Commit] = []
    unread = None
    if work.base is not None and work.tip is not None:
        try:
            found = _read(settings, work, work.base, work.tip)
        except (InvalidInput, RepositoryError, Unavailable) as error:
            unread = plain(masked_logins(error.message))
    return TaskCommits(
        base=work.base,
        tip=work.tip,
        base_branch=work.base_branch,
        commits=found[:MOST],
        truncated=len(found) > MOST,
        unread=unread,
    )


def _read(settings: Settings, work: Work, base: str, tip: str) -> list[Commit]:
    folder = _folder(settings, work.repository)
    try:
        # Put off: without git on this machine it cannot be imported, and it asks git for its
        # version.
        from hephaestus_web.history.reading import commits_between
    except ImportError as error:
        raise RepositoryError(
            "The history cannot be read here, as git is not installed on this machine.",
            field="main_repo_path",
        ) from error
    return commits_between(folder, base, tip, work.base_branch)


def _folder(settings: Settings, repository: str) -> Path:
    if is_url(repository):
        raise RepositoryError(
            "The history cannot be read here, as the repository is behind a URL; "
            "fetch it and look with `git log`.",
            field="main_repo_path",
        )
    if not hosts_are_here(settings):
        raise RepositoryError(
            "The history cannot be read here, as the repository is a folder of the hosts, which "
            "this machine may not see; look there with `git log`.",
            field="main_repo_path",
        )
    check_repository(settings, repository)  # also whose it is
    folder = shared_folder(Path(repository))
    if folder is None:
        raise RepositoryError(f"{repository} cannot be read.", field="main_repo_path")
    return folder
