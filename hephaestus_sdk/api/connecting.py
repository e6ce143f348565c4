"""The address of the API and its token: from arguments, variables, or a local stack's home."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hephaestus_core.contract.home import HomeLayout
from hephaestus_sdk.errors import ConfigurationError, HephaestusStartupError


@dataclass(frozen=True)
class Address:
    """An API and a token for it."""

    url: str
    token: str = field(repr=False)
    ui_url: str | None = None
    """Where people's browsers go; None: to ``url``."""


def given_address(url: str | None, token: str | None) -> Address | None:
    """Return the address from the arguments, or from ``HEPHAESTUS_URL`` and ``HEPHAESTUS_TOKEN``.

    None without a URL: then the local stack is meant.

    Raises:
        ConfigurationError: a URL without a token.
    """
    url = url or os.environ.get("HEPHAESTUS_URL")
    if not url:
        return None
    token = token or os.environ.get("HEPHAESTUS_TOKEN")
    if not token:
        raise ConfigurationError(
            f"no token for {url}; give token=… or set HEPHAESTUS_TOKEN", field="token"
        )
    return Address(url, token)


def running_stack(home: Path) -> Address:
    """Return the address of the stack that runs in ``home``.

    Raises:
        HephaestusStartupError: none runs there, or its files cannot be read.
    """
    state = _state(home)
    if state.get("state") != "ready":
        raise HephaestusStartupError(
            f"no stack runs in {home}; start one by `start()`, or name another by home=…, "
            "or by url=… and token=…"
        )
    token = admin_token(HomeLayout(home).admin_token)
    return Address(str(state["api_url"]), token, state.get("ui_url"))


def admin_token(file: Path) -> str:
    """Return the admin token of a local stack.

    Raises:
        HephaestusStartupError: it cannot be read.
    """
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise HephaestusStartupError(
            f"the token of the local stack cannot be read from {file} ({error}); "
            "only the user who started the stack may"
        ) from error


def _state(home: Path) -> dict[str, Any]:
    file = HomeLayout(home).stack_file
    try:
        state = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise HephaestusStartupError(
            f"{file} cannot be read ({error}); only the user who started the stack may"
        ) from error
    return state if isinstance(state, dict) else {}
