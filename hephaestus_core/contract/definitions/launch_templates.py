"""Launch templates: the form that starts a workflow, and the first task that it creates."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from hephaestus_core.contract.definitions import checks
from hephaestus_core.contract.definitions.launch_parameters import LaunchParameter
from hephaestus_core.contract.definitions.placeholders import placeholders
from hephaestus_core.contract.errors import UnknownParameter
from hephaestus_core.contract.faults import Faults
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.contract.texts import DESCRIPTION_LIMIT, NAME_LIMIT


@dataclass(frozen=True)
class LaunchTemplate:
    """The launch form, and the first task that it creates."""

    parameters: list[LaunchParameter] = field(default_factory=list)
    phase_1_task_prompt: str = ""
    """The first task's text, with ``{placeholders}``. If empty, the launch has to bring a task."""

    def __post_init__(self) -> None:
        checks.absent_to_default(self)
        parameters = checks.all_built(LaunchParameter, self.parameters, "parameters")
        checks.unique((item.name for item in parameters), "parameters", "name")
        prompt = checks.text(
            self.phase_1_task_prompt, "phase_1_task_prompt", limit=DESCRIPTION_LIMIT
        )
        checks.put(self, parameters=parameters, phase_1_task_prompt=prompt)
        self._check_placeholders()

    @property
    def makes_a_task(self) -> bool:
        """Whether a launch creates the first task by itself."""
        return bool(self.phase_1_task_prompt.strip())

    def fill(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return each parameter's value: the given value, else its default, else the empty text.

        Raises:
            UnknownParameter: the template has no parameter of this name.
            InvalidInput: required values are missing, or values have the wrong type; the message
                names them all.
        """
        refuse_unknown(given, self._names())
        values: dict[str, Any] = {}
        faults = Faults()
        for parameter in self.parameters:
            with faults.noted():
                values[parameter.name] = parameter.filled(given.get(parameter.name))
        faults.refuse()
        return values

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape of the API."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = True) -> "LaunchTemplate":
        """Build from the JSON shape; see ``WorkflowDefinition.from_dict``."""
        values = checks.arguments(cls, data, strict=strict)
        if values.get("parameters") is not None:
            given = values["parameters"]
            values["parameters"] = checks.all_built(
                LaunchParameter, given, "parameters", strict=strict
            )
        return cls(**values)

    def _names(self) -> list[str]:
        return [item.name for item in self.parameters]

    def _check_placeholders(self) -> None:
        for name in placeholders(self.phase_1_task_prompt):
            if name not in self._names():
                hint = nearest(name[:NAME_LIMIT], self._names())
                raise checks.refusal(
                    f"{{{name[:NAME_LIMIT]}}} is no parameter of the template{hint}; declare it, "
                    "or take it out",
                    "phase_1_task_prompt",
                )


def filled_parameters(
    template: LaunchTemplate | None, given: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the value of each launch parameter; without a template there are no parameters.

    Raises:
        UnknownParameter, InvalidInput: see :meth:`LaunchTemplate.fill`.
    """
    if template is not None:
        return template.fill(given or {})
    refuse_unknown(given or {}, [])
    return {}


def refuse_unknown(given: Mapping[str, Any], names: list[str]) -> None:
    """Check that the names of all given launch parameters are known.

    Raises:
        UnknownParameter: a name is unknown; the message names the nearest.
    """
    for name in given:
        if name not in names:
            raise UnknownParameter(
                f"Unknown launch parameter '{name[:NAME_LIMIT]}'"
                f"{nearest(name[:NAME_LIMIT], names)}; known: {', '.join(names) or 'none'}.",
                field=f"launch_params.{name[:NAME_LIMIT]}",
            )
