"""Passing a prompt as an argument, whatever its length and its first character."""

from pathlib import Path
from typing import Final

from hephaestus_worker.agent_programs.base import Launch
from hephaestus_worker.terminal.private_files import write_private

# The kernel allows 128 KiB for one argument; the rest is a safety margin.
_LONGEST_ARGUMENT: Final = 100_000

#: In a launch's folder: a prompt that is too long for an argument.
WHOLE_PROMPT: Final = "prompt-whole.md"


def as_message(text: str, commands: str) -> str:
    """Prefix a text that the program would take for one of its commands, such as /exit or !shell.

    Args:
        text: the message.
        commands: the characters that begin a command of the program.
    """
    return f"Message:\n{text}" if text.lstrip()[:1] in tuple(commands) else text


def argument_file(launch: Launch, commands: str) -> Path | None:
    """Return the file with the prompt's argument; None if the argument is the prompt itself.

    A prompt that is too long for an argument goes to another file, and the argument names it.
    """
    message = as_message(launch.prompt, commands)
    if len(message.encode()) > _LONGEST_ARGUMENT:
        message = _pointing_at(launch.folder / WHOLE_PROMPT, launch.prompt)
    if message == launch.prompt:
        return None
    path = launch.folder / "prompt-argument.md"
    write_private(path, message)
    return path


def _pointing_at(whole: Path, prompt: str) -> str:
    write_private(whole, prompt)
    lines = prompt.count("\n") + 1
    return (
        f"Your instructions are in the file {whole}, which has {lines} lines. Read all of it,"
        " in parts if need be, before you do anything else; then follow it."
    )
