"""What OpenCode is configured with: the user's own settings, with ours on top."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hephaestus_core.errors import AgentProgramError
from hephaestus_worker.agent_programs.base import Launch
from hephaestus_worker.host.private_files import write_private

MCP_SERVER: Final = "hephaestus"

_TOKEN: Final = "mcp-header"  # noqa: S105 - a file's name, not a token
_FILES: Final = ("opencode.json", "opencode.jsonc", "config.json")
# The files may hold comments, so they are not parsed; OpenCode itself writes one without these.
_NAMES_A_MODEL: Final = re.compile(r'"(?:provider|model)"\s*:')
_OTHER_LOGINS: Final = ("AWS_ACCESS_KEY_ID", "AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE")
_NO_MODELS: Final = ("FACTORY_API_KEY",)
_FREE_MODELS: Final = "opencode/"


def ensure_login(launch: Launch) -> None:
    """See that the user has chosen whose models are asked.

    Without any choice of theirs OpenCode asks free models of its vendor's, and nobody has agreed
    to show those the code.

    Raises:
        AgentProgramError: there is no login, no provider and no key.
    """
    environment = launch.environment
    if (launch.model or "").startswith(_FREE_MODELS):
        return
    if _has_key(environment) or _is_logged_in(environment) or any(_configured(launch)):
        return
    raise AgentProgramError(
        "OpenCode has no login on this host. Log in with `opencode auth login`, or name a provider"
        " in opencode.json, or set the key of one, such as ANTHROPIC_API_KEY, for the worker and"
        " name it in agents.environment."
    )


def content(folder: Path, launch: Launch) -> str:
    """Return what goes over every other configuration, the project's own included.

    Raises:
        AgentProgramError: the model is not named as OpenCode names models.
    """
    header = folder / _TOKEN
    write_private(header, f"Bearer {launch.token}")
    # Read from a file, so that commands of the agent do not find the token in their environment.
    headers = {"Authorization": f"{{file:{header}}}"}
    server = {"type": "remote", "url": launch.mcp_url, "enabled": True, "oauth": False}
    ours: dict[str, Any] = {
        "mcp": {MCP_SERVER: {**server, "headers": headers}},
        "share": "disabled",
        "autoupdate": False,
        "snapshot": False,
        # Nobody is there to answer it.
        "permission": {"question": "deny"},
        # Spares a request to the model at each start.
        "agent": {"title": {"disable": True}},
    }
    if launch.model:
        ours["model"] = _checked(launch.model)
    return json.dumps(ours)


def _checked(model: str) -> str:
    if "/" not in model:
        raise AgentProgramError(
            f"{model!r} is no model of OpenCode's; write provider/model, as `opencode models`"
            " lists them.",
            field="cli_model",
        )
    return model


def _has_key(environment: Mapping[str, str]) -> bool:
    return any(
        value and name not in _NO_MODELS
        for name, value in environment.items()
        if name.endswith("_API_KEY") or name in _OTHER_LOGINS
    )


def _is_logged_in(environment: Mapping[str, str]) -> bool:
    data = environment.get("XDG_DATA_HOME") or _home(environment) / ".local" / "share"
    login = Path(data) / "opencode" / "auth.json"
    return login.exists() and login.read_text().strip() not in ("", "{}")


def _configured(launch: Launch) -> Iterator[bool]:
    home = _home(launch.environment)
    own = Path(launch.environment.get("XDG_CONFIG_HOME") or home / ".config") / "opencode"
    for path in (folder / name for folder in (own, launch.worktree) for name in _FILES):
        if path.is_file():
            yield _NAMES_A_MODEL.search(path.read_text(errors="replace")) is not None


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("HOME") or Path.home())
