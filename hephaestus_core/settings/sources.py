"""Every setting with its value and where that comes from, fit to be shown."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from hephaestus_core.contract.repository_urls import MASK, masked_logins
from hephaestus_core.settings.config import Settings, load_settings, settings_file
from hephaestus_core.settings.notification_settings import origin_of
from hephaestus_core.settings.sections import SECTIONS
from hephaestus_core.settings.yaml_files import read_yaml

_SECRET_NAME: Final = re.compile(r"key|token|secret|password|credential|environment", re.IGNORECASE)
_URL_PASSWORD: Final = re.compile(r"(?<=password=)[^&\s]+", re.IGNORECASE)


@dataclass(frozen=True)
class ShownSetting:
    """A setting as people are shown it."""

    name: str
    value: Any
    """As JSON has it; secrets are masked."""
    source: str
    """``default``, ``<file>: <key>``, ``variable <name>`` or ``parameter``."""


def shown_settings(
    *,
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> list[ShownSetting]:
    """Return all settings in order of declaration; takes what ``load_settings`` takes.

    Raises:
        ConfigurationError: unknown names or wrong values.
    """
    environ = os.environ if environ is None else environ
    settings = load_settings(file=file, environ=environ, overrides=overrides)
    sources = {
        **dict(_in_file(settings_file(file, environ, []))),
        **dict(_in_environ(environ)),
        **dict.fromkeys(overrides or {}, "parameter"),
    }
    return [
        ShownSetting(f.name, masked(getattr(settings, f.name)), sources.get(f.name, "default"))
        for f in fields(Settings)
    ]


def masked(value: Any, name: str = "") -> Any:
    """Return a value as JSON has it, without the secrets in it.

    Those are logins in URLs, and what stands under a name that speaks of a secret.
    """
    if isinstance(value, Mapping):
        secret = name == "environment"
        return {str(k): masked(v, "environment" if secret else str(k)) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item, name) for item in value]
    if isinstance(value, bool | int | float | None):
        return value
    if _SECRET_NAME.search(name) and not name.endswith(("_env", "_file")):
        return MASK
    if name == "url":
        return origin_of(str(value))
    return _URL_PASSWORD.sub(MASK, masked_logins(str(value)))


def _in_file(file: Path | None) -> Iterator[tuple[str, str]]:
    content = {} if file is None else read_yaml(file.read_text()) or {}
    for key, value in content.items():
        section = SECTIONS.get(str(key))
        if section is None:
            yield str(key), f"{file}: {key}"
        else:
            yield from ((section[str(name)], f"{file}: {key}.{name}") for name in value)


def _in_environ(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for variable in environ:
        if variable.startswith("HEPHAESTUS_"):
            yield variable.removeprefix("HEPHAESTUS_").lower(), f"variable {variable}"
