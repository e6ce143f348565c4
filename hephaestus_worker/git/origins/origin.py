"""Origins of repositories: the protocol, and how an address is read."""

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import Login, masked_logins
from hephaestus_worker.git.objects.drafts import Draft, Needed

_SCHEMES = {"http", "https", "ssh", "git", "file"}
_SHORT_SSH = re.compile(r"(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*:(?!:)[^\s:-][^\s]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

# Credentials in a URL would show in the process list; git asks one of these helpers instead.
_TELL = (
    '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" '
    '"$HEPHAESTUS_GIT_USER" "$HEPHAESTUS_GIT_PASSWORD"; }; f'
)
# A name without a password is either a token or a name whose password the user's own helpers
# know. `store` and `erase` do nothing: this helper only answers.
_ASK_THEN_TELL = (
    '!f() { test "$1" = get || return 0; unset GIT_CONFIG_PARAMETERS; '
    '{ cat; printf "username=%s\\n" "$HEPHAESTUS_GIT_USER"; } | git credential fill 2>/dev/null '
    '|| printf "username=%s\\npassword=\\n" "$HEPHAESTUS_GIT_USER"; }; f'
)


class PushRefused(RepositoryError):
    """The origin refuses this push, with its reason; no other push came first."""


class RefLocked(PushRefused):
    """Another git process holds the branch's lock file, or has left it behind."""


class Origin(Protocol):
    """The repository that a mirror copies and that work is pushed to."""

    @property
    def shown(self) -> str:
        """Its address for messages, without credentials."""

    @property
    def key(self) -> str:
        """Equal for all known ways to name the same repository."""

    @property
    def git_dir(self) -> Path | None:
        """Its git folder, if it is a folder of this machine."""

    def clone(self, target: Path, options: Sequence[str]) -> None:
        """Make the bare repository `target` with all branches and tags."""

    def identity(self) -> tuple[str, str] | None:
        """Name and mail address configured in the repository itself."""

    def large_files(self) -> Mapping[str, str]:
        """Settings of git by which a mirror finds the files of Git LFS."""

    def ignore_rules(self) -> bytes:
        """Rules for files that are not committed, beside those of .gitignore."""

    def heads(self) -> dict[str, str]:
        """Commit of each branch."""

    def tip(self, branch: str) -> str | None:
        """Newest commit of one branch, None if there is no such branch."""

    def fetch(self, mirror: Path, commit: str, *, branch: str | None) -> None:
        """Fetch the commit into the bare repository `mirror`, if the origin has it.

        `branch` is a branch that contains it, if one is known.
        """

    def push(self, mirror: Path, commit: str, branch: str, *, expected: str | None) -> bool:
        """Set the branch to the commit if it is at `expected` (None: missing); else False."""

    def drafting(
        self, mirror: Path, branch: str, needed: Sequence[Needed]
    ) -> AbstractContextManager[Draft | None]:
        """Yield a draft that is quicker than one in the mirror, or None.

        Its commits build upon `needed` and are not copied to the mirror.
        """

    def drop(self, mirror: Path, branches: Mapping[str, str]) -> list[str]:
        """Delete the branches that point to these commits and are open nowhere; return them."""


@dataclass(frozen=True)
class Address:
    """A URL without a login, and the git options that supply one.

    `options` go before git's command, so that they are stored nowhere.
    """

    url: str
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return masked_logins(self.url)


def local_path(origin: str) -> Path | None:
    """Return the folder that an origin names, None if it is a URL.

    Raises:
        RepositoryError: it is neither a path nor a URL that is safe as an argument of git.
    """
    if not origin.strip() or _CONTROL.search(origin) or origin.startswith("-") or "::" in origin:
        raise _not_an_origin(origin)
    if origin.startswith(("/", "~", ".")):
        return Path(origin).expanduser().resolve()
    if "://" in origin:
        if origin.partition("://")[0] not in _SCHEMES:
            raise _not_an_origin(origin)
        return None
    if _SHORT_SSH.fullmatch(origin):
        return None
    return Path(origin).resolve()


def _not_an_origin(origin: str) -> RepositoryError:
    return RepositoryError(
        f"{masked_logins(origin)[:200]!r} is no repository that can be used. Give the path of a "
        "folder, or a URL with https://, http://, ssh://, git:// or file://, or user@host:path.",
        field="main_repo_path",
    )


def address(url: str, login: Login | None = None) -> Address:
    """Return the address of a URL without a login, whose own server alone is given the login."""
    if login is None:
        return Address(url)
    env = {"HEPHAESTUS_GIT_USER": login.user}
    if login.password:
        env["HEPHAESTUS_GIT_PASSWORD"] = login.password
    helper = _TELL if login.password else _ASK_THEN_TELL
    parts = urlsplit(url)
    # Scoped to the origin's protocol, host and port: a redirect, a rewritten address, or a server
    # of submodules or large files elsewhere is told nothing. The empty helper removes the user's
    # own helpers there, which might answer with another login.
    scope = f"credential.{parts.scheme}://{parts.netloc}.helper"
    return Address(url, env, ("-c", f"{scope}=", "-c", f"{scope}={helper}"))
