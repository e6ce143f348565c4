"""Logins in the URLs of repositories: taken out of what is stored, masked in what is shown."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from hephaestus_core.contract.errors import RepositoryError

#: What is shown in place of a secret.
MASK: Final = "***"

#: Most characters of a repository's path or URL: an entry of an index holds 2,704 bytes.
REPOSITORY_LIMIT: Final = 600

_FIELD: Final = "main_repo_path"
_WEB: Final = {"http", "https"}
_END_OF_HOST: Final = re.compile("[/?#]")
#: With these characters alone, a host can also stand in the name of one of git's settings.
_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
_WITHOUT_SCHEME: Final = re.compile(r"[^/@:\s]+:[^/@\s]+@")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")
_LOGIN: Final = re.compile(r"(\w://)[^/\s]+@")


@dataclass(frozen=True)
class Login:
    """A user and a password; a token may stand in either. Its ``repr`` shows neither."""

    user: str = field(repr=False)
    password: str = field(repr=False)


def taken_apart(repository: str) -> tuple[str, Login | None]:
    """Return the repository without the login in its URL, and the login; None: it has none.

    The user of an SSH address stays, because it is part of the address.

    Raises:
        RepositoryError: there is a login that cannot be told from the rest, or that the protocol
            does not know; the message does not show it.
    """
    scheme, found, rest = repository.partition("://")
    if not found:
        if _WITHOUT_SCHEME.match(repository):
            raise _refused("is no URL; begin it with https://, or leave its login out")
        return repository, None
    authority = _END_OF_HOST.split(rest, maxsplit=1)[0]
    login, at, host = authority.rpartition("@")
    if scheme.lower() not in _WEB:
        _refuse_login(scheme, login)
        return repository, None
    if "@" in rest and not _HOST.fullmatch(host):
        raise _refused("has no valid host; in its login write special characters as %XX")
    if not at:
        return repository, None
    user, _, password = (unquote(part) for part in login.partition(":"))
    if _CONTROL.search(user + password):
        raise _refused("has control characters in its login; remove them")
    plain = f"{scheme}://{host}{rest[len(authority) :]}"
    return plain, Login(user, password) if user or password else None


def masked_logins(text: str) -> str:
    """Return the text with the login in each of its URLs masked."""
    return _LOGIN.sub(rf"\1{MASK}@", text)


def _refuse_login(scheme: str, login: str) -> None:
    if scheme.lower() == "ssh":
        if ":" in login:
            raise _refused("holds a password, which SSH does not take; let hosts log in by a key")
    elif login:
        raise _refused("holds a login; only https:// and http:// take one")


def _refused(why: str) -> RepositoryError:
    return RepositoryError(f"The repository's address {why}.", field=_FIELD)
