"""`hephaestus definitions check`: each fault is found, and the shipped workflows have none."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hephaestus_core.agents.tools import TOOLS
from hephaestus_core.contract.definitions.config import WorkflowConfig
from hephaestus_core.contract.definitions.criteria import Check, ValidationCriteria
from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.definitions.launch_parameters import LaunchParameter
from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate
from hephaestus_core.contract.definitions.phases import Phase
from hephaestus_core.contract.tool_names import AGENT_TOOLS
from hephaestus_sdk.cli.main import main
from hephaestus_sdk.definitions.advice.faults import faults
from hephaestus_sdk.definitions.advice.weak_spots import weak_spots
from workflows.bug_fix.phases import BUG_FIX_DEFINITION
from workflows.documentation_generation.phases import DOCUMENTATION_DEFINITION
from workflows.index_repo.phases import INDEX_REPO_DEFINITION
from workflows.prd_to_software.phases import PRD_DEFINITION

FIND = Phase(1, "find", "Find the cause.", ["A test is red"], leads_to=[2])
FIX = Phase(2, "fix", "Fix {bug}.", ["The test is green"], leads_to=["result"])
GOOD = WorkflowDefinition(
    "a",
    "A",
    [FIND, FIX],
    WorkflowConfig(has_result=True, result_criteria="The test is green."),
    launch_template=LaunchTemplate([LaunchParameter("bug")], "Find {bug}"),
)


def changed(phase: Phase = FIX, **changes: Any) -> WorkflowDefinition:
    return replace(GOOD, phases=[FIND, replace(phase, **changes)])


def test_a_sound_definition_has_no_fault() -> None:
    assert list(faults(GOOD)) == []


@pytest.mark.parametrize(
    ("definition", "place", "says"),
    [
        (changed(additional_notes="See {bgu}"), "phases[1].additional_notes", "mean 'bug'?"),
        (changed(outputs=["{Bug}.md"]), "phases[1].outputs[0]", "differs by case"),
        (changed(next_steps=["Go to phase 7"]), "phases[1].next_steps[0]", "no phase 7"),
        (changed(description="Call `create_tasks` for {bug}"), "phases[1].description", "no tool"),
        (changed(description="Fix it."), "", ""),
        (replace(GOOD, phases=[replace(FIND, leads_to=["result"]), FIX]), "phases[1]", "nothing"),
        (changed(leads_to=[]), "phases[1].leads_to", "no result"),
        (
            replace(GOOD, phases=[replace(FIND, join=[2]), replace(FIX, join=[1])]),
            "phases[0].join",
            "waits for itself",
        ),
        (changed(cli_tool="cloude"), "phases[1].cli_tool", "did you mean"),
        (
            changed(
                validation=ValidationCriteria(
                    enabled=True, criteria=[Check("command_success", command="true")]
                )
            ),
            "phases[1].validation.criteria[0].command",
            "checks nothing",
        ),
        (
            replace(GOOD, config=WorkflowConfig(has_result=True)),
            "config.result_criteria",
            "missing",
        ),
    ],
)
def test_a_fault_is_named_with_its_place(
    definition: WorkflowDefinition, place: str, says: str
) -> None:
    found = [(each.place, each.says) for each in faults(definition)]
    if not place:
        assert found == []
        return
    assert any(where == place and says in said for where, said in found), found


def test_a_parameter_that_no_text_uses_is_a_fault() -> None:
    unused = LaunchTemplate([LaunchParameter("bug"), LaunchParameter("more")], "Find {bug}")
    (found,) = faults(replace(GOOD, launch_template=unused))
    assert "'more' is used nowhere" in found.says


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        (changed(done_definitions=["The code is clean"]), "'clean' cannot be checked"),
        (changed(done_definitions=[]), "when a task is done"),
        (changed(additional_notes="Wait for all others."), "use a join"),
        (changed(description="x " * 500), "504 words"),
        (changed(outputs=["docs/a.md"]), ""),
        (
            replace(
                GOOD,
                phases=[replace(FIND, outputs=["docs/a.md"]), replace(FIX, outputs=["docs/a.md"])],
            ),
            "both write docs/a.md",
        ),
    ],
)
def test_a_weak_spot_is_named(definition: WorkflowDefinition, says: str) -> None:
    assert says in " ".join(each.says for each in weak_spots(definition))


@pytest.mark.parametrize("definition", [BUG_FIX_DEFINITION])
def test_the_shipped_workflows_have_no_fault(definition: WorkflowDefinition) -> None:
    assert list(faults(definition)) == []


@pytest.mark.parametrize(
    "definition", [PRD_DEFINITION, INDEX_REPO_DEFINITION, DOCUMENTATION_DEFINITION]
)
def test_the_shipped_workflows_have_no_weak_spot(definition: WorkflowDefinition) -> None:
    assert list(faults(definition)) == []
    assert list(weak_spots(definition)) == []


def test_the_command_names_the_line_and_ends_with_2(tmp_path: Path) -> None:
    path = tmp_path / "flow.yaml"
    path.write_text(
        "id: a\nname: A\nphases:\n- id: 1\n  name: one\n  description: Do {what}.\n", "utf-8"
    )
    ended = CliRunner().invoke(main, ["definitions", "check", str(path)])
    assert ended.exit_code == 2, ended.output
    assert f"{path}:6: error: phases[0].description: {{what}} is no launch" in ended.output
    assert CliRunner().invoke(main, ["definitions", "check", "bug-fix"]).exit_code == 0


def test_the_contract_names_the_tools_of_the_registry() -> None:
    assert {tool.name for tool in TOOLS} == AGENT_TOOLS
