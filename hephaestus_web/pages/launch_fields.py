"""The fields of a launch form: made from a definition, read from a request, shown with faults."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from hephaestus_core.contract.definitions.launch_parameters import LaunchParameter
from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate
from hephaestus_core.contract.errors import HephaestusError, RepositoryError
from hephaestus_core.contract.policies import CONFLICT_POLICIES
from hephaestus_core.contract.repository_urls import masked_logins, taken_apart
from hephaestus_core.contract.texts import plain

#: Characters of a number that the form reads; more are no number of agents.
_LONGEST_NUMBER: Final = 6
_ABSENT: Final = "Enter the URL again with its login, which is shown nowhere."
_WORDS: Final = {True: "true", False: "false"}


@dataclass(frozen=True)
class Field:
    """One field of the form."""

    name: str
    """Of the input; a parameter's begins with ``param-``, so it replaces none of the form's own."""
    label: str
    kind: str = "text"
    """One of the types of launch parameters."""
    required: bool = False
    description: str = ""
    options: Sequence[tuple[str, str]] = ()
    """Value and words of each choice."""
    hint: str = ""
    """Shown in the empty field; it is no value."""
    default: str = ""
    """Counts when the field is left blank, as the prompt shows it."""
    value: str = ""
    error: str | None = None
    suggestions: str = ""
    """Id of the list of suggestions."""

    @property
    def id(self) -> str:
        """The id of the input."""
        return f"field-{self.name}"


@dataclass(frozen=True)
class Fault:
    """A fault in words for the form's reader; without a field it concerns the whole form."""

    message: str
    name: str | None = None


TASK: Final = Field("task", "What is to be done first", "textarea", required=True)
#: Where the work is done.
PLACE: Final = (
    Field(
        "main_repo_path",
        "Repository",
        required=True,
        hint="/path/to/project or https://…",
        suggestions="repositories",
    ),
    Field("base_branch", "Base branch", hint="the one checked out", suggestions="branch-names"),
)
#: What may be left as it is.
MORE: Final = (
    Field("description", "What this run is for", "textarea"),
    Field("setup_command", "Set-up command", hint="such as npm ci"),
    Field("test_command", "Test command", hint="such as npm test"),
    Field("lint_command", "Lint command", hint="such as npm run lint"),
    Field("working_directory", "Folder to work in", hint="the whole repository"),
    Field(
        "auto_merge",
        "When the work is done",
        "dropdown",
        options=(
            ("", "as the server is set up"),
            ("true", "bring it to the base branch"),
            ("false", "wait for my approval"),
        ),
    ),
    Field(
        "conflict_resolution",
        "Conflicts between agents",
        "dropdown",
        options=(
            ("", "as the definition says"),
            *((p, p.replace("_", " ")) for p in CONFLICT_POLICIES),
        ),
    ),
    Field("max_agents", "Most agents at once", "number"),
)
OWN: Final = (TASK, *PLACE, *MORE)


def input_name(parameter: LaunchParameter) -> str:
    """Return the name of a parameter's input."""
    return f"param-{parameter.name}"


_UNSET: Final = {"boolean": "false"}


def parameter_field(parameter: LaunchParameter) -> Field:
    """Return the field of a parameter, with its default as the value or the hint."""
    default = "" if parameter.default is None else as_text(parameter.default)
    return Field(
        name=input_name(parameter),
        label=parameter.label,
        kind=parameter.type,
        required=parameter.required,
        description=parameter.description,
        options=[(option, option) for option in parameter.options],
        hint=parameter.hint,
        default=default,
        value="" if parameter.hint else default or _UNSET.get(parameter.type, ""),
    )


def as_text(value: Any) -> str:
    """Return a value as an input holds it."""
    return _WORDS[value] if isinstance(value, bool) else str(value)


def given_parameters(template: LaunchTemplate | None, values: Mapping[str, str]) -> dict[str, str]:
    """Return the entered value of each parameter; browsers do not send an unticked box."""
    return {
        each.name: values.get(input_name(each), "false" if each.type == "boolean" else "")
        for each in (template.parameters if template else ())
    }


def typed_values(template: LaunchTemplate | None, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return, by label in the form's order, the stored values that are not the form's defaults.

    Values without a field in the present form come last, by their own names.
    """
    fields = {each.name: each for each in (template.parameters if template else ())}
    given = {
        each.label: stored[name]
        for name, each in fields.items()
        if name in stored and (each.default is None or stored[name] != each.filled(None))
    }
    return given | {name: value for name, value in stored.items() if name not in fields}


def order_of(
    definition_id: str, template: LaunchTemplate | None, values: Mapping[str, str]
) -> dict[str, Any]:
    """Return the values of a launch by the names of the API."""
    body: dict[str, Any] = {each.name: values[each.name] for each in OWN if values.get(each.name)}
    for name in ("main_repo_path", "base_branch", "working_directory"):
        if name in body:
            body[name] = body[name].strip()
    if "auto_merge" in body:
        body["auto_merge"] = body["auto_merge"] == "true"
    if "max_agents" in body:
        body["max_agents"] = _whole_number(body["max_agents"])
    return {
        **body,
        "definition_id": definition_id,
        "launch_params": given_parameters(template, values),
    }


def from_link(
    template: LaunchTemplate | None, link: Mapping[str, str]
) -> tuple[dict[str, str], list[Fault]]:
    """Return the values that a link gives to fields, and the faults of those.

    A parameter is called by its own name; it comes before a field of ours that is called the same.
    Whatever else is in the link, such as a hidden field, is left out.
    """
    parameters = {each.name: each for each in (template.parameters if template else ())}
    values, faults = {}, []
    for name, given in link.items():
        text = plain(given)
        if (parameter := parameters.get(name)) is not None:
            wrong = parameter.fault(text)
            faults += [Fault(wrong, input_name(parameter))] if wrong else []
            values[input_name(parameter)] = text if wrong else as_text(parameter.filled(text))
        elif any(name == each.name for each in OWN):
            values[name] = text
    return values, faults


def filled(
    fields: Iterable[Field], values: Mapping[str, str], faults: Iterable[Fault]
) -> list[Field]:
    """Return the fields with their values and faults; no login of a URL is among the values."""
    errors = {fault.name: fault.message for fault in reversed(list(faults))}
    return [
        _without_login(replace(each, value=_entry(each, values), error=errors.get(each.name)))
        for each in fields
    ]


def _entry(field: Field, values: Mapping[str, str]) -> str:
    """Return what stands in a field: a value that is its hint is left to that."""
    value = values.get(field.name, field.value)
    return "" if field.default and value == field.hint else value


def faults_in_words(
    refusals: Iterable[HephaestusError], template: LaunchTemplate | None, values: Mapping[str, str]
) -> list[Fault]:
    """Return refusals by the labels of the form, in the order of its fields."""
    parameters = template.parameters if template else []
    order = [*(input_name(each) for each in parameters), *(each.name for each in OWN)]
    found = [_in_words(each, parameters, values) for each in refusals]
    return sorted(found, key=lambda fault: order.index(fault.name) if fault.name else len(order))


def _in_words(
    refusal: HephaestusError, parameters: Iterable[LaunchParameter], values: Mapping[str, str]
) -> Fault:
    for each in parameters:
        if refusal.field == f"launch_params.{each.name}":
            says = each.fault(values.get(input_name(each), ""))
            return Fault(says or refusal.message, input_name(each))
    for own in OWN:
        if refusal.field == own.name:
            return Fault(_by_label(refusal.message, own, values.get(own.name, "")), own.name)
    return Fault(refusal.message)


def _by_label(message: str, own: Field, value: str) -> str:
    if own.required and not value.strip():
        return f"{own.label} is required."
    for each in OWN:
        message = message.replace(f"'{each.name}'", each.label)
    return message if message.startswith(own.label) else f"{own.label}: {message}"


def _without_login(field_: Field) -> Field:
    """Return a field without the login of a URL, which no page shows."""
    if field_.name != "main_repo_path":
        if masked_logins(field_.value) == field_.value:
            return field_
        return replace(field_, value="", description=_ABSENT)
    try:
        shown, _ = taken_apart(field_.value)
    except RepositoryError:
        shown = ""
    return field_ if shown == field_.value else replace(field_, value=shown, description=_ABSENT)


def _whole_number(text: str) -> int:
    """Return the number; 0, which is refused, for what is none."""
    is_number = text.strip().isdecimal() and len(text.strip()) <= _LONGEST_NUMBER
    return int(text) if is_number else 0
