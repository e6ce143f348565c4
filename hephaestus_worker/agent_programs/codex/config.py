"""The configuration of Codex: the model comes from the user, everything else from Hephaestus."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import tomli_w

from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_worker.agent_programs.base import Launch
from hephaestus_worker.terminal.private_files import write_private

MCP_SERVER: Final = "hephaestus"
TOKEN_VARIABLE: Final = "HEPHAESTUS_MCP_TOKEN"  # noqa: S105 - a name, not a token

#: The keys taken over from the user's own configuration: the model, its connection, and the
#: notices already read. The other keys concern work with a person.
_CARRIED: Final = (
    "model",
    "model_provider",
    "model_providers",
    "model_reasoning_effort",
    "model_context_window",
    "openai_base_url",
    "service_tier",
    "notice",
)
_KEY: Final = "OPENAI_API_KEY"
_BASE_URL: Final = "OPENAI_BASE_URL"
_OPENAI: Final = "https://api.openai.com/v1"
_KEY_PROVIDER: Final = "openai-key"
_LOGIN: Final = "auth.json"


@dataclass(frozen=True)
class Person:
    """The Codex setup of this host's user."""

    home: Path
    config: Mapping[str, Any]

    @property
    def login(self) -> Path:
        """The file of the user's login; it may not exist."""
        return self.home / _LOGIN


def person(environment: Mapping[str, str]) -> Person:
    """Return the user's setup from ``CODEX_HOME``, by default ``~/.codex``.

    Raises:
        AgentProgramError: its configuration cannot be read.
    """
    home = Path(environment.get("HOME") or Path.home())
    folder = Path(environment.get("CODEX_HOME") or home / ".codex")
    path = folder / "config.toml"
    try:
        config = tomllib.loads(path.read_text()) if path.exists() else {}
    except (OSError, ValueError) as error:
        raise AgentProgramError(f"{path} cannot be read: {error}. Correct it.") from error
    return Person(folder, {name: config[name] for name in _CARRIED if name in config})


def write(folder: Path, launch: Launch) -> None:
    """Write the configuration and the login for one agent.

    Raises:
        AgentProgramError: this host has no login for Codex.
    """
    user = person(launch.environment)
    ensure_access(launch.environment)
    model = {**user.config, **_access(folder, user, launch.environment)}
    if launch.model:
        model["model"] = launch.model
    write_private(folder / "config.toml", tomli_w.dumps({**model, **_ours(launch)}))


def ensure_access(environment: Mapping[str, str]) -> None:
    """Return if the model can be reached.

    Raises:
        AgentProgramError: this host has no login for Codex.
    """
    user = person(environment)
    if provider := _own_provider(user.config):
        _check_key(provider, environment)
    elif not _uses_login(user, environment) and not environment.get(_KEY):
        raise AgentProgramError(
            f"Codex has no login on this host: {user.login} is not there. Log in with `codex login`"
            " (into a file: a keyring is not shared), or set OPENAI_API_KEY for the worker and name"
            " it in agents.environment."
        )


def _uses_login(user: Person, environment: Mapping[str, str]) -> bool:
    return user.login.exists() and not environment.get(_BASE_URL)


def _access(folder: Path, user: Person, environment: Mapping[str, str]) -> dict[str, Any]:
    """Choose the access to the model: the user's own provider, else the login, else a key.

    The login is a symbolic link, because each renewal makes all copies invalid. Codex writes
    renewals through the link.
    """
    if _own_provider(user.config):
        return {}
    if _uses_login(user, environment):
        link = folder / _LOGIN
        link.unlink(missing_ok=True)
        link.symlink_to(user.login)
        return {}
    return _provider_by_key(environment.get(_BASE_URL) or _OPENAI)


def _own_provider(config: Mapping[str, Any]) -> Mapping[str, Any] | None:
    provider = config.get("model_providers", {}).get(config.get("model_provider"))
    return provider if isinstance(provider, Mapping) else None


def _check_key(provider: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    variable = provider.get("env_key")
    if variable and not environment.get(variable):
        raise AgentProgramError(
            f"The model provider of your Codex configuration needs its key in {variable}; set it"
            " for the worker and name it in agents.environment."
        )


def _provider_by_key(base_url: str) -> dict[str, Any]:
    provider = {"name": "OpenAI", "base_url": base_url, "env_key": _KEY, "wire_api": "responses"}
    return {"model_provider": _KEY_PROVIDER, "model_providers": {_KEY_PROVIDER: provider}}


def _ours(launch: Launch) -> dict[str, Any]:
    places = {str(path) for path in (launch.worktree, launch.working_directory)}
    places |= {str(path.resolve()) for path in (launch.worktree, launch.working_directory)}
    server = {"url": launch.mcp_url, "bearer_token_env_var": TOKEN_VARIABLE}
    return {
        # The instructions that a reviewed author may have left in AGENTS.md are not read.
        **({"project_doc_max_bytes": 0} if launch.judges else {}),
        "approval_policy": "never",
        "sandbox_mode": "danger-full-access",
        "check_for_update_on_startup": False,
        "mcp_servers": {MCP_SERVER: server},
        "analytics": {"enabled": False},
        "feedback": {"enabled": False},
        "projects": {place: {"trust_level": "trusted"} for place in sorted(places)},
        # The agent's commands do not need the token and might print it.
        "shell_environment_policy": {"exclude": [TOKEN_VARIABLE]},
    }
