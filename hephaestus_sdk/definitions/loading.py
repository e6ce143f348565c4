"""Workflow definitions from what a user names: a file, a folder, a module, or an id."""

import importlib
import json
import runpy
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Final

import yaml

from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.settings.yaml_files import read_yaml
from hephaestus_sdk.definitions.registration import registered
from hephaestus_sdk.errors import InvalidDefinitionError, InvalidInput

#: The package of those that are shipped; it is built with the SDK, which loads it when asked.
_WORKFLOWS: Final = "workflows"


def load_definition(target: str) -> WorkflowDefinition | None:
    """Return the definition that ``target`` names, or None when it can only be a stack's id.

    Args:
        target: one of

            - a Python file, which is run and may import its neighbours, or a module, of the
              current folder too; with ``:NAME`` if it holds several
            - a YAML or JSON file with one definition
            - a folder of ``NN_name.yaml`` phases
            - the id of a workflow that is shipped with Hephaestus, such as ``bug-fix``

    Raises:
        InvalidDefinitionError: it is there but cannot be used; the message names it.
        InvalidInput: it holds no definition, or several.
    """
    place, _, name = target.partition(":")
    path = Path(place).expanduser()
    if path.is_dir():
        return registered(path, None, None, None).single
    if path.suffix in {".yaml", ".yml", ".json"}:
        return _from_data(path)
    if path.suffix == ".py":
        return _pick(_existing(path), _run(path), name)
    if "." in place or name:
        return _pick(place, vars(_module(place)), name)
    return _shipped(place)


def shipped_definitions() -> list[WorkflowDefinition]:
    """Return every workflow that is shipped with Hephaestus, in the order of their names."""
    folder = importlib.import_module(_WORKFLOWS).__path__
    names = sorted(each.name for each in iter_modules(folder) if each.ispkg)
    found = (_shipped(name.replace("_", "-")) for name in names)
    return [each for each in found if each is not None]


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise InvalidInput(f"{path}: no such file; check the path", field="target")
    return path


def _from_data(path: Path) -> WorkflowDefinition:
    text = _existing(path).read_text(encoding="utf-8")
    try:
        data = json.loads(text) if path.suffix == ".json" else read_yaml(text)
        return WorkflowDefinition.from_dict(data)
    except InvalidDefinitionError as error:
        raise error.at(str(path)) from None
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise InvalidDefinitionError(f"cannot be read: {error}", place=str(path)) from error


def _run(path: Path) -> dict[str, Any]:
    with _importable(path.absolute().parent, place=0):
        return runpy.run_path(str(path))


def _module(name: str) -> Any:
    try:
        # Last, so that nothing in a project's folder takes the place of a library.
        with _importable(Path.cwd(), place=len(sys.path)):
            return importlib.import_module(name)
    except ImportError as error:
        raise InvalidInput(
            f"{name} is no file and no module ({error}); name a file, a folder of phases, a "
            "module, or the id of a registered definition",
            field="target",
        ) from error


@contextmanager
def _importable(folder: Path, *, place: int) -> Iterator[None]:
    """Have modules of the folder found in this block, at that place among the others."""
    entry = str(folder)
    sys.path.insert(place, entry)
    try:
        yield
    finally:
        if entry in sys.path:  # what was loaded may have changed it
            sys.path.remove(entry)


def _pick(place: object, names: dict[str, Any], name: str) -> WorkflowDefinition:
    """Return the one definition among ``names``, or the one called ``name``."""
    found = {key: item for key, item in names.items() if isinstance(item, WorkflowDefinition)}
    if name:
        if name not in found:
            raise InvalidInput(
                f"{place} has no WorkflowDefinition called {name}{nearest(name, list(found))}",
                field="target",
            )
        return found[name]
    ids = {item.id for item in found.values()}
    if len(ids) != 1:
        raise InvalidInput(_which(place, found), field="target")
    return next(iter(found.values()))


def _which(place: object, names: Iterable[str]) -> str:
    listed = ", ".join(names)
    if not listed:
        return f"{place} holds no WorkflowDefinition at its top level; add one"
    return f"{place} holds several definitions; name one as {place}:NAME, of {listed}"


def _shipped(definition_id: str) -> WorkflowDefinition | None:
    name = f"{_WORKFLOWS}.{definition_id.replace('-', '_')}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and name.startswith(error.name):
            return None
        raise
    return _pick(name, vars(module), "")
