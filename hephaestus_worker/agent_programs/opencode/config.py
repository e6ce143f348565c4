"""What OpenCode is configured with: the user's own settings, with ours on top."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_worker.agent_programs.base import Launch
from hephaestus_worker.terminal.private_files import write_private

MCP_SERVER: Final = "hephaestus"

_HEADER: Final = "mcp-header"
_FILES: Final = ("opencode.json", "opencode.jsonc", "config.json")
# The files may hold comments, so they are not parsed; OpenCode itself writes one without these.
_NAMES_A_MODEL: Final = re.compile(r'"(?:provider|model)"\s*:')
_OTHER_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE")
_NO_KEYS: Final = ("FACTORY_API_KEY",)
# The vendor's own provider, which offers models without a login.
_VENDOR: Final = "opencode"
_VENDOR_KEY: Final = "OPENCODE_API_KEY"
_NAMES_VENDOR: Final = re.compile(r'"opencode["/]')


def content(folder: Path, launch: Launch) -> str:
    """Return what goes over every other configuration, the project's own included.

    Raises:
        AgentProgramError: there is no login, no provider and no key; or the model is not named as
            OpenCode names models.
    """
    _ensure_login(launch)
    header = folder / _HEADER
    write_private(header, f"Bearer {launch.token}")
    # Read from a file, so that commands of the agent do not find the token in their environment.
    headers = {"Authorization": f"{{file:{header}}}"}
    server = {"type": "remote", "url": launch.mcp_url, "enabled": True, "oauth": False}
    ours = {
        "mcp": {MCP_SERVER: {**server, "headers": headers}},
        "share": "disabled",
        "autoupdate": False,
        "snapshot": False,
        # Nobody is there to answer it.
        "permission": {"question": "deny"},
        # Spares a request to the model at each start.
        "agent": {"title": {"disable": True}},
    }
    return json.dumps({**ours, **_only_chosen_models(launch)})


def _only_chosen_models(launch: Launch) -> dict[str, Any]:
    """Leave OpenCode no other model than those that the user has chosen.

    In place of one that it does not know, or has no login for, it would ask any other that it can
    reach; the vendor's free models among them, which nobody has agreed to show the code.
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
    environment = launch.environment
    free = (launch.model or "").startswith(f"{_VENDOR}/")
    if free or _has_key(environment) or _login(environment).strip() not in ("", "{}"):
        return
    if any(map(_NAMES_A_MODEL.search, _configurations(launch))):
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
    data = environment.get("XDG_DATA_HOME") or _home(environment) / ".local" / "share"
    path = Path(data) / "opencode" / "auth.json"
    return path.read_text() if path.exists() else ""


def _configurations(launch: Launch) -> Iterator[str]:
    config = launch.environment.get("XDG_CONFIG_HOME") or _home(launch.environment) / ".config"
    folders = (Path(config) / "opencode", launch.worktree, launch.working_directory)
    for path in (folder / name for folder in folders for name in _FILES):
        if path.is_file():
            yield path.read_text(errors="replace")


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("HOME") or Path.home())
