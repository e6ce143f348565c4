"""The branches of a repository, for a person who chooses one."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import Login, masked_logins
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.contract.texts import plain
from hephaestus_core.settings.config import Settings
from hephaestus_web.launching.git_answers import local_branches, remote_branches
from hephaestus_web.launching.repositories import (
    check_repository,
    default_base_branch,
    hosts_are_here,
    is_url,
    shared_folder,
)

#: Most branches that are offered.
_MOST: Final = 200
_LONGEST_SUBJECT: Final = 100
_LONGEST_REASON: Final = 300
#: Those of workflows; nothing starts from them.
_OURS: Final = "hephaestus/"
_LINE: Final = re.compile(r"([0-9a-f]{40,64})\trefs/heads/([^\t]+)(?:\t(\d+)\t(.*))?")
_COMMON: Final = ("main", "master")
#: What git says of a server that lets nobody in without a login.
_LOGIN_WANTED: Final = ("could not read Username", "Authentication failed", "could not read Passw")


@dataclass(frozen=True)
class Branch:
    """A branch of a person, and its newest commit."""

    name: str
    commit: str
    at: datetime | None = None
    """When that was made; None: the server does not say."""
    subject: str = ""


@dataclass(frozen=True)
class Branches:
    """The branches of a repository, those of this machine with the newest first."""

    found: list[Branch]
    usual: str
    """The branch that a launch takes which names none; empty: it has to name one."""

    def named(self, name: str) -> Branch:
        """Return the branch of a launch, by default the usual one.

        Raises:
            RepositoryError: there is none of that name.
        """
        wanted = name or self.usual
        if not wanted:
            raise RepositoryError(
                "No branch is checked out there; choose one.", field="base_branch"
            )
        for each in self.found:
            if each.name == wanted:
                return each
        names = [each.name for each in self.found]
        raise RepositoryError(
            f"There is no branch '{wanted}'{nearest(wanted, names)}.", field="base_branch"
        )


def branches_of(settings: Settings, repository: str, login: Login | None) -> Branches:
    """Ask git for the branches of a repository.

    Args:
        settings: of the server.
        repository: a path, or a URL without a login.
        login: for the URL.

    Raises:
        InvalidInput, RepositoryError: it cannot be one, or cannot be looked at from here.
        Unavailable: too many are looked at just now.
    """
    check_repository(settings, repository)
    if is_url(repository):
        protocols = "http:https:ssh:git" + (":file" if hosts_are_here(settings) else "")
        said = remote_branches(repository, login, protocols)
        return _branches(said, repository, settings.base_branch or "main")
    folder = shared_folder(Path(repository)) if hosts_are_here(settings) else None
    if folder is None:
        raise RepositoryError(
            "This path is one of the hosts', which this machine does not see; "
            "write the name of the branch.",
            field="main_repo_path",
        )
    return _branches(local_branches(folder), repository, settings.base_branch or _head(repository))


def _head(repository: str) -> str:
    try:
        return default_base_branch(repository)
    except RepositoryError:
        return ""


def _branches(said: bytes, repository: str, usual: str) -> Branches:
    lines = plain(said.decode(errors="replace")).split("\n")
    found = [branch for branch in _read(lines) if not branch.name.startswith(_OURS)]
    if not found:
        raise RepositoryError(_obstacle(lines, repository), field="main_repo_path")
    # A server names them by name: those that most people want come first.
    first = [each for name in (usual, *_COMMON) for each in found if each.name == name]
    return Branches(list(dict.fromkeys([*first, *found]))[:_MOST], usual)


def _read(lines: Iterable[str]) -> Iterator[Branch]:
    for line in lines:
        if (read := _LINE.fullmatch(line)) is not None:
            commit, name, second, subject = read.groups()
            at = None if second is None else _moment(second)
            yield Branch(name, commit, at, (subject or "")[:_LONGEST_SUBJECT])


def _moment(second: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(second), UTC)
    except (ValueError, OverflowError, OSError):  # of a commit that somebody made by hand
        return None


def _obstacle(lines: Iterable[str], repository: str) -> str:
    """Say why no branch was found, in git's words where it has some."""
    shown = masked_logins(repository)
    words = [
        line.partition(":")[2].strip() for line in lines if line.startswith(("fatal:", "error:"))
    ]
    if not words:
        return f"{shown} has no branch with a commit yet; make the first commit."
    said = masked_logins(" ".join(words))[:_LONGEST_REASON]
    if any(sign in said for sign in _LOGIN_WANTED):
        return (
            f"{shown} asks for a login. Write it into the URL (https://user:token@…), "
            "or name a branch that the hosts can reach."
        )
    return f"The branches of {shown} cannot be listed from here: {said.rstrip('.')}."
