"""Brings the commits of submodules into the mirror of the repository that contains them."""

import hashlib
import os
import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import masked_logins, taken_apart
from hephaestus_worker.git import command as git
from hephaestus_worker.git import locks
from hephaestus_worker.git.objects import carrying
from hephaestus_worker.git.origins import submodule_urls
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.origins.origin import Address, address
from hephaestus_worker.git.origins.remote import RemoteOrigin
from hephaestus_worker.git.origins.submodule_urls import Declared, Unusable
from hephaestus_worker.git.surroundings import ROUTE

#: Agents write .gitmodules, too.
_MOST_BYTES: Final = 1_000_000
_MOST_SUBMODULES: Final = 50
#: A server that did not answer is asked again after so many seconds.
_ASK_AGAIN: Final = 600.0
#: A transfer of under 1 kB/s for a minute is given up.
_PATIENCE: Final = ("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=60")
_AS_A_PACK: Final = ("-c", "fetch.unpackLimit=1", "-c", "transfer.unpackLimit=1")

_failed: dict[tuple[Path, str], tuple[float, str]] = {}


@lru_cache(maxsize=1024)
def declared(mirror: Path, commit: str) -> tuple[Declared, ...]:
    """Return the submodules that .gitmodules of a commit declares with a path and a URL."""
    listed, _ = git.beginning(
        *("config", "--blob", f"{git.check_commit(commit)}:.gitmodules", "--null", "--list"),
        doing=f"read the submodules of {commit[:12]}",
        git_dir=mirror,
        allowed=(0, 1, 3, 128),  # there is no such file, or it cannot be read
        most=_MOST_BYTES,
    )
    found: dict[str, dict[str, str]] = {}
    for entry in os.fsdecode(listed).split("\0"):
        key, _, value = entry.partition("\n")
        name, _, word = key.removeprefix("submodule.").rpartition(".")
        if key.startswith("submodule.") and word in {"path", "url"}:
            found.setdefault(name, {})[word] = value
    whole = [(name, each) for name, each in found.items() if len(each) == len({"path", "url"})]
    return tuple(Declared(name, **each) for name, each in whole[:_MOST_SUBMODULES])


def true_origin(mirror: Mirror) -> str:
    """Return the address that relative URLs are relative to.

    That is the remote `origin` of a local clone, if it has one, as git takes it.
    """
    clone = mirror.source.git_dir
    if clone is None:
        return mirror.source.key
    return _setting(clone, "remote.origin.url") or mirror.source.shown.removesuffix("/.git")


def fetch(mirror: Mirror, submodule: Declared, commit: str, origin: str) -> str:
    """Bring a commit of a submodule into the mirror, with a ref that keeps it.

    Args:
        origin: the address that relative URLs are relative to.

    Returns:
        The address of the submodule, without a login.

    Raises:
        Unusable: it cannot be had, or must not be asked for.
    """
    if not submodule_urls.is_safe(submodule.name):
        raise Unusable("its name in .gitmodules is not a safe one")
    clone = mirror.source.git_dir
    # What the user has set up in the clone is the user's own word.
    chosen = clone and _setting(clone, f"submodule.{submodule.name}.url")
    url = chosen or submodule_urls.resolved(submodule.url, origin)
    if not mirror.has_commit(commit):
        with locks.held(
            mirror.path / "hephaestus-submodules.lock",
            waiting_for=f"submodules of {mirror.source.shown}",
            timeout=git.BULK,
        ):
            _bring(mirror, clone, submodule, commit, url, origin)
    _keep(mirror, submodule, commit)
    return taken_apart(url)[0] if "://" in url else url


def _bring(
    mirror: Mirror, clone: Path | None, submodule: Declared, commit: str, url: str, origin: str
) -> None:
    folders = [clone / "modules" / submodule.name] if clone else []
    if folder := submodule_urls.folder_of(url):
        folders += [folder / ".git", folder]
    for each in folders:
        if (each / "objects").is_dir() and _carry(each, mirror, commit):
            return
    if folder is None:
        _download(mirror, commit, url, origin)
    if not mirror.has_commit(commit):
        raise Unusable(f"{masked_logins(url)} does not have its commit {commit[:12]}")


def _carry(source: Path, mirror: Mirror, commit: str) -> bool:
    try:
        carrying.carry(source, mirror.path, commit, known=("--all",))
    except git.GitError:
        return False
    return mirror.has_commit(commit)


def _download(mirror: Mirror, commit: str, url: str, origin: str) -> None:
    key = (mirror.path, f"{url} {commit}")
    since, reason = _failed.get(key, (0.0, ""))
    if reason and time.monotonic() - since < _ASK_AGAIN:
        raise Unusable(reason)
    try:
        _fetch(mirror, commit, url, origin)
    except RepositoryError as error:
        _failed[key] = (time.monotonic(), error.message)
        raise Unusable(error.message) from error
    _failed.pop(key, None)


def _fetch(mirror: Mirror, commit: str, url: str, origin: str) -> None:
    place, env, server = _way(mirror, url, origin)
    kept = f"refs/hephaestus/submodules/{_key(place.url)}"
    by_id, by_branches = f"{commit}:{kept}/{commit}", f"+refs/heads/*:{kept}/heads/*"
    for refspec in (by_id, by_branches):  # some servers serve only the tips of branches
        done = git.run(
            *place.options,
            *_PATIENCE,
            *_AS_A_PACK,
            *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"),
            *("--no-recurse-submodules", "--", place.url, refspec),
            doing=f"fetch the submodule {place.shown}",
            git_dir=mirror.path,
            env=env,
            server=server,
            allowed=(0, 1, 128),
            timeout=git.BULK,
        )
        if done.status == 0:
            return
        error = git.GitError(f"fetch the submodule {place.shown}", done)
        if error.details["transient"]:
            break
    raise error


def _way(mirror: Mirror, url: str, origin: str) -> tuple[Address, Mapping[str, str], bool]:
    """Return address, environment and whether to log in as the user.

    Only the origin's own server is given a login. Others see no more than a stranger shows them.
    """
    plain, login = taken_apart(url)
    if not submodule_urls.is_on_server_of(url, origin):
        stranger = {name: os.environ[name] for name in ROUTE if name in os.environ} | {
            "HOME": os.devnull,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ALLOW_PROTOCOL": "git:http:https",
        }
        return Address(plain), stranger, False
    if login is None and isinstance(mirror.source, RemoteOrigin):
        place = mirror.source.place
        return Address(plain, place.env, place.options), place.env, True
    place = address(plain, login)
    return place, place.env, True


def _keep(mirror: Mirror, submodule: Declared, commit: str) -> None:
    git.run(
        *("update-ref", f"refs/hephaestus/submodules/{_key(submodule.name)}/{commit}", commit),
        doing=f"keep the submodule {submodule.path}",
        git_dir=mirror.path,
        allowed=(0, 1, 128),  # another start may be writing it
    )


def _key(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:12]


def _setting(clone: Path, key: str) -> str:
    return git.run(
        *("config", "--get", key),
        doing=f"read the settings of {clone}",
        git_dir=clone,
        allowed=(0, 1),
    ).text
