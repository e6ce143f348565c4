from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.contract.definitions import (
    branch_slug,
    checked_definition,
    checked_folder,
    checked_parameters,
    filled,
)
from hephaestus_core.contract.errors import InvalidInput, UnknownParameter

PHASE = {"id": 1, "name": "find", "description": "Find {what}."}


def definition(**changes: Any) -> dict[str, Any]:
    return {"id": "wf", "name": "W", "phases": [PHASE], **changes}


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"id": "a b"}, "id", "letters"),
        ({"name": ""}, "name", "empty"),
        ({"phases": []}, "phases", "at least one"),
        ({"phases": [PHASE, PHASE]}, "phases", "used twice"),
        ({"phases": [{**PHASE, "id": "1"}]}, "phases[0].id", "whole number"),
        ({"phases": [{**PHASE, "cli_tool": "cladue"}]}, "phases[0].cli_tool", "'claude'"),
        (
            {"phases": [{**PHASE, "working_directory": "../x"}]},
            "phases[0].working_directory",
            "out",
        ),
        ({"config": {"on_result_found": "stopall"}}, "config.on_result_found", "'stop_all'"),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(
    changes: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_definition(definition(**changes))
    assert refused.value.field == field
    assert words in refused.value.message


def test_a_placeholder_that_is_no_parameter_is_refused() -> None:
    template = {
        "parameters": [{"name": "severity", "type": "text"}],
        "phase_1_task_prompt": "It is {sevrity}.",
    }
    with pytest.raises(UnknownParameter, match="did you mean 'severity'"):
        checked_definition(definition(launch_template=template))


def test_phases_are_in_the_order_of_their_ids() -> None:
    raw = definition(phases=[{**PHASE, "id": 2}, {**PHASE, "id": 1}])
    assert [phase["id"] for phase in checked_definition(raw).phases] == [1, 2]


TEMPLATE = {
    "parameters": [
        {"name": "what", "type": "text", "required": True, "default": None, "options": []},
        {"name": "n", "type": "number", "required": False, "default": 3, "options": []},
        {"name": "yes", "type": "boolean", "required": False, "default": None, "options": []},
        {
            "name": "how",
            "type": "dropdown",
            "required": False,
            "default": "fast",
            "options": ["fast", "slow"],
        },
    ]
}


def test_defaults_fill_what_is_not_given() -> None:
    assert checked_parameters(TEMPLATE, {"what": "it"}) == {
        "what": "it",
        "n": 3,
        "yes": "",
        "how": "fast",
    }


@pytest.mark.parametrize(
    "given_values",
    [
        {},
        {"what": "x", "n": "three"},
        {"what": "x", "how": "medium"},
        {"what": "x", "yes": "maybe"},
    ],
)
def test_values_of_the_wrong_kind_are_refused(given_values: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        checked_parameters(TEMPLATE, given_values)


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(UnknownParameter, match="did you mean 'what'"):
        checked_parameters(TEMPLATE, {"waht": "x"})


def test_values_are_filled_in_once_and_braces_of_code_stay() -> None:
    assert filled("{a} {b} {{x}} { c } {0}", {"a": "{b}", "b": "B"}) == "{b} B {{x}} { c } {0}"


@given(st.text(), st.text())
def test_filling_never_fails(text: str, value: str) -> None:
    filled(text, {"a": value})


@pytest.mark.parametrize("folder", ["..", "a/../../b", "a/.."])
def test_no_folder_leads_out(folder: str) -> None:
    with pytest.raises(InvalidInput):
        checked_folder(folder, "working_directory")


def test_an_absolute_folder_stands_for_the_root() -> None:
    assert checked_folder("/home/me/project", "working_directory") == "."


@given(st.text(max_size=80))
def test_a_slug_is_a_safe_part_of_a_branch_name(name: str) -> None:
    slug = branch_slug(name)
    assert slug
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not slug.startswith("-")
