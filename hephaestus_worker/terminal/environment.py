"""The environment that programs inherit: a few common variables, no secret of the worker."""

import os
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

_PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TMPDIR", "TMUX_TMPDIR", "TZ")
_NO_PROXY: Final = ("NO_PROXY", "no_proxy")
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def base_environment(source: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the few variables that any program needs: PATH, HOME, locale and the like.

    Other variables of ``source`` (default: this process) are not passed on; they may hold
    passwords. The locale is always a UTF-8 one.
    """
    source = os.environ if source is None else source
    kept = {k: v for k, v in source.items() if k in _PASSED_ON or k.startswith("LC_")}
    locale = kept.get("LC_ALL") or kept.get("LC_CTYPE") or kept.get("LANG") or ""
    if "utf-8" not in locale.lower() and "utf8" not in locale.lower():
        kept.pop("LC_ALL", None)
        kept["LC_CTYPE"] = kept["LANG"] = "C.UTF-8"
    return kept


def agent_environment(
    names: Iterable[str], source: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the environment of an agent: the common variables, and ``names`` where set."""
    source = os.environ if source is None else source
    asked = {name: source[name] for name in names if name in source}
    return {**base_environment(source), **asked}


def with_direct_way(environment: Mapping[str, str], url: str) -> dict[str, str]:
    """Return the environment with ``NO_PROXY`` for the stack at ``url``, if it names a proxy.

    The hosts that are in ``NO_PROXY`` or ``no_proxy`` already stay; both get the same list,
    because programs differ in which one they read.
    """
    proxies = (name for name in environment if name.lower().endswith("_proxy"))
    if all(name in _NO_PROXY for name in proxies):
        return dict(environment)
    kept = ",".join(environment.get(name, "") for name in _NO_PROXY).split(",")
    hosts = [host.strip() for host in (*kept, *_LOOPBACK, urlsplit(url).hostname or "")]
    # A star means all hosts, but only if it stands alone.
    direct = "*" if "*" in hosts else ",".join(dict.fromkeys(filter(None, hosts)))
    return {**environment, **dict.fromkeys(_NO_PROXY, direct)}
