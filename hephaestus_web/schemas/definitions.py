"""Workflow definitions as requests hold them: described here, checked by the contract alone."""

import dataclasses
from typing import Any, Final, get_args, get_origin, get_type_hints

from marshmallow import Schema, fields

from hephaestus_core.contract.definitions.config import WorkflowConfig
from hephaestus_core.contract.definitions.criteria import Check, ValidationCriteria
from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.definitions.launch_parameters import LaunchParameter
from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate
from hephaestus_core.contract.definitions.phases import Phase
from hephaestus_web.schemas.base import Input, number

_NAMES: Final = {
    WorkflowDefinition: "DefinitionInput",
    Phase: "PhaseInput",
    ValidationCriteria: "ValidationInput",
    Check: "CheckInput",
    WorkflowConfig: "ConfigInput",
    LaunchTemplate: "TemplateInput",
    LaunchParameter: "ParameterInput",
}
#: Anything else is described as any value.
_PLAIN: Final[dict[Any, type[fields.Field[Any]]]] = {str: fields.String, bool: fields.Boolean}


class _Described(Input):
    """Says in the API's documentation what a body holds, and hands it on as it is."""

    def load(self, data: Any, **_: Any) -> Any:
        """Return the body unchanged."""
        return data


def _described(part: type) -> type[Schema]:
    """Return the schema of a part of a definition, with the fields that the part has."""
    hints = get_type_hints(part)
    members = {f.name: _field(f, hints[f.name]) for f in dataclasses.fields(part)}
    if part is WorkflowDefinition:
        members["id"] = fields.String(metadata={"description": "That of the path, or left out."})
    return type(_NAMES[part], (_Described,), {"__doc__": part.__doc__, **members})


def _field(declared: dataclasses.Field[Any], hint: Any) -> fields.Field[Any]:
    required = (
        declared.default is dataclasses.MISSING and declared.default_factory is dataclasses.MISSING
    )
    return _field_of(hint, {"required": required, "allow_none": not required})


def _field_of(hint: Any, given: dict[str, Any]) -> fields.Field[Any]:
    inner = [option for option in get_args(hint) if option is not type(None)]
    if len(inner) < len(get_args(hint)):
        return _field_of(inner[0] if len(inner) == 1 else Any, given)
    if hint in _NAMES:
        return fields.Nested(_described(hint), **given)
    if get_origin(hint) is list:
        return fields.List(_field_of(inner[0], {}), **given)
    if get_origin(hint) is dict:
        return fields.Dict(keys=fields.String(), **given)
    if hint is int:
        return number(**given)
    return _PLAIN.get(hint, fields.Raw)(**given)


DefinitionInput = _described(WorkflowDefinition)


class DefinitionFilter(Input):
    """Which definitions to list."""

    all = fields.Boolean(load_default=False)
