"""Values for a launch form that nobody has filled in."""

from collections.abc import Mapping
from typing import Any

from hephaestus_core.contract.definitions.launch_parameters import LaunchParameter
from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate

_LINE = "An example"
_LINES = f"{_LINE} of a text\nwith a second line."


def sample_values(template: LaunchTemplate | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value for each parameter: the given one, the default, or a sample if it is required.

    Raises:
        InvalidInput: a value is of another type, or there is no such parameter.
    """
    if template is None:
        return {}
    needed = (each for each in template.parameters if each.required and each.default is None)
    return template.fill({**{each.name: _sample(each) for each in needed}, **given})


def _sample(parameter: LaunchParameter) -> Any:
    samples: dict[str, Any] = {"textarea": _LINES, "number": 3, "boolean": True}
    if parameter.type == "dropdown":
        return parameter.options[0]
    return samples.get(parameter.type, _LINE)
