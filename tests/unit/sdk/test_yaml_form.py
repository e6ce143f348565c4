"""Definitions as YAML that people edit."""

from hypothesis import given, settings

from hephaestus_core.settings.yaml_files import read_yaml
from hephaestus_sdk.definitions.yaml_form import yaml_form
from hephaestus_sdk.models import WorkflowDefinition
from tests.definitions import definitions


@settings(max_examples=40)
@given(definitions)
def test_a_definition_survives_yaml(definition: WorkflowDefinition) -> None:
    assert WorkflowDefinition.from_dict(read_yaml(yaml_form(definition))) == definition
