"""``{placeholders}`` in the texts of a definition, which launch parameters fill."""

import re
from collections.abc import Mapping
from typing import Any, Final

#: ``{name}`` and nothing else: braces of code or JSON in a prompt are left alone.
_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def placeholders(text: str) -> list[str]:
    """Return the names of the ``{placeholders}`` in a text, each once, in order."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def filled(text: str, parameters: Mapping[str, Any]) -> str:
    """Return ``text`` with each known ``{name}`` replaced, in one pass.

    A value is never searched for placeholders itself, so no value can pull in another.
    """
    return _PLACEHOLDER.sub(
        lambda match: str(parameters.get(match[1], match[0])),
        text,
    )


def filled_phase(phase: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a phase in its JSON shape with launch parameters filled into all of its texts."""
    result = dict(phase)
    for name in ("description", "additional_notes"):
        result[name] = filled(result[name], parameters)
    for name in ("done_definitions", "outputs", "next_steps"):
        result[name] = [filled(item, parameters) for item in result[name]]
    return result
