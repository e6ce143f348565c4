"""What files and variables set. Each fault is added to ``faults``, with the nearest right name."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from hephaestus_core.contract.repository_urls import masked_logins
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.settings.sections import SECTIONS
from hephaestus_core.settings.values import from_text
from hephaestus_core.settings.yaml_files import read_yaml


def from_file(file: Path | None, names: Sequence[str], faults: list[str]) -> dict[str, Any]:
    """Return what a file sets; no file sets nothing."""
    if file is None:
        return {}
    try:
        content = read_yaml(file.read_text()) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        faults.append(f"{file}: not readable as YAML: {masked_logins(str(error))}")
        return {}
    if not isinstance(content, dict):
        faults.append(f"{file}: expected names with values, found a {type(content).__name__}")
        return {}
    return _flattened(content, file, names, faults)


def _flattened(
    content: dict[Any, Any], file: Path, names: Sequence[str], faults: list[str]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in content.items():
        section = SECTIONS.get(str(key))
        if section is None:
            values |= known({str(key): value}, f"{file}:", names, faults, also=list(SECTIONS))
        elif not isinstance(value, dict):
            faults.append(f"{file}: section '{key}' holds no names with values")
        else:
            for name, item in value.items():
                if str(name) in section:
                    values[section[str(name)]] = item
                else:
                    hint = nearest(str(name), list(section))
                    faults.append(f"{file}: unknown key '{key}.{name}'{hint}")
    return values


def from_environ(
    environ: Mapping[str, str], types: Mapping[str, Any], faults: list[str]
) -> dict[str, Any]:
    """Return what the variables ``HEPHAESTUS_*`` set, of the type of each setting."""
    #: Read by clients and by start-up code, not settings.
    elsewhere = {"config", "url", "token", "agent", "agent_token"}
    values: dict[str, Any] = {}
    for variable, text in environ.items():
        name = variable.removeprefix("HEPHAESTUS_").lower()
        if not variable.startswith("HEPHAESTUS_") or name in elsewhere:
            continue
        if name in types:
            values[name] = from_text(text, types[name])
        else:
            faults.append(f"variable {variable}: unknown setting{nearest(name, list(types))}")
    return values


def known(
    given: Mapping[str, Any],
    source: str,
    names: Sequence[str],
    faults: list[str],
    also: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the values whose names are settings."""
    faults.extend(
        f"{source} unknown key '{name}'{nearest(name, [*names, *also])}"
        for name in sorted(given.keys() - set(names))
    )
    return {name: value for name, value in given.items() if name in names}
