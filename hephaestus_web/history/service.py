"""The commits of a task and the files of a workflow by their authors.

They are read on demand from the repository if that is on this machine.
"""

from pathlib import Path
from typing import Any
from uuid import UUID

from hephaestus_core.changes.authors import merged_commits
from hephaestus_core.changes.work import Work, work_of
from hephaestus_core.contract.errors import InvalidInput, RepositoryError, Unavailable
from hephaestus_core.contract.repository_urls import masked_logins
from hephaestus_core.contract.texts import plain
from hephaestus_core.db.engine import Database
from hephaestus_core.settings.config import Settings
from hephaestus_web.history.commits import MOST, Commit, TaskCommits
from hephaestus_web.history.files import (
    MOST_FILES,
    MOST_MERGES,
    AuthoredFile,
    WorkflowFiles,
    by_file,
    read_changes,
)
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


def files_by_author(
    db: Database,
    settings: Settings,
    workflow_id: UUID,
    *,
    task_id: UUID | None = None,
    agent_id: UUID | None = None,
    path: str | None = None,
) -> WorkflowFiles:
    """Return the files that a workflow's merged work changed; else why they cannot be read.

    Args:
        db: the database.
        settings: say whether the repository may be read here.
        workflow_id: of the workflow.
        task_id: only what this task changed.
        agent_id: only what this attempt changed.
        path: only this file, or what lies below this folder.

    Raises:
        NotFound: there is no such workflow.
    """
    repository, merged = merged_commits(
        db, workflow_id, task_id=task_id, agent_id=agent_id, most=MOST_MERGES + 1
    )
    read = merged[:MOST_MERGES]
    files: list[AuthoredFile] = []
    unread = None
    if read:
        try:
            folder = _folder(settings, repository)
            said = _reading().files_of(folder, [each.commit for each in read], path)
            files = by_file(read_changes(said), read)
        except (InvalidInput, RepositoryError, Unavailable) as error:
            unread = plain(masked_logins(error.message))
    return WorkflowFiles(
        files=files[:MOST_FILES],
        merges=len(read),
        truncated=len(merged) > MOST_MERGES or len(files) > MOST_FILES,
        unread=unread,
    )


def _read(settings: Settings, work: Work, base: str, tip: str) -> list[Commit]:
    folder = _folder(settings, work.repository)
    found: list[Commit] = _reading().commits_between(folder, base, tip, work.base_branch)
    return found


def _reading() -> Any:
    """Return what runs git; without git on this machine it cannot be imported."""
    try:
        from hephaestus_web.history import reading
    except ImportError as error:
        raise RepositoryError(
            "The history cannot be read here, as git is not installed on this machine.",
            field="main_repo_path",
        ) from error
    return reading


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
