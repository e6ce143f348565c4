"""Agent programs that the configuration alone describes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import PurePosixPath
from typing import Any, Final, Literal, get_origin

from hephaestus_core.contract.failures import FAILURE_CLASSES
from hephaestus_core.settings.values import converted

#: Placeholders in a program's settings, with their values.
PLACEHOLDERS: Final = {
    "folder": "the agent's own folder, private to the user",
    "worktree": "the agent's git worktree",
    "working_directory": "the folder in it that the program starts in",
    "prompt_file": "the file with the prompt",
    "mcp_url": "the endpoint of the engine's tools",
    "token": "the bearer token for it",
    "model": "the model's name",
    "session": "an id made up for the conversation",
}
PLACEHOLDER: Final = re.compile(r"\{(env:[A-Za-z_][A-Za-z0-9_]*|[a-z_]+)\}")

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class ProgramSettings:
    """One program; lists of patterns are regular expressions, looked for line by line."""

    name: str
    command: tuple[str, ...]
    """Program and arguments; never given to a shell."""
    install: str = "its own installer"
    """How to install it, for the message that it is missing."""
    model_arguments: tuple[str, ...] = ()
    """Added if a model is set."""
    new_arguments: tuple[str, ...] = ()
    """Added at the first start, e.g. to give the conversation its id."""
    resume_arguments: tuple[str, ...] = ()
    """Added in their place to resume a conversation; without them it cannot be resumed."""
    last_arguments: tuple[str, ...] = ()
    """Added last, before the prompt, e.g. ``--``."""
    prompt: Literal["argument", "file"] = "argument"
    """The prompt is the last argument, or in ``{prompt_file}``."""
    prompt_prefix: str = ""
    """Prefix of the prompt's argument, e.g. ``--prompt=``."""
    command_characters: str = ""
    """Characters that begin a command of the program's own, e.g. ``/!``."""
    environment: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)
    """By path in the agent's folder: a text, or names with values, written as JSON or, for
    ``.toml``, as TOML."""
    transcript: str | None = None
    """Glob of JSON files in the agent's folder in which the program records its messages."""
    busy: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    failures: dict[str, Any] = field(default_factory=dict)
    """Per class of failure, the patterns on an idle program's screen that show it."""
    exits: dict[int, str] = field(default_factory=dict)
    """Class of failure per exit status."""

    def asked_variables(self) -> list[str]:
        """Return the names of the variables in its environment and files, sorted."""
        found = PLACEHOLDER.findall(f"{self.environment} {self.files}")
        return sorted({n.removeprefix("env:") for n in found if n.startswith("env:")})


def read_program(name: str, raw: Any) -> tuple[ProgramSettings | None, list[str]]:
    """Return the settings of one program, or all their faults."""
    if not isinstance(raw, Mapping):
        return None, [f"'{name}': expected names with values (found {raw!r})"]
    faults: list[str] = []
    if not _NAME.fullmatch(name):
        faults.append(f"'{name}': use lower case letters, digits, '-' and '_', at most 32")
    known = {f.name: f.type for f in fields(ProgramSettings) if f.name != "name"}
    unknown = sorted(str(key) for key in raw.keys() - known)
    faults += [f"'{name}.{key}': unknown; known: {', '.join(known)}" for key in unknown]
    values: dict[str, Any] = {}
    for key in sorted(raw.keys() & known):
        try:
            values[key] = _value(raw[key], known[key])
        except ValueError as error:
            faults.append(f"'{name}.{key}': {error} (found {raw[key]!r})")
    if not values.get("command"):
        faults.append(f"'{name}.command': expected the program and its arguments, as a list")
    if faults:
        return None, faults
    program = ProgramSettings(name=name, **values)
    faults = [f"'{name}.{fault}" for fault in _contradictions(program)]
    return (None if faults else program), faults


def _value(raw: Any, kind: Any) -> Any:
    if get_origin(kind) is tuple and isinstance(raw, str):
        raise ValueError("expected a list")  # a text would have to be split at its spaces
    return converted(raw, kind)


def _contradictions(program: ProgramSettings) -> Iterator[str]:
    arguments = (
        *program.command,
        *program.model_arguments,
        *program.new_arguments,
        *program.resume_arguments,
        *program.last_arguments,
    )
    for text in arguments:
        yield from (f"command': {fault}" for fault in _wrong_placeholders(text, secret=False))
    if program.prompt == "file" and not any("{prompt_file}" in text for text in arguments):
        yield "prompt': is 'file', but no argument holds {prompt_file}"
    for variable, text in program.environment.items():
        if not _VARIABLE.fullmatch(str(variable)):
            yield f"environment': {variable!r} cannot name a variable"
        if not isinstance(text, str):
            yield f"environment': expected {variable} to be a text; put it in quotes"
        else:
            yield from (f"environment': {fault}" for fault in _wrong_placeholders(text))
    for path, content in program.files.items():
        if not _is_confined(str(path)):
            yield f"files': {path!r} leads out of the agent's folder"
        if not isinstance(content, str | Mapping):
            yield f"files': expected {path!r} to hold a text, or names with values"
    if program.transcript is not None and not _is_confined(program.transcript):
        yield f"transcript': {program.transcript!r} leads out of the agent's folder"
    yield from _wrong_patterns(program)


def _wrong_placeholders(text: str, *, secret: bool = True) -> Iterator[str]:
    for name in PLACEHOLDER.findall(text):
        hidden = name == "token" or name.startswith("env:")
        if hidden and not secret:
            yield f"{{{name}}} would stand in the list of processes; use environment or files"
        elif not hidden and name not in PLACEHOLDERS:
            yield f"unknown placeholder {{{name}}}; known: {', '.join(PLACEHOLDERS)}, env:NAME"


def _wrong_patterns(program: ProgramSettings) -> Iterator[str]:
    patterns = [("busy", text) for text in program.busy] + [("idle", t) for t in program.idle]
    for class_, texts in program.failures.items():
        if class_ not in FAILURE_CLASSES:
            yield f"failures': no class of failure {class_!r}; known: {', '.join(FAILURE_CLASSES)}"
        elif not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            yield f"failures.{class_}': expected a list of patterns (found {texts!r})"
        else:
            patterns += [(f"failures.{class_}", text) for text in texts]
    for status, class_ in program.exits.items():
        if not isinstance(status, int) or class_ not in FAILURE_CLASSES:
            known = ", ".join(FAILURE_CLASSES)
            yield f"exits': expected a status with one of {known} (found {status!r})"
    for place, text in patterns:
        try:
            re.compile(text)
        except re.error as error:
            yield f"{place}': {text!r} is no regular expression: {error}"


def _is_confined(path: str) -> bool:
    parts = PurePosixPath(path)
    return bool(parts.parts) and not parts.is_absolute() and ".." not in parts.parts
