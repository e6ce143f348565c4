"""The shipped workflows: names that the specification imports, and launches that work."""

import re

import pytest

from hephaestus_sdk.models import LaunchTemplate, Phase, WorkflowConfig, WorkflowDefinition
from workflows.bug_fix.phases import (
    BUG_FIX_DEFINITION,
    BUG_FIX_LAUNCH_TEMPLATE,
    BUG_FIX_PHASES,
    BUG_FIX_WORKFLOW_CONFIG,
)
from workflows.prd_to_software.phases import (
    PRD_DEFINITION,
    PRD_LAUNCH_TEMPLATE,
    PRD_PHASES,
    PRD_WORKFLOW_CONFIG,
)

SHIPPED = [
    (BUG_FIX_DEFINITION, BUG_FIX_PHASES, BUG_FIX_WORKFLOW_CONFIG, BUG_FIX_LAUNCH_TEMPLATE),
    (PRD_DEFINITION, PRD_PHASES, PRD_WORKFLOW_CONFIG, PRD_LAUNCH_TEMPLATE),
]


@pytest.mark.parametrize(("definition", "phases", "config", "template"), SHIPPED)
def test_a_definition_bundles_its_parts(
    definition: WorkflowDefinition,
    phases: list[Phase],
    config: WorkflowConfig,
    template: LaunchTemplate,
) -> None:
    assert (definition.phases, definition.config) == (phases, config)
    assert definition.launch_template == template
    assert [phase.id for phase in phases] == [1, 2, 3]
    assert config.has_result


@pytest.mark.parametrize(("definition", "phases", "config", "template"), SHIPPED)
def test_the_required_parameters_alone_fill_the_whole_prompt(
    definition: WorkflowDefinition,
    phases: list[Phase],
    config: WorkflowConfig,
    template: LaunchTemplate,
) -> None:
    given = {
        item.name: "x" for item in template.parameters if item.required and item.default is None
    }
    values = template.fill(given)
    prompt = re.sub(r"\{(\w+)\}", lambda match: str(values[match[1]]), template.phase_1_task_prompt)
    assert "{" not in prompt


@pytest.mark.parametrize(("definition", "phases", "config", "template"), SHIPPED)
def test_every_phase_leads_on_and_says_when_it_is_done(
    definition: WorkflowDefinition,
    phases: list[Phase],
    config: WorkflowConfig,
    template: LaunchTemplate,
) -> None:
    for phase in phases:
        assert phase.done_definitions
        assert phase.next_steps
