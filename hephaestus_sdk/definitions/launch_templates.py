"""Launch templates: the form that starts a workflow, and the check of what is filled in."""

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from hephaestus_core.contract.spelling import nearest
from hephaestus_sdk.definitions import checks
from hephaestus_sdk.errors import InvalidDefinitionError, InvalidInput, UnknownParameter

PARAMETER_TYPES = ("text", "textarea", "number", "boolean", "dropdown")

#: ``{name}`` and nothing else, so that braces of code or JSON in a prompt are left alone.
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def placeholders(prompt: str) -> list[str]:
    """Return the names of the ``{placeholders}`` in a text, each once, in order."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(prompt)))


@dataclass(frozen=True)
class LaunchParameter:
    """One field of the launch form."""

    name: str
    """Stands as ``{name}`` in the prompt."""
    label: str = ""
    """What people read beside the field; default: made from the name."""
    type: str = "text"
    """One of :data:`PARAMETER_TYPES`; ``select`` is taken as ``dropdown``."""
    required: bool = True
    default: Any = None
    description: str = ""
    options: list[str] = field(default_factory=list)
    """Choices of a dropdown."""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise InvalidDefinitionError(
                f"parameter {self.name!r}: a name has letters, digits and '_', as {{name}} "
                "stands in the prompt",
                field="name",
            )
        where = f"parameter {self.name}"
        kind = "dropdown" if self.type == "select" else self.type
        checks.one_of(kind, f"{where}: type", PARAMETER_TYPES)
        checks.text(self.label, f"{where}: label", required=False)
        checks.text(self.description, f"{where}: description", required=False)
        checks.flag(self.required, f"{where}: required")
        object.__setattr__(self, "type", kind)
        object.__setattr__(self, "options", checks.texts(self.options, f"{where}: options"))
        object.__setattr__(self, "label", self.label or self.name.replace("_", " ").capitalize())
        self._check_options(where)

    def value(self, given: Any) -> Any:
        """Return ``given`` as this parameter's type; texts of numbers and booleans are read.

        Raises:
            InvalidInput: says what is expected.
        """
        readers = {"number": _number, "boolean": _boolean, "dropdown": self._choice}
        expected = readers.get(self.type, _text)(given)
        if expected is None:
            raise InvalidInput(
                f"parameter '{self.name}': expected {self._expected()}, found {given!r}",
                field=self.name,
            )
        return expected

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape of the API."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = True) -> "LaunchParameter":
        """Build from the JSON shape."""
        values = checks.arguments(cls, data, "launch parameter", strict=strict)
        return cls(**{name: value for name, value in values.items() if value is not None})

    def _check_options(self, where: str) -> None:
        checks.unique(self.options, f"{where}: options")
        if self.type == "dropdown" and not self.options:
            raise InvalidDefinitionError(
                f"{where}: a dropdown needs options=[…] to choose from", field="options"
            )
        if self.default is None:
            return
        try:
            object.__setattr__(self, "default", self.value(self.default))
        except InvalidInput as error:
            raise InvalidDefinitionError(f"{error} as its default", field="default") from None

    def _choice(self, given: Any) -> str | None:
        return given if given in self.options else None

    def _expected(self) -> str:
        if self.type == "dropdown":
            return f"one of {', '.join(self.options)}"
        return {"number": "a number", "boolean": "true or false"}.get(self.type, "text")


@dataclass(frozen=True)
class LaunchTemplate:
    """The launch form, and the first task that it makes."""

    parameters: list[LaunchParameter] = field(default_factory=list)
    phase_1_task_prompt: str = ""
    """Text of the first task, with ``{placeholders}``; empty: the launch makes no task."""

    def __post_init__(self) -> None:
        given: object = [] if self.parameters is None else self.parameters
        parameters = checks.all_built(LaunchParameter, given, "parameters")
        object.__setattr__(self, "parameters", parameters)
        checks.unique((item.name for item in self.parameters), "parameters")
        checks.text(
            self.phase_1_task_prompt,
            "phase_1_task_prompt",
            required=False,
            limit=checks.MAX_DESCRIPTION,
        )
        self._check_placeholders()

    def fill(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of each parameter: what is given, else its default.

        Parameters that are optional and have neither are left out.

        Raises:
            UnknownParameter: a name that the template does not have.
            InvalidInput: required ones that are missing, or values of the wrong type; all are
                named together.
        """
        self._refuse_unknown(given)
        values: dict[str, Any] = {}
        faults: list[InvalidInput] = []
        for parameter in self.parameters:
            try:
                value = _filled(parameter, given.get(parameter.name))
            except InvalidInput as fault:
                faults.append(fault)
            else:
                values |= {} if value is None else {parameter.name: value}
        if faults:
            raise InvalidInput("; ".join(map(str, faults)), field=faults[0].field)
        return values

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape of the API."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = True) -> "LaunchTemplate":
        """Build from the JSON shape."""
        values = checks.arguments(cls, data, "launch template", strict=strict)
        if not strict:
            values["parameters"] = [
                LaunchParameter.from_dict(item, strict=False)
                for item in values.get("parameters") or []
            ]
        return cls(**values)

    def _names(self) -> list[str]:
        return [item.name for item in self.parameters]

    def _check_placeholders(self) -> None:
        for name in placeholders(self.phase_1_task_prompt):
            if name not in self._names():
                hint = nearest(name, self._names())
                raise InvalidDefinitionError(
                    f"phase_1_task_prompt: {{{name}}} is no parameter of the template{hint}; "
                    f"declare LaunchParameter(name={name!r}, …) or take it out",
                    field="phase_1_task_prompt",
                )

    def _refuse_unknown(self, given: Mapping[str, Any]) -> None:
        for name in given:
            if name not in self._names():
                has = ", ".join(self._names()) or "none"
                raise UnknownParameter(
                    f"launch parameter '{name}' is unknown{nearest(name, self._names())}; "
                    f"the template has: {has}",
                    field=name,
                )


def _filled(parameter: LaunchParameter, given: Any) -> Any:
    given = parameter.default if given is None else given
    if given is None or given == "":
        if parameter.required:
            raise InvalidInput(
                f"parameter '{parameter.name}' ({parameter.label}) is required; give it a value",
                field=parameter.name,
            )
        return None
    return parameter.value(given)


def _text(given: Any) -> str | None:
    return given if isinstance(given, str) else None


def _number(given: Any) -> int | float | None:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    for kind in (int, float):
        try:
            number = kind(given) if isinstance(given, str) else given
        except ValueError:
            continue
        return number if math.isfinite(number) else None
    return None


def _boolean(given: Any) -> bool | None:
    return given if isinstance(given, bool) else _WORDS.get(str(given).strip().lower())
