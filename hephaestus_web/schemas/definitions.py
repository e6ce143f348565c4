"""Workflow definitions as requests hold them."""

from marshmallow import fields

from hephaestus_web.schemas.base import Input, Word, number


class PhaseInput(Input):
    """A kind of work in a workflow."""

    id = number(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    done_definitions = fields.List(fields.String(), allow_none=True)
    working_directory = Word(allow_none=True)
    additional_notes = fields.String(allow_none=True)
    outputs = fields.List(fields.String(), allow_none=True)
    next_steps = fields.List(fields.String(), allow_none=True)
    validation = fields.Dict(keys=fields.String(), allow_none=True)
    cli_tool = Word(allow_none=True)
    cli_model = Word(allow_none=True)
    cli_fallback = fields.List(fields.String(), allow_none=True)
    host_labels = fields.List(fields.String(), allow_none=True)


class ConfigInput(Input):
    """How a workflow ends."""

    has_result = fields.Boolean()
    result_criteria = fields.String(allow_none=True)
    on_result_found = Word()
    enable_tickets = fields.Boolean()
    board_config = fields.Dict(keys=fields.String(), allow_none=True)
    cli_fallback = fields.List(fields.String(), allow_none=True)


class ParameterInput(Input):
    """One field of a launch form."""

    name = fields.String(required=True)
    label = fields.String(allow_none=True)
    type = fields.String(required=True)
    required = fields.Boolean()
    default = fields.Raw(allow_none=True)
    description = fields.String(allow_none=True)
    options = fields.List(fields.String(), allow_none=True)


class TemplateInput(Input):
    """A launch form, and the first task that it makes."""

    parameters = fields.List(fields.Nested(ParameterInput))
    phase_1_task_prompt = fields.String(allow_none=True)


class DefinitionInput(Input):
    """A workflow definition to register."""

    id = Word()
    name = fields.String(required=True)
    description = fields.String(allow_none=True)
    phases = fields.List(fields.Nested(PhaseInput), required=True)
    config = fields.Nested(ConfigInput, allow_none=True)
    launch_template = fields.Nested(TemplateInput, allow_none=True)
    offered = fields.Boolean()


class DefinitionFilter(Input):
    """Which definitions to list."""

    all = fields.Boolean(load_default=False)
