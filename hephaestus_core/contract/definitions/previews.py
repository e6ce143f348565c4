"""The first task's text as a launch would make it, in pieces that a page can mark."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hephaestus_core.contract.definitions.launch_parameters import LaunchParameter
from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate
from hephaestus_core.contract.definitions.placeholders import (
    Filling,
    parts,
    placeholders,
    written,
)


@dataclass(frozen=True)
class Piece:
    """A part of the text: fixed, a value, or a hole that no value fills yet."""

    text: str
    parameter: str | None = None
    """Whose value it is; None: the text is the template's own."""
    filled: bool = True


def pieces(template: LaunchTemplate, given: Mapping[str, Any]) -> list[Piece]:
    """Return the first task's text; blank values and those that do not fit are holes.

    Raises:
        InvalidInput: the text would be too long.
    """
    used = set(placeholders(template.phase_1_task_prompt))
    parameters = {item.name: item for item in template.parameters if item.name in used}
    values = {name: value_of(item, given.get(name)) for name, item in parameters.items()}
    known = {name: value for name, value in values.items() if value is not None}
    Filling(known).text(template.phase_1_task_prompt, "phase_1_task_prompt")
    return list(_pieces(template.phase_1_task_prompt, parameters, known))


def value_of(parameter: LaunchParameter, given: Any) -> str | None:
    """Return a value as it would stand in a text; None: nothing stands there yet."""
    if parameter.fault(given) is not None:
        return None
    filled = parameter.filled(given)
    return None if filled == "" else written(filled)


def _pieces(
    prompt: str, parameters: Mapping[str, LaunchParameter], values: Mapping[str, str]
) -> Iterator[Piece]:
    # Every second part is a name.
    for number, part in enumerate(parts(prompt)):
        if number % 2 == 0 or part not in parameters:
            text = part if number % 2 == 0 else f"{{{part}}}"
            if text:
                yield Piece(text)
        elif part in values:
            yield Piece(values[part], part)
        else:
            yield Piece(f"{{{parameters[part].label}}}", part, filled=False)
