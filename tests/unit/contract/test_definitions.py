"""What phases and definitions accept and refuse, and that they survive JSON."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.contract.branch_names import branch_slug
from hephaestus_core.contract.definitions.config import DEFAULT_RESULT_CRITERIA, WorkflowConfig
from hephaestus_core.contract.definitions.criteria import ValidationCriteria
from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.definitions.launch_parameters import LaunchParameter
from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate
from hephaestus_core.contract.definitions.phases import Phase
from hephaestus_core.contract.definitions.placeholders import Filling
from hephaestus_core.contract.errors import InvalidDefinitionError, InvalidInput
from hephaestus_core.contract.folders import checked_folder
from hephaestus_core.contract.programs import BUILT_IN_PROGRAMS
from hephaestus_sdk.definitions.stored_only import warn_of_stored_only
from tests.definitions import definitions


# No deadline: how fast examples are made says nothing about definitions.
@given(definitions)
def test_a_definition_survives_json(definition: WorkflowDefinition) -> None:
    assert WorkflowDefinition.from_dict(json.loads(json.dumps(definition.to_dict()))) == definition


# No deadline: how fast examples are made says nothing about definitions.
@given(definitions)
def test_what_a_newer_server_adds_is_left_out(definition: WorkflowDefinition) -> None:
    data = definition.to_dict() | {"created_at": "2026-01-01T00:00:00Z"}
    data["phases"][0]["colour"] = "red"
    assert WorkflowDefinition.from_dict(data, strict=False) == definition


def phase(**changes: Any) -> Phase:
    return Phase(**{"id": 1, "name": "analyze", "description": "Analyze the bug", **changes})


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"id": -1}, "id", "from 0 up"),
        ({"id": "1"}, "id", "whole number"),
        ({"id": True}, "id", "whole number"),
        ({"id": 2**53 + 1}, "id", "whole number"),
        ({"name": " "}, "name", "phase 1: name: is empty"),
        ({"name": 7}, "name", "put it in quotes"),
        ({"description": ""}, "description", "is empty"),
        ({"description": "x" * 200_001}, "description", "200,001 characters"),
        ({"done_definitions": "Tests pass"}, "done_definitions", "['Tests pass']"),
        ({"done_definitions": [""]}, "done_definitions[0]", "is empty"),
        ({"done_definitions": ["x"] * 101}, "done_definitions", "at most 100"),
        ({"outputs": ["ok", 7]}, "outputs[1]", "expected text"),
        ({"working_directory": "../other"}, "working_directory", "out of the repository"),
        ({"cli_tool": 7}, "cli_tool", "put it in quotes"),
        ({"cli_model": "opus\n"}, "cli_model", "control character"),
        ({"cli_fallback": "codex"}, "cli_fallback", "['codex']"),
        ({"validation": {"enabeld": True}}, "validation.enabeld", "did you mean 'enabled'?"),
        ({"validation": True}, "validation", "build ValidationCriteria(…)"),
        ({"validation": "yes"}, "validation", "build ValidationCriteria(…)"),
        ({"validation": {"criteria": "abc"}}, "validation.criteria", "write ['abc']"),
        (
            {"validation": {"criteria": [{"check_typ": "x"}]}},
            "validation.criteria[0].check_typ",
            "did",
        ),
        (
            {"validation": {"criteria": [{"check_type": "test_passes"}]}},
            "validation.criteria[0].check_type",
            "did you mean 'test_pass'?",
        ),
        (
            {"validation": {"criteria": [{"check_type": "file_exists"}]}},
            "validation.criteria[0].target",
            "file_exists needs it",
        ),
        (
            {"validation": {"criteria": [{"check_type": "file_exists", "target": "../a"}]}},
            "validation.criteria[0].target",
            "out of the repository",
        ),
        ({"validation": {"reviewer": "nobody"}}, "validation.reviewer", "agent, person, machine"),
        ({"leads_to": ["reslt"]}, "leads_to[0]", "expected a whole number"),
        ({"join": [1], "max_rounds": 0}, "max_rounds", "from 1 to 100"),
        ({"most_tasks": 0}, "most_tasks", "from 1 to 100000"),
        ({"most_tasks": "{a} or {b}"}, "most_tasks", "whole number"),
    ],
)
def test_a_phase_names_the_field_and_the_remedy(
    changes: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(InvalidDefinitionError) as caught:
        phase(**changes)
    assert caught.value.field == field
    assert says in caught.value.message
    assert caught.value.code == "invalid_input"


def test_a_fault_of_a_definition_is_a_value_error_too() -> None:
    with pytest.raises(ValueError, match="stop_all"):
        WorkflowConfig(on_result_found="stop-all")


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"id": "bug fix"}, "id", "use letters, digits"),
        ({"id": "x" * 64}, "id", "at most 63"),
        ({"name": ""}, "name", "name: is empty"),
        ({"phases": []}, "phases", "at least one phase"),
        ({"phases": [phase(), phase()]}, "phases", "id 1 stands there twice"),
        ({"phases": [{"id": 1}]}, "phases[0].name", "is missing"),
        ({"phases": ["analyze"]}, "phases[0]", "expected a Phase, found 'analyze'; build Phase(…)"),
        ({"phases": phase()}, "phases", "expected a list of Phase"),
        ({"phases": None}, "phases", "at least one phase"),
        ({"config": {"has_reslt": True}}, "config.has_reslt", "did you mean 'has_result'?"),
        ({"config": "complete"}, "config", "expected a WorkflowConfig"),
        ({"launch_template": True}, "launch_template", "expected a LaunchTemplate"),
        (
            {"launch_template": {"parameters": [7]}},
            "launch_template.parameters[0]",
            "expected a LaunchParameter",
        ),
        (
            {"launch_template": {"parameters": 7}},
            "launch_template.parameters",
            "expected a list of LaunchParameter",
        ),
    ],
)
def test_a_definition_says_what_is_wrong(changes: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(InvalidDefinitionError) as caught:
        WorkflowDefinition(**{"id": "bug-fix", "name": "Bug Fix", "phases": [phase()], **changes})
    assert caught.value.field == field
    assert says in caught.value.message


def test_unknown_and_missing_names_in_data_are_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="did you mean 'done_definitions'"):
        Phase.from_dict({"id": 1, "name": "a", "description": "b", "done_definition": ["c"]})
    with pytest.raises(InvalidDefinitionError, match="description: is missing"):
        Phase.from_dict({"id": 1, "name": "a"})
    with pytest.raises(InvalidDefinitionError, match="expected names with values"):
        WorkflowDefinition.from_dict(["no mapping"])  # type: ignore[arg-type]


def test_null_stands_for_the_default_of_what_is_optional() -> None:
    optional = dict.fromkeys(phase().to_dict().keys() - {"id", "name", "description"})
    assert phase(**optional) == phase()
    assert WorkflowConfig(**dict.fromkeys(WorkflowConfig().to_dict())) == WorkflowConfig()
    parameter = LaunchParameter(name="a")
    nothing = dict.fromkeys(parameter.to_dict().keys() - {"name"})
    assert LaunchParameter(name="a", **nothing) == parameter


def test_only_programs_that_there_are_can_be_registered() -> None:
    built = WorkflowDefinition("a", "A", [phase(), phase(id=2, cli_tool="cluade")])
    with pytest.raises(InvalidDefinitionError, match="phase 2: .*did you mean 'claude'") as caught:
        built.check_programs(BUILT_IN_PROGRAMS)
    assert caught.value.field == "phases[1].cli_tool"
    built.check_programs([*BUILT_IN_PROGRAMS, "cluade"])
    config = WorkflowConfig(cli_fallback=["codex", "cluade:big"])
    with pytest.raises(InvalidDefinitionError) as caught:
        WorkflowDefinition("a", "A", [phase()], config).check_programs(BUILT_IN_PROGRAMS)
    assert caught.value.field == "config.cli_fallback[1]"


def test_phases_are_in_the_order_of_their_ids() -> None:
    built = WorkflowDefinition("a", "A", [phase(id=2), phase(id=1)])
    assert [each.id for each in built.phases] == [1, 2]


def test_values_are_filled_in_once_and_braces_of_code_stay() -> None:
    filling = Filling({"a": "{b}", "b": "B"})
    assert filling.text("{a} {b} {{x}} { c } {0}", "task") == "{b} B {{x}} { c } {0}"


@given(st.text().filter(lambda text: "{" not in text), st.text(), st.text())
def test_a_value_stands_in_the_text_as_it_is(before: str, value: str, after: str) -> None:
    text = Filling({"a": value}).text(before + "{a}" + after.replace("{", ""), "task")
    assert text == before + value + after.replace("{", "")


@pytest.mark.parametrize("folder", ["..", "a/../../b", "a/.."])
def test_no_folder_leads_out(folder: str) -> None:
    with pytest.raises(InvalidInput):
        checked_folder(folder, "working_directory")


def test_an_absolute_folder_stands_for_the_root() -> None:
    assert checked_folder("/home/me/project", "working_directory") == "."
    assert phase(working_directory="/home/me/project").working_directory == "."


@given(st.text(max_size=80))
def test_a_slug_is_a_safe_part_of_a_branch_name(name: str) -> None:
    slug = branch_slug(name)
    assert slug
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not slug.startswith("-")


def test_a_workflow_with_a_result_always_has_criteria() -> None:
    assert WorkflowConfig(has_result=True, on_result_found="stop_all").result_criteria == (
        DEFAULT_RESULT_CRITERIA
    )
    assert WorkflowConfig(has_result=True, result_criteria="fixed").result_criteria == "fixed"
    assert WorkflowConfig().result_criteria is None


def test_parts_may_be_given_in_their_json_shape() -> None:
    template = {"parameters": [{"name": "bug"}], "phase_1_task_prompt": "Fix {bug}"}
    built = WorkflowDefinition(
        "a",
        "A",
        [phase(validation={"enabled": True}).to_dict()],  # type: ignore[list-item]
        {"has_result": True},  # type: ignore[arg-type]
        launch_template=template,  # type: ignore[arg-type]
    )
    assert built.phases == [phase(validation=ValidationCriteria(enabled=True))]
    assert built.config == WorkflowConfig(has_result=True)
    assert built.launch_template == LaunchTemplate([LaunchParameter("bug")], "Fix {bug}")


def test_no_criteria_is_an_empty_list() -> None:
    assert ValidationCriteria(criteria=None).criteria == []  # type: ignore[arg-type]


def test_what_nothing_acts_on_yet_is_named_when_it_is_registered() -> None:
    config = WorkflowConfig(enable_tickets=True, board_config={"columns": ["to do"]})
    with pytest.warns(UserWarning, match="workflow a: enable_tickets, board_conf"):
        warn_of_stored_only(WorkflowDefinition("a", "A", [phase()], config), stacklevel=2)
    quiet = phase(validation=ValidationCriteria(enabled=True))
    warn_of_stored_only(WorkflowDefinition("a", "A", [quiet]), stacklevel=2)


def test_no_config_is_the_default_config() -> None:
    definition = WorkflowDefinition("a", "A", [phase()], None)  # type: ignore[arg-type]
    assert definition.config == WorkflowConfig()


def test_definitions_cannot_be_changed_behind_their_checks() -> None:
    done = ["Tests pass"]
    built = phase(done_definitions=done)
    done.append("")
    assert built.done_definitions == ["Tests pass"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        built.name = ""  # type: ignore[misc]
