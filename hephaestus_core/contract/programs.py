"""The choice of an attempt's program and model: the first choice and its fallbacks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.spelling import nearest

#: The agent programs with an adapter in Hephaestus.
BUILT_IN_PROGRAMS: Final = ("claude", "codex", "opencode", "droid", "scripted")


@dataclass(frozen=True)
class Choice:
    """A program and a model; None means the program's own model."""

    program: str
    model: str | None = None

    def __str__(self) -> str:
        return self.program if self.model is None else f"{self.program}:{self.model}"


@dataclass(frozen=True)
class Wish:
    """The program and the model that a task or a phase asks for; None if it names none."""

    program: str | None = None
    model: str | None = None


def first_choice(task: Wish, phase: Wish, default: Choice) -> Choice:
    """Return the program and model of the task's wish, else the phase's, else the default.

    A model applies only to the program of its own level: the phase's model to the phase's program,
    the default model to the default program.
    """
    of_phase = phase.program or default.program
    program = task.program or of_phase
    if task.model is not None:
        return Choice(program, task.model)
    if program == of_phase and phase.model is not None:
        return Choice(program, phase.model)
    return Choice(program, default.model if program == default.program else None)


def choice(text: str) -> Choice:
    """Parse ``program`` or ``program:model``; a model's name may hold colons."""
    program, _, model = text.partition(":")
    return Choice(program, model or None)


def chain(first: Choice, fallbacks: Sequence[str]) -> list[str]:
    """Return the programs to try, in order: the first choice, then the fallbacks, each once."""
    return list(dict.fromkeys([str(first), *fallbacks]))


def unknown_program(name: str, known: Collection[str]) -> str | None:
    """Return the error message for an unknown program; None if the program is known."""
    if name in known:
        return None
    listed = sorted(known)
    return (
        f"no agent program is called {name!r}{nearest(name, listed)}; known: {', '.join(listed)}. "
        "To add a program, start a host that has it in its setting agent_programs"
    )


def checked_program(name: str, field: str, known: Collection[str]) -> str:
    """Return the name of a known program.

    Raises:
        InvalidInput: the program is unknown; the message names the nearest.
    """
    wrong = unknown_program(name, known)
    if wrong is not None:
        raise InvalidInput(f"'{field}': {wrong}.", field=field)
    return name
