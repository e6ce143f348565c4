"""What phases and definitions accept and refuse, and that they survive JSON."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hephaestus_core.settings.config import BUILT_IN_PROGRAMS
from hephaestus_sdk.definitions.builders import (
    DEFAULT_RESULT_CRITERIA,
    ON_RESULT_FOUND,
    Phase,
    ValidationCriteria,
    WorkflowConfig,
    WorkflowDefinition,
)
from hephaestus_sdk.definitions.launch_templates import (
    PARAMETER_TYPES,
    LaunchParameter,
    LaunchTemplate,
)
from hephaestus_sdk.definitions.stored_only import warn_of_stored_only
from hephaestus_sdk.errors import InvalidDefinitionError

words = st.text(min_size=1, max_size=40).filter(lambda text: bool(text.strip()))
anything = st.text(max_size=40)
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)

criteria = st.builds(
    ValidationCriteria,
    enabled=st.booleans(),
    criteria=st.lists(words | st.dictionaries(words, words, max_size=2), max_size=3),
    validator_instructions=anything,
)
phases = st.builds(
    Phase,
    id=st.integers(0, 999),
    name=words,
    description=words,
    done_definitions=st.lists(words, max_size=3),
    working_directory=st.sampled_from([".", "src", "a/b"]),
    additional_notes=anything,
    outputs=st.lists(words, max_size=3),
    next_steps=st.lists(words, max_size=3),
    validation=st.none() | criteria,
    cli_tool=st.none() | st.sampled_from(BUILT_IN_PROGRAMS),
    cli_model=st.none() | words,
    cli_fallback=st.none() | st.lists(st.sampled_from(BUILT_IN_PROGRAMS), max_size=2),
    host_labels=st.lists(words, max_size=2),
)
configs = st.builds(
    WorkflowConfig,
    has_result=st.booleans(),
    result_criteria=st.none() | words,
    on_result_found=st.sampled_from(ON_RESULT_FOUND),
    enable_tickets=st.booleans(),
    board_config=st.none() | st.dictionaries(words, words, max_size=2),
    cli_fallback=st.none() | st.lists(words, max_size=2),
)


@st.composite
def parameters(draw: st.DrawFn) -> LaunchParameter:
    kind = draw(st.sampled_from(PARAMETER_TYPES))
    options = draw(st.lists(words, min_size=1, max_size=4, unique=True))
    values = {
        "text": anything,
        "textarea": anything,
        "number": st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans(),
        "dropdown": st.sampled_from(options),
    }
    return LaunchParameter(
        name=draw(names),
        label=draw(anything),
        type=kind,
        required=draw(st.booleans()),
        default=draw(st.none() | values[kind]),
        description=draw(anything),
        options=options if kind == "dropdown" else [],
    )


@st.composite
def templates(draw: st.DrawFn) -> LaunchTemplate:
    fields = draw(st.lists(parameters(), max_size=4, unique_by=lambda item: item.name))
    return LaunchTemplate(fields, " ".join(f"{{{item.name}}} and" for item in fields))


definitions = st.builds(
    WorkflowDefinition,
    id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True),
    name=words,
    phases=st.lists(phases, min_size=1, max_size=3, unique_by=lambda phase: phase.id),
    config=configs,
    description=anything,
    launch_template=st.none() | templates(),
)


# No deadline: how fast examples are made says nothing about definitions.
@settings(deadline=None)
@given(definitions)
def test_a_definition_survives_json(definition: WorkflowDefinition) -> None:
    assert WorkflowDefinition.from_dict(json.loads(json.dumps(definition.to_dict()))) == definition


# No deadline: how fast examples are made says nothing about definitions.
@settings(deadline=None)
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
        ({"name": " "}, "phase 1: name", "is empty"),
        ({"name": 7}, "phase 1: name", "put it in quotes"),
        ({"description": "x" * 200_001}, "phase 1: description", "200,001 characters"),
        ({"done_definitions": "Tests pass"}, "phase 1: done_definitions", "['Tests pass']"),
        ({"outputs": ["ok", 7]}, "phase 1: outputs[1]", "expected text"),
        ({"working_directory": "../other"}, "working_directory", "leaves the repository"),
        ({"cli_tool": 7}, "phase 1: cli_tool", "put it in quotes"),
        ({"cli_fallback": "codex"}, "phase 1: cli_fallback", "['codex']"),
        ({"validation": {"enabeld": True}}, "enabeld", "did you mean 'enabled'?"),
        ({"validation": True}, "phase 1: validation", "build ValidationCriteria(…)"),
        ({"validation": "yes"}, "phase 1: validation", "build ValidationCriteria(…)"),
        ({"validation": {"criteria": "abc"}}, "validation.criteria", "write ['abc']"),
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
    ("changes", "says"),
    [
        ({"id": "bug fix"}, "use letters, digits"),
        ({"id": "x" * 64}, "at most 63"),
        ({"name": ""}, "name: is empty"),
        ({"phases": []}, "has no phases"),
        ({"phases": [phase(), phase()]}, "1 stands there twice"),
        ({"phases": [{"id": 1}]}, "phase 1: 'name' is missing"),
        ({"phases": ["analyze"]}, "phases: expected a Phase, found 'analyze'; build Phase(…)"),
        ({"phases": phase()}, "expected a list of Phase"),
        ({"phases": None}, "has no phases"),
        ({"config": {"has_reslt": True}}, "did you mean 'has_result'?"),
        ({"config": "complete"}, "workflow bug-fix: config: expected a WorkflowConfig"),
        ({"launch_template": True}, "launch_template: expected a LaunchTemplate"),
        ({"launch_template": {"parameters": [7]}}, "parameters: expected a LaunchParameter"),
        ({"launch_template": {"parameters": 7}}, "expected a list of LaunchParameter"),
    ],
)
def test_a_definition_says_what_is_wrong(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidDefinitionError) as caught:
        WorkflowDefinition(**{"id": "bug-fix", "name": "Bug Fix", "phases": [phase()], **changes})
    assert says in caught.value.message


def test_unknown_and_missing_names_in_data_are_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="did you mean 'done_definitions'"):
        Phase.from_dict({"id": 1, "name": "a", "description": "b", "done_definition": ["c"]})
    with pytest.raises(InvalidDefinitionError, match="phase 1: 'description' is missing"):
        Phase.from_dict({"id": 1, "name": "a"})
    with pytest.raises(InvalidDefinitionError, match="expected names with values"):
        WorkflowDefinition.from_dict(["no mapping"])  # type: ignore[arg-type]


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
    asks = phase(validation=ValidationCriteria(enabled=True))
    with pytest.warns(UserWarning, match="validation of phase 1, enable_tickets, board_conf"):
        warn_of_stored_only(WorkflowDefinition("a", "A", [asks], config), stacklevel=2)
    quiet = phase(validation=ValidationCriteria(enabled=False))
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


def test_glm_api_token_env_is_accepted_and_told_where_it_went() -> None:
    with pytest.warns(DeprecationWarning, match="agent_environment"):
        built = phase(glm_api_token_env="GLM_TOKEN")
    assert "glm_api_token_env" not in built.to_dict()
