"""Phases from a folder of ``NN_name.yaml`` files: ``01_reproduce.yaml`` is phase 1, reproduce.

The keys are the fields of :class:`~hephaestus_sdk.models.Phase`; capitals do not
matter, so ``Done_Definitions`` is read too. ``name`` may stand in the file, else it comes from the
file name.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from hephaestus_core.contract.definitions import checks
from hephaestus_core.contract.definitions.phases import Phase
from hephaestus_core.settings.yaml_files import read_yaml
from hephaestus_sdk.errors import InvalidDefinitionError

#: YAML reads these as line breaks where they stand unescaped.
_LINE_BREAKS = re.compile("[\x85\u2028\u2029]")
_FILE_NAME = re.compile(r"(\d+)_(.+)\.ya?ml")


def load_phases(folder: str | Path) -> list[Phase]:
    """Read all phases of a folder, in order of their numbers.

    Files that are not named ``NN_name.yaml`` are not read.

    Raises:
        InvalidDefinitionError: no such folder, no phases in it, or one that cannot be used; the
            message names the file.
    """
    path = Path(folder).expanduser()
    if not path.is_dir():
        raise InvalidDefinitionError(
            f"{path} is no folder; name one with files like 01_analyze.yaml",
            field="phases_dir",
        )
    files = [file for file in sorted(path.iterdir()) if _FILE_NAME.fullmatch(file.name)]
    if not files:
        raise InvalidDefinitionError(
            f"{path} holds no file named like 01_analyze.yaml", field="phases_dir"
        )
    phases = [_load(file) for file in files]
    checks.unique((phase.id for phase in phases), "phases_dir", "phase number")
    return sorted(phases, key=lambda phase: phase.id)


def save_phases(phases: list[Phase], folder: str | Path) -> list[Path]:
    """Write each phase to its ``NN_name.yaml``; return the files. What stands there is replaced."""
    path = Path(folder).expanduser()
    path.mkdir(parents=True, exist_ok=True)
    return [_save(phase, path) for phase in phases]


def _load(file: Path) -> Phase:
    matched = _FILE_NAME.fullmatch(file.name)
    assert matched is not None
    named = {"id": int(matched[1]), "name": matched[2]}
    try:
        return Phase.from_dict(named | _content(file))
    except InvalidDefinitionError as error:
        raise error.at(str(file)) from None


def _content(file: Path) -> dict[str, Any]:
    try:
        content = read_yaml(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidDefinitionError(f"not readable as YAML: {error}") from None
    if not isinstance(content, dict):
        raise InvalidDefinitionError("expected the names of a phase's fields with values")
    values = {str(key).lower(): value for key, value in content.items()}
    if "id" in values:
        raise InvalidDefinitionError("stands in the file's name; remove it here", field="id")
    return values


def _save(phase: Phase, folder: Path) -> Path:
    slug = re.sub(r"[^A-Za-z0-9-]+", "_", phase.name).strip("_") or "phase"
    file = folder / f"{phase.id:02d}_{slug}.yaml"
    text = yaml.safe_dump(phase.to_yaml_dict(), sort_keys=False, allow_unicode=True)
    if _LINE_BREAKS.search(text):
        text = yaml.safe_dump(phase.to_yaml_dict(), sort_keys=False)
    file.write_text(text, encoding="utf-8")
    return file
