"""The SDK's settings: those of the system, given as parameters, an object, names or a file."""

import warnings
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from hephaestus_core.settings.config import (
    Settings,
    load_settings,
    overridden,
    setting_names,
)
from hephaestus_core.settings.without_effect import warning_of
from hephaestus_sdk.errors import ConfigurationError

__all__ = ["Settings", "load_settings", "resolve_settings", "setting_names"]

Config = Settings | Mapping[str, Any] | str | Path


def resolve_settings(config: Config | None, parameters: Mapping[str, Any]) -> Settings:
    """Return the settings that the SDK works with; ``parameters`` win over ``config``.

    Args:
        config: a ``Settings``, names with values, or the path of a YAML file; None: the usual
            ``hephaestus_config.yaml``.
        parameters: the SDK's own keyword parameters.

    Gives one ``UserWarning`` for settings that nothing acts on yet, at the caller's caller.

    Raises:
        ConfigurationError: unknown names or wrong values, all of them in one message.
    """
    settings = _resolved(config, parameters)
    in_vain = warning_of(settings)
    if in_vain is not None:
        warnings.warn(in_vain, UserWarning, stacklevel=3)
    return settings


def _resolved(config: Config | None, parameters: Mapping[str, Any]) -> Settings:
    if config is None:
        return load_settings(overrides=parameters)
    if isinstance(config, str | Path):
        return load_settings(file=Path(config).expanduser(), overrides=parameters)
    if isinstance(config, Settings):
        given = {f.name: getattr(config, f.name) for f in fields(Settings)}
        return load_settings(overrides=overridden(given, parameters))
    if isinstance(config, Mapping):
        return load_settings(overrides=overridden(config, parameters))
    raise ConfigurationError(
        f"config: expected Settings, names with values or the path of a YAML file, found "
        f"{config!r}",
        field="config",
    )
