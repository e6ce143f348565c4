"""Launch templates: what they refuse when built, and what is filled in."""

from typing import Any

import pytest

from hephaestus_core.contract.definitions.launch_parameters import LaunchParameter
from hephaestus_core.contract.definitions.launch_templates import (
    LaunchTemplate,
    filled_parameters,
)
from hephaestus_core.contract.definitions.placeholders import placeholders
from hephaestus_core.contract.errors import (
    InvalidDefinitionError,
    InvalidInput,
    UnknownParameter,
)

TEMPLATE = LaunchTemplate(
    parameters=[
        LaunchParameter(name="bug_description", label="Bug", type="textarea"),
        LaunchParameter(
            name="severity", type="dropdown", options=["High", "Medium"], default="Medium"
        ),
        LaunchParameter(name="retries", type="number", required=False),
        LaunchParameter(name="urgent", type="boolean", default=False),
    ],
    phase_1_task_prompt="{severity}: {bug_description}",
)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"name": "two words"}, "use letters, digits and '_'"),
        ({"type": "textbox"}, "did you mean 'text'"),
        ({"type": "dropdown"}, "needs options"),
        ({"type": "dropdown", "options": ["a", "a"]}, "'a' stands there twice"),
        ({"type": "dropdown", "options": ["a", "b"], "default": "c"}, "one of a, b"),
        ({"type": "dropdown", "options": "ab"}, "expected a list"),
        ({"type": "number", "default": "many"}, "expected a number"),
        ({"type": "number", "default": "nan"}, "expected a number"),
        ({"type": "boolean", "default": "maybe"}, "true or false"),
        ({"required": "yes"}, "true or false"),
        ({"default": [3]}, "expected text"),
    ],
)
def test_a_parameter_says_what_is_wrong(values: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidDefinitionError) as caught:
        LaunchParameter(**{"name": "severity", **values})
    assert says in caught.value.message


def test_select_is_taken_as_dropdown() -> None:
    assert LaunchParameter(name="a", type="select", options=["b"]).type == "dropdown"


def test_a_label_is_made_from_the_name() -> None:
    assert LaunchParameter(name="bug_title").label == "Bug title"


def test_placeholders_must_be_declared() -> None:
    with pytest.raises(InvalidDefinitionError, match="did you mean 'severity'"):
        LaunchTemplate([LaunchParameter(name="severity")], "{severty}")


def test_braces_of_code_are_no_placeholders() -> None:
    assert placeholders('{"a": 1} {} { b } {c} {c}') == ["c"]
    LaunchTemplate([], 'Answer as {"ok": true}')


def test_parameters_are_unique_and_of_their_class() -> None:
    with pytest.raises(InvalidDefinitionError, match="'a' stands there twice"):
        LaunchTemplate([LaunchParameter(name="a"), LaunchParameter(name="a")])
    with pytest.raises(InvalidDefinitionError, match="build LaunchParameter"):
        LaunchTemplate(["a"])  # type: ignore[list-item]


def test_filling_reads_texts_takes_defaults_and_leaves_the_rest_empty() -> None:
    assert TEMPLATE.fill({"bug_description": "Crash", "urgent": "yes"}) == {
        "bug_description": "Crash",
        "severity": "Medium",
        "retries": "",
        "urgent": True,
    }
    filled = TEMPLATE.fill({"bug_description": "Crash", "retries": "12345678901234567890"})
    assert filled["retries"] == 12345678901234567890
    assert TEMPLATE.fill({"bug_description": "x", "retries": "0.5"})["retries"] == 0.5


def test_an_unknown_parameter_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownParameter, match="did you mean 'severity'") as caught:
        TEMPLATE.fill({"bug_description": "x", "severty": "High"})
    assert caught.value.field == "launch_params.severty"


def test_all_wrong_values_are_named_together() -> None:
    with pytest.raises(InvalidInput) as caught:
        TEMPLATE.fill({"severity": "Huge", "retries": "many", "bug_description": ""})
    assert caught.value.field == "launch_params.bug_description"
    for says in ("(Bug) is required", "one of High, Medium", "expected a number"):
        assert says in caught.value.message


def test_without_a_template_there_are_no_parameters() -> None:
    assert filled_parameters(None, None) == {}
    with pytest.raises(UnknownParameter, match="known: none"):
        filled_parameters(None, {"a": 1})


@pytest.mark.parametrize("number", ["9" * 111, "1e999", "inf", 10**101, float("nan"), "0x1"])
def test_a_number_is_one_that_every_reader_of_json_takes(number: object) -> None:
    with pytest.raises(InvalidInput, match="expected a number"):
        LaunchParameter(name="n", type="number").value(number)


def test_a_number_is_taken_as_text_where_text_is_asked_for() -> None:
    flag: object = True
    assert LaunchParameter(name="issue").value(7) == "7"
    assert LaunchParameter(name="n", type="dropdown", options=["7", "8"]).value(7) == "7"
    with pytest.raises(InvalidInput, match="expected text"):
        LaunchParameter(name="issue").value(flag)


def test_the_values_of_a_dropdown_are_compared_as_they_are_kept() -> None:
    parameter = LaunchParameter(name="n", type="dropdown", options=["a\r\nb"])
    assert parameter.value("a\r\nb") == parameter.value("a\nb") == "a\nb"
