"""Behaviours as folders: one for each, beside what all of them share.

docs/behaviours.md describes the form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from bench.behaviours.catches import Catch

#: The folder in a repository from which scripted agents read the scripts of their roles.
_SCRIPTS: Final = "agents"
#: The fields of ``behaviour.yaml``; those of ``common.yaml`` are its defaults.
_FIELDS: Final = frozenset(
    ("title", "workflow", "launch", "options", "accept", "caught", "spared", "same_work", "ends")
)

Files = Mapping[str, bytes]


class UnreadableBehaviourError(Exception):
    """A folder does not have the form; the message names it."""


@dataclass(frozen=True)
class Behaviour:
    """A typical mistake of an agent, and the same work done rightly."""

    name: str
    title: str
    workflow: str
    """Id of a definition that ships."""
    launch: Mapping[str, Any]
    """Values of the launch form."""
    options: Mapping[str, Any]
    """Further options of the launch, such as ``conflict_resolution``."""
    accept: str
    """A command that succeeds on the base branch only with the right work."""
    caught: tuple[Catch, ...]
    """All of it must be found, else the mistake is caught in part or not at all."""
    spared: tuple[Catch, ...]
    """None of it may be found where the honest twin is at work."""
    same_work: tuple[tuple[str, ...], ...]
    """Texts that ask for the same work, as a model that judges duplicates would say."""
    delivers: bool
    """Whether the right work is delivered in spite of the mistake."""
    mistake: Files = field(repr=False)
    """The repository with the scripts of the agent that makes the mistake."""
    honest: Files = field(repr=False)
    """The same repository with the scripts of its honest twin."""


def read_all(folder: Path) -> list[Behaviour]:
    """Return the behaviours of a folder, in the order of their names.

    Raises:
        UnreadableBehaviourError: a folder does not have the form.
    """
    common = _yaml(folder / "common.yaml") if (folder / "common.yaml").exists() else {}
    shared = _files(folder / "project")
    found = sorted(path.parent for path in folder.glob("*/behaviour.yaml"))
    if not found:
        raise UnreadableBehaviourError(f"{folder} holds no folder with a behaviour.yaml.")
    return [_read(each, common, shared) for each in found]


def _read(folder: Path, common: Mapping[str, Any], shared: Files) -> Behaviour:
    own = _yaml(folder / "behaviour.yaml")
    given = {"title": folder.name, **common, **own}
    unknown = set(given) - _FIELDS
    missing = {"workflow", "accept", "caught"} - set(given)
    if unknown or missing:
        wrong = [f"lacks {name}" for name in sorted(missing)]
        wrong += [f"has the unknown field {name}" for name in sorted(unknown)]
        raise UnreadableBehaviourError(f"{folder / 'behaviour.yaml'} {' and '.join(wrong)}.")
    if given.get("ends", "held") not in {"held", "delivered"}:
        raise UnreadableBehaviourError(f"{folder}: ends is held or delivered.")
    honest = {**shared, **_files(folder / "project"), **_scripts(folder / "honest")}
    mistake = {**honest, **_scripts(folder / "mistake")}
    if mistake == honest:
        raise UnreadableBehaviourError(f"{folder / 'mistake'} holds no script of its own.")
    return Behaviour(
        name=folder.name,
        title=given["title"],
        workflow=given["workflow"],
        launch={**common.get("launch", {}), **own.get("launch", {})},
        options=given.get("options", {}),
        accept=given["accept"],
        caught=tuple(_catch(item, folder) for item in given["caught"]),
        spared=tuple(_catch(item, folder) for item in given.get("spared", [])),
        same_work=tuple(map(tuple, given.get("same_work", []))),
        delivers=given.get("ends", "held") == "delivered",
        mistake=mistake,
        honest=honest,
    )


def _catch(item: Any, folder: Path) -> Catch:
    try:
        return Catch.read(item)
    except ValueError as error:
        raise UnreadableBehaviourError(f"{folder / 'behaviour.yaml'}: {error}") from None


def _yaml(file: Path) -> dict[str, Any]:
    data = yaml.safe_load(file.read_text())
    if not isinstance(data, dict):
        raise UnreadableBehaviourError(f"{file} holds no names with values.")
    return data


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _scripts(folder: Path) -> dict[str, bytes]:
    return {f"{_SCRIPTS}/{name}": content for name, content in _files(folder).items()}
