"""``{placeholders}`` in a definition's texts, replaced by launch parameters."""

import re
from collections.abc import Mapping
from typing import Any, Final

#: ``{name}`` alone, so that braces of code or JSON in a prompt stay as they are.
_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def placeholders(text: str) -> list[str]:
    """Return the names of the ``{placeholders}`` in a text, each once, in order."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def filled(text: str, parameters: Mapping[str, Any]) -> str:
    """Return ``text`` with each known ``{name}`` replaced, in one pass.

    Placeholders within a value are not replaced, so no value can insert another.
    """
    return _PLACEHOLDER.sub(
        lambda match: str(parameters.get(match[1], match[0])),
        text,
    )


def filled_phase(phase: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a phase's JSON shape with the placeholders in all of its texts replaced."""
    result = dict(phase)
    for name in ("description", "additional_notes"):
        result[name] = filled(result[name], parameters)
    for name in ("done_definitions", "outputs", "next_steps"):
        result[name] = [filled(item, parameters) for item in result[name]]
    return result
