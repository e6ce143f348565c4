"""The shipped workflows: names that the specification imports, and launches that work."""

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from hephaestus_core.contract.definitions.placeholders import Filling
from hephaestus_sdk.cli.main import main
from hephaestus_sdk.definitions.advice.faults import faults
from hephaestus_sdk.definitions.advice.weak_spots import weak_spots
from hephaestus_sdk.definitions.loading import load_definition
from hephaestus_sdk.models import LaunchTemplate, Phase, WorkflowConfig, WorkflowDefinition
from workflows.bug_fix.phases import (
    BUG_FIX_DEFINITION,
    BUG_FIX_LAUNCH_TEMPLATE,
    BUG_FIX_PHASES,
    BUG_FIX_WORKFLOW_CONFIG,
)
from workflows.documentation_generation.phases import (
    DOCUMENTATION_DEFINITION,
    DOCUMENTATION_LAUNCH_TEMPLATE,
    DOCUMENTATION_PHASES,
    DOCUMENTATION_WORKFLOW_CONFIG,
)
from workflows.feature_development.phases import (
    FEATURE_DEFINITION,
    FEATURE_LAUNCH_TEMPLATE,
    FEATURE_PHASES,
    FEATURE_WORKFLOW_CONFIG,
)
from workflows.index_repo.phases import (
    INDEX_REPO_DEFINITION,
    INDEX_REPO_LAUNCH_TEMPLATE,
    INDEX_REPO_PHASES,
    INDEX_REPO_WORKFLOW_CONFIG,
)
from workflows.prd_to_software.phases import (
    PRD_DEFINITION,
    PRD_LAUNCH_TEMPLATE,
    PRD_PHASES,
    PRD_WORKFLOW_CONFIG,
)

ROOT = Path(__file__).parents[3]
SHIPPED = [
    (BUG_FIX_DEFINITION, BUG_FIX_PHASES, BUG_FIX_WORKFLOW_CONFIG, BUG_FIX_LAUNCH_TEMPLATE),
    (FEATURE_DEFINITION, FEATURE_PHASES, FEATURE_WORKFLOW_CONFIG, FEATURE_LAUNCH_TEMPLATE),
    (PRD_DEFINITION, PRD_PHASES, PRD_WORKFLOW_CONFIG, PRD_LAUNCH_TEMPLATE),
    (
        INDEX_REPO_DEFINITION,
        INDEX_REPO_PHASES,
        INDEX_REPO_WORKFLOW_CONFIG,
        INDEX_REPO_LAUNCH_TEMPLATE,
    ),
    (
        DOCUMENTATION_DEFINITION,
        DOCUMENTATION_PHASES,
        DOCUMENTATION_WORKFLOW_CONFIG,
        DOCUMENTATION_LAUNCH_TEMPLATE,
    ),
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
    assert [phase.id for phase in phases] == list(range(1, len(phases) + 1))
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


@pytest.mark.parametrize("definition", [BUG_FIX_DEFINITION, FEATURE_DEFINITION])
def test_checks_a_join_and_a_judged_result_stand_behind_done(
    definition: WorkflowDefinition,
) -> None:
    assert list(faults(definition)) == []
    assert list(weak_spots(definition)) == []
    first, second, third = definition.phases
    assert all(phase.validation and phase.validation.checks for phase in definition.phases)
    assert (third.join, third.max_rounds) == ([first.id, second.id], 3)
    config = definition.config
    assert (config.conflict_resolution, config.on_result_rejected) == ("agent", second.id)
    assert (config.delivery_check, config.on_result_found) == ("test_command", "complete")
    assert {"red_green", "test_pass"} <= {check.check_type for check in config.result_checks}


@pytest.mark.parametrize("definition", [BUG_FIX_DEFINITION, FEATURE_DEFINITION])
def test_a_launch_fills_commands_paths_and_reviewers(definition: WorkflowDefinition) -> None:
    template = definition.launch_template
    assert template is not None
    required = {item.name: "x" for item in template.parameters if item.required}
    given = {**required, "review": "person", "paths": "src\nlib", "test_command": "make test"}
    given |= {item.name: item.default for item in template.parameters if item.options}
    filling = Filling(template.fill(given | {"review": "person"}))

    config = filling.config(definition.config.to_dict(), "")
    assert (config["setup_command"], config["test_command"]) == ("", "make test")
    [named] = [each for each in config["result_checks"] if each["check_type"] == "paths_only"]
    assert named["target"][:2] == ["src", "lib"]
    assert filling.phase(definition.phases[1].to_dict())["validation"]["reviewer"] == "person"


@pytest.mark.parametrize("definition", [item[0] for item in SHIPPED])
def test_a_definition_is_the_same_as_yaml_and_by_its_id(
    definition: WorkflowDefinition, tmp_path: Path
) -> None:
    path = tmp_path / "definition.yaml"
    path.write_text(yaml.safe_dump(definition.to_dict(), allow_unicode=True))
    assert load_definition(str(path)) == definition
    assert load_definition(definition.id) == definition


@pytest.mark.parametrize("definition", [item[0] for item in SHIPPED])
def test_each_is_shipped_as_yaml_too(definition: WorkflowDefinition) -> None:
    file = ROOT / "workflows" / definition.id.replace("-", "_") / f"{definition.id}.yaml"
    assert load_definition(str(file)) == definition, "run `make docs`"
    exported = CliRunner().invoke(main, ["definitions", "export", definition.id])
    assert (exported.exit_code, exported.output) == (0, file.read_text()), "run `make docs`"
    assert "\\n" not in exported.output, "texts of several lines stand as lines"
