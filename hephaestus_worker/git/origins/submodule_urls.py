"""Where the submodules of a repository come from, and whether a host may ask there."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.repository_urls import masked_logins
from hephaestus_worker.git.origins.origin import local_path

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
#: Protocols that need no login. SSH always logs in as somebody.
_OPEN: Final = {"http", "https", "git"}


@dataclass(frozen=True)
class Declared:
    """A submodule as .gitmodules declares it."""

    name: str
    path: str
    url: str


class Unusable(Exception):
    """A submodule is not checked out; its text says why, in the middle of a sentence."""


def is_safe(name: str) -> bool:
    """Return whether a name or path is neither an option nor leads out of its folder."""
    parts = name.lower().split("/")
    leads_out = not {"", ".", "..", ".git"}.isdisjoint(parts)
    return not (leads_out or name.startswith("-") or "\\" in name or _CONTROL.search(name))


def resolved(url: str, origin: str) -> str:
    """Return the URL of a submodule; one that begins with ./ or ../ is relative to the origin.

    Raises:
        Unusable: it is not safe, leads out of the origin's server, or names a folder that is
            neither in the origin's folder nor beside it.
    """
    if not url.startswith(("./", "../")):
        if _is_folder(url):
            raise Unusable(f"its address {masked_logins(url)} is a folder of one machine")
        return url
    base, rest, ups = origin.rstrip("/"), url, 0
    while rest.startswith(("./", "../")):
        if rest.startswith("../"):
            base, ups = _parent(base), ups + 1
        rest = rest.partition("/")[2]
    if ".." in rest.split("/") or (ups > 1 and _is_folder(origin)):
        raise Unusable(f"its address {masked_logins(url)} leads too far away from the origin")
    joint = ":" if "/" not in base and "://" not in origin and not _is_folder(origin) else "/"
    return f"{base}{'' if base.endswith(':') else joint}{rest.rstrip('/')}"


def _parent(base: str) -> str:
    scheme, found, place = base.rpartition("://")
    above, slash, _ = place.rpartition("/")
    if slash:
        return f"{scheme}{found}{above}"
    host, colon, _ = place.rpartition(":")
    if found or not colon:
        raise Unusable("its address leads out of the origin's server")
    return f"{host}:"


def _is_folder(url: str) -> bool:
    try:
        return url.startswith("file:") or local_path(url) is not None
    except RepositoryError as error:
        raise Unusable("its address is not a safe one") from error


def is_on_server_of(url: str, origin: str) -> bool:
    """Return whether both URLs are on one server, so that a login for one may be used for both.

    Raises:
        Unusable: they are not, and the URL's protocol always needs a login.
    """
    ours = _is_folder(url) or _server(url) == _server(origin)
    if not ours and urlsplit(url).scheme not in _OPEN:
        raise Unusable("its server is another one than the origin's, and would need a login")
    return ours


def _server(url: str) -> tuple[str, str]:
    if "://" in url:
        parts = urlsplit(url)
        return parts.scheme, parts.netloc.rpartition("@")[2].lower()
    return "ssh", url.partition(":")[0].rpartition("@")[2].lower()


def folder_of(url: str) -> Path | None:
    """Return the folder that a URL names, if it names one of this machine."""
    if url.startswith("file://"):
        return Path(urlsplit(url).path)
    return local_path(url)
