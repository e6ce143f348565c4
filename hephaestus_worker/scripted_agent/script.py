"""Finding the script for a prompt, and reading it."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hephaestus_worker.scripted_agent.errors import StepError

# A fence may have more than three backticks, so that a script can hold the script of a task that
# it creates. An indented fence does not end the script.
_FENCE = re.compile(r"^(`{3,})script[ \t]*\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_INNER_FENCE = re.compile(
    r"^[ \t]*(`{3,})script[ \t]*\n.*?^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL
)
_FILE_LINE = re.compile(r"^script:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_OWN_TASK = "\n# Your task\n"
_DEFAULT = {"steps": [{"done": "There was no script for this task, so nothing had to be done."}]}
_MODIFIERS = {"save", "may_fail"}
#: The folder of a worktree with one script for each role.
_ROLES = "agents"
#: Creators of a phase's tasks that are parts of the system.
_SYSTEM = frozenset({"join", "rejected result", "delivery check"})


class Step(NamedTuple):
    """One step of a script. ``save`` is the name of its result in later placeholders."""

    name: str
    value: Any
    save: str | None = None
    may_fail: bool = False


class Script(NamedTuple):
    """The steps to play, and the steps for each message that arrives while idle."""

    steps: tuple[Step, ...]
    on_message: tuple[Step, ...] = ()


class Role(NamedTuple):
    """What the agent is in its workflow."""

    name: str
    """The name of its phase; else the kind of its task, such as ``review``."""
    of_system: bool
    """The system has written the task's text, which quotes tasks of others."""


def role_of(task: Mapping[str, Any]) -> Role:
    """Return the role of the agent of a task, which is as the engine's tool shows it."""
    if task["kind"] != "work":
        return Role(task["kind"], of_system=True)
    return Role(str(task["phase_name"]), of_system=task["created_by"] in _SYSTEM)


def script_for(prompt: str, worktree: Path, role: Callable[[], Role]) -> Script:
    """Return the script that the prompt holds or names, else the script of the role.

    What stands before the agent's own task belongs to other tasks. A text of the system may quote
    another agent's task with its script, so there the script of the role goes first.

    Args:
        prompt: the agent's whole prompt.
        worktree: in which scripts lie.
        role: the agent's; called only if the worktree has scripts of roles.

    Raises:
        StepError: the script cannot be read; the message names its source.
    """
    own = role() if (worktree / _ROLES).is_dir() else None
    named = None if own is None else _of_role(own.name, worktree)
    if named is not None and own is not None and own.of_system:
        return named
    return _in_prompt(prompt, worktree) or named or read_script(_DEFAULT, "the default script")


def _in_prompt(prompt: str, worktree: Path) -> Script | None:
    prompt = prompt.partition(_OWN_TASK)[2] or prompt
    if fenced := _FENCE.search(prompt):
        return _parsed(fenced[2], "the script in the prompt")
    if named := _FILE_LINE.search(prompt):
        path = confined(worktree, named[1])
        if not path.is_file():
            raise StepError(f"There is no script {named[1]} in the worktree.")
        return _parsed(path.read_text(), f"the script {named[1]}")
    return None


def _of_role(name: str, worktree: Path) -> Script | None:
    path = confined(worktree, f"{_ROLES}/{name}.yaml")
    return _parsed(path.read_text(), f"the script {path.name}") if path.is_file() else None


def read_script(data: Any, source: str) -> Script:
    """Turn parsed YAML, a list of steps or ``{steps, on_message}``, into a script."""
    if isinstance(data, list):
        data = {"steps": data}
    if not isinstance(data, Mapping) or set(data) - {"steps", "on_message"}:
        raise StepError(f"In {source}: expected a list of steps, or steps and on_message.")
    return Script(
        steps=read_steps(data.get("steps"), source),
        on_message=read_steps(data.get("on_message"), source),
    )


def read_steps(data: Any, source: str) -> tuple[Step, ...]:
    """Turn a parsed YAML list into steps; None means no steps."""
    if data is None:
        return ()
    if not isinstance(data, list):
        raise StepError(f"In {source}: steps have to be a list.")
    return tuple(_step(item, source) for item in data)


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """Replace ``{{name}}``, ``{{saved.key}}`` and ``{{saved.list.0}}`` in all strings of ``value``.

    A script within a text stays as it is: its placeholders belong to the agent that plays it.
    """
    if isinstance(value, str):
        return _filled_text(value, known)
    if isinstance(value, list):
        return [filled(item, known) for item in value]
    if isinstance(value, Mapping):
        # The placeholders of nested steps are filled when those steps are played.
        return {k: v if k == "steps" else filled(v, known) for k, v in value.items()}
    return value


def confined(worktree: Path, name: str) -> Path:
    """Return the path of ``name`` in the worktree.

    Raises:
        StepError: the path is outside the worktree.
    """
    root = worktree.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise StepError(f"The path {name} leads out of the worktree.")
    return path


def _parsed(text: str, source: str) -> Script:
    try:
        # JSON is YAML too, and needs no PyYAML, whose import takes a third of an agent's start.
        data = json.loads(text)
    except ValueError:
        data = _yaml(text, source)
    return read_script(data, source)


def _yaml(text: str, source: str) -> Any:
    import yaml  # put off: see above

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise StepError(f"In {source}: {error}") from error


def _step(item: Any, source: str) -> Step:
    if isinstance(item, str):
        return Step(item, None)
    if not isinstance(item, Mapping):
        raise StepError(f"In {source}: {item!r} is no step.")
    names = [key for key in item if key not in _MODIFIERS]
    if len(names) != 1:
        raise StepError(f"In {source}: a step has one name, not {names}.")
    name = str(names[0])
    return Step(name, item[name], item.get("save"), bool(item.get("may_fail", False)))


def _filled_text(text: str, known: Mapping[str, Any]) -> str:
    parts: list[str] = []
    end = 0
    for inner in _INNER_FENCE.finditer(text):
        parts += [_replaced(text[end : inner.start()], known), inner[0]]
        end = inner.end()
    return "".join([*parts, _replaced(text[end:], known)])


def _replaced(text: str, known: Mapping[str, Any]) -> str:
    return _PLACEHOLDER.sub(lambda match: _looked_up(match[1], known), text)


def _looked_up(name: str, known: Mapping[str, Any]) -> str:
    value: Any = known
    for key in name.split("."):
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (KeyError, TypeError, ValueError, IndexError):
            raise StepError(f"Nothing is known as {{{{{name}}}}}.") from None
    return str(value)
