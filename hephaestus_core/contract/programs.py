"""Which program, with which model, an attempt gets: the first choice, and what stands in for it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.spelling import nearest

#: Agent programs that Hephaestus has an adapter for.
BUILT_IN_PROGRAMS: Final = ("claude", "codex", "opencode", "droid", "scripted")


@dataclass(frozen=True)
class Choice:
    """A program and a model; without one the program's own."""

    program: str
    model: str | None = None

    def __str__(self) -> str:
        return self.program if self.model is None else f"{self.program}:{self.model}"


@dataclass(frozen=True)
class Wish:
    """The program and the model that a task or a phase asks for, as far as it names them."""

    program: str | None = None
    model: str | None = None


def first_choice(task: Wish, phase: Wish, default: Choice) -> Choice:
    """Return the program to start and its model: first the task's wish, then the phase's.

    A model belongs to the program that its own level asks for: the phase's model counts only for
    the phase's program, the default model only for the default program.
    """
    of_phase = phase.program or default.program
    program = task.program or of_phase
    if task.model is not None:
        return Choice(program, task.model)
    if program == of_phase and phase.model is not None:
        return Choice(program, phase.model)
    return Choice(program, default.model if program == default.program else None)


def choice(text: str) -> Choice:
    """Read ``program`` or ``program:model``; a model's name may itself hold colons."""
    program, _, model = text.partition(":")
    return Choice(program, model or None)


def chain(first: Choice, fallbacks: Sequence[str]) -> list[str]:
    """Return what is tried, in order: the first choice, then the others, each once."""
    return list(dict.fromkeys([str(first), *fallbacks]))


def unknown_program(name: str, known: Collection[str]) -> str | None:
    """Return the sentence that refuses the name of a program; None: there is such a program."""
    if name in known:
        return None
    listed = sorted(known)
    return (
        f"no agent program is called {name!r}{nearest(name, listed)}; known: {', '.join(listed)}. "
        "Another one is known as soon as a host runs that has it in its setting agent_programs"
    )


def checked_program(name: str, field: str, known: Collection[str]) -> str:
    """Return the name of a program that there is.

    Raises:
        InvalidInput: there is none; names the nearest.
    """
    wrong = unknown_program(name, known)
    if wrong is not None:
        raise InvalidInput(f"'{field}': {wrong}.", field=field)
    return name
