"""The configuration of OpenCode: the user's own settings, overridden by Hephaestus's."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_worker.agent_programs.base import Launch
from hephaestus_worker.agent_programs.opencode.actions import DENIED
from hephaestus_worker.terminal.private_files import write_private

MCP_SERVER: Final = "hephaestus"

_HEADER: Final = "mcp-header"
_FILES: Final = ("opencode.json", "opencode.jsonc", "config.json")
# The files may hold comments, so they are searched, not parsed. The file that OpenCode itself
# writes has neither key.
_NAMES_A_MODEL: Final = re.compile(r'"(?:provider|model)"\s*:')
_OTHER_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE")
_NO_KEYS: Final = ("FACTORY_API_KEY",)
# The vendor's own provider; it offers models without a login.
_VENDOR: Final = "opencode"
_VENDOR_KEY: Final = "OPENCODE_API_KEY"
_NAMES_VENDOR: Final = re.compile(r'"opencode["/]')


def content(folder: Path, launch: Launch) -> str:
    """Return the settings that override every other configuration, the project's included.

    Raises:
        AgentProgramError: there is no login, no provider and no key; or the model does not have
            the form ``provider/model``.
    """
    _ensure_login(launch)
    header = folder / _HEADER
    write_private(header, f"Bearer {launch.token}")
    # OpenCode reads the token from a file, so that it is not in the environment of the agent's
    # commands.
    headers = {"Authorization": f"{{file:{header}}}"}
    server = {"type": "remote", "url": launch.mcp_url, "enabled": True, "oauth": False}
    ours = {
        "mcp": {MCP_SERVER: {**server, "headers": headers}},
        "share": "disabled",
        "autoupdate": False,
        "snapshot": False,
        # No person is present to answer a question.
        "permission": dict.fromkeys(DENIED, "deny"),
        # Saves a request to the model at each start.
        "agent": {"title": {"disable": True}},
    }
    return json.dumps({**ours, **_only_chosen_models(launch)})


def _only_chosen_models(launch: Launch) -> dict[str, Any]:
    """Restrict OpenCode to the models that the user has chosen.

    Without this, OpenCode replaces a model that it does not know, or has no login for, by any
    model that it can reach. That may be a free model of the vendor, and nobody has agreed to show
    the code to it.
    """
    if launch.model:
        provider, _, name = _checked(launch.model).partition("/")
        only = {provider: {"whitelist": [name]}}
        return {"model": launch.model, "enabled_providers": [provider], "provider": only}
    chosen = launch.environment.get(_VENDOR_KEY) or any(map(_NAMES_VENDOR.search, _texts(launch)))
    return {} if chosen else {"provider": {_VENDOR: {"whitelist": []}}}


def _checked(model: str) -> str:
    if "/" not in model:
        raise AgentProgramError(
            f"{model!r} is no model of OpenCode's; write provider/model, as `opencode models`"
            " lists them.",
            field="cli_model",
        )
    return model


def _ensure_login(launch: Launch) -> None:
    free = (launch.model or "").startswith(f"{_VENDOR}/")
    if free or any(map(_NAMES_A_MODEL.search, _configurations(launch))):
        return
    ensure_login(launch.environment)


def ensure_login(environment: Mapping[str, str]) -> None:
    """Return if the person has a login, a key or a provider.

    Raises:
        AgentProgramError: there is none.
    """
    if _has_key(environment) or _login(environment).strip() not in ("", "{}"):
        return
    if any(map(_NAMES_A_MODEL.search, _texts_of((user_folder(environment),)))):
        return
    raise AgentProgramError(
        "OpenCode has no login on this host. Log in with `opencode auth login`, or name a provider"
        " in opencode.json, or set the key of one, such as ANTHROPIC_API_KEY, for the worker and"
        " name it in agents.environment."
    )


def _has_key(environment: Mapping[str, str]) -> bool:
    return any(
        value and name not in _NO_KEYS
        for name, value in environment.items()
        if name.endswith("_API_KEY") or name in _OTHER_KEYS
    )


def _texts(launch: Launch) -> Iterator[str]:
    yield _login(launch.environment)
    yield from _configurations(launch)


def _login(environment: Mapping[str, str]) -> str:
    path = login_file(environment)
    return path.read_text() if path.exists() else ""


def login_file(environment: Mapping[str, str]) -> Path:
    """Return the file of the user's logins; it may not exist."""
    data = environment.get("XDG_DATA_HOME") or _home(environment) / ".local" / "share"
    return Path(data) / "opencode" / "auth.json"


def user_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of the user's configuration; it may not exist."""
    config = environment.get("XDG_CONFIG_HOME") or _home(environment) / ".config"
    return Path(config) / "opencode"


def user_files(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Return what is in that folder. OpenCode itself has to be able to write into the folder."""
    folder = user_folder(environment)
    return tuple(sorted(folder.iterdir())) if folder.is_dir() else ()


def _configurations(launch: Launch) -> Iterator[str]:
    yield from _texts_of(
        (user_folder(launch.environment), launch.worktree, launch.working_directory)
    )


def _texts_of(folders: Iterable[Path]) -> Iterator[str]:
    for path in (folder / name for folder in folders for name in _FILES):
        if path.is_file():
            yield path.read_text(errors="replace")


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("HOME") or Path.home())
