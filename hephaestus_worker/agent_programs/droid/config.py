"""The configuration of Droid: one model that the user has a key for, and the engine's tools."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hephaestus_core.contract import agent_files
from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_worker.agent_programs.base import Launch
from hephaestus_worker.agent_programs.records import items, part, text
from hephaestus_worker.terminal.private_files import private_folder, write_private

MCP_SERVER: Final = "hephaestus"

_FOLDER: Final = ".factory"
_SETTINGS: Final = "settings.json"
_MODELS: Final = "customModels"
_SHOWN_AS: Final = "Hephaestus"
# The program's name for the first custom model with this display name.
_CHOSEN: Final = f"custom:{_SHOWN_AS}-0"
_LOGIN: Final = "FACTORY_API_KEY"
_KEY: Final = "ANTHROPIC_API_KEY"
_BASE_URL: Final = "ANTHROPIC_BASE_URL"
_ANTHROPIC: Final = "https://api.anthropic.com"
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")


def write(home: Path, launch: Launch) -> str | None:
    """Write the configuration of one agent and return the model's name for ``--model``.

    None lets the program choose the model.

    Raises:
        AgentProgramError: the user has neither a key nor a login for a fitting model.
    """
    folder = private_folder(home / _FOLDER)
    custom = _custom_model(launch)
    settings: dict[str, Any] = {"autoUpdateEnabled": False, "cloudSessionSync": False}
    if launch.judges:
        settings["hooks"] = {"hooksDisabled": True}
    if custom:
        settings[_MODELS] = [{**custom, "displayName": _SHOWN_AS}]
    write_private(folder / _SETTINGS, json.dumps(settings))
    headers = {"Authorization": f"Bearer {launch.token}"}
    server = {"type": "http", "url": launch.mcp_url, "headers": headers, "disabled": False}
    write_private(folder / "mcp.json", json.dumps({"mcpServers": {MCP_SERVER: server}}))
    return _CHOSEN if custom else launch.model


def model_of(home: Path) -> str | None:
    """Return the agent's configured model; None if the program chooses."""
    settings = agent_files.json_object(home, f"{_FOLDER}/{_SETTINGS}")
    models = items(settings, _MODELS)
    return text(part(models[0]), "model") or None if models else None


def ensure_login(environment: Mapping[str, str]) -> None:
    """Return if the person has a login, a key or a model.

    Raises:
        AgentProgramError: there is none.
    """
    if environment.get(_LOGIN) or environment.get(_KEY) or _models_of_user(environment):
        return
    raise AgentProgramError(
        f"Droid has no login on this host. Add a model to {_MODELS} in ~/.factory/settings.json, "
        f"or set {_LOGIN} or {_KEY} for the worker and name it in agents.environment."
    )


def _custom_model(launch: Launch) -> Mapping[str, Any] | None:
    """Return the model to configure: the user's own or one by key; None for the vendor's."""
    environment = launch.environment
    own = _models_of_user(environment)
    wanted = [m for m in own if launch.model in (None, m.get("model"), m.get("displayName"))]
    if wanted:
        return _with_key(wanted[0], environment)
    if environment.get(_LOGIN):
        return None
    if environment.get(_KEY) and launch.model:
        return {
            "model": launch.model,
            "baseUrl": environment.get(_BASE_URL) or _ANTHROPIC,
            "apiKey": f"${{{_KEY}}}",
            "provider": "anthropic",
        }
    raise AgentProgramError(
        f"Droid has no model to ask{f' named {launch.model!r}' if launch.model else ''} on this"
        f" host. Add it to {_MODELS} in ~/.factory/settings.json; or set {_KEY} for the worker and"
        f" name a model in cli_model; or set {_LOGIN}, and name it in agents.environment."
    )


def _models_of_user(environment: Mapping[str, str]) -> list[dict[str, Any]]:
    path = Path(environment.get("HOME") or Path.home()) / _FOLDER / _SETTINGS
    try:
        settings = json.loads(path.read_text()) if path.exists() else {}
        return [dict(model) for model in settings.get(_MODELS) or []]
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise AgentProgramError(f"{path} cannot be read: {error}. Correct it.") from error


def _with_key(model: Mapping[str, Any], environment: Mapping[str, str]) -> Mapping[str, Any]:
    named = _VARIABLE.fullmatch(str(model.get("apiKey", "")))
    if named and not environment.get(named[1]):
        raise AgentProgramError(
            f"The model {model.get('model')!r} of your Droid settings needs its key in {named[1]};"
            " set it for the worker and name it in agents.environment."
        )
    return model
