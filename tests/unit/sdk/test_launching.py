"""Launch templates: what they refuse when built, and what is filled in."""

from typing import Any

import pytest

from hephaestus_sdk.definitions.launch_templates import (
    LaunchParameter,
    LaunchTemplate,
    placeholders,
)
from hephaestus_sdk.errors import InvalidDefinitionError, InvalidInput, UnknownParameter

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
        ({"name": "two words"}, "letters, digits and '_'"),
        ({"type": "textbox"}, "did you mean 'text'"),
        ({"type": "dropdown"}, "needs options"),
        ({"type": "dropdown", "options": ["a", "a"]}, "'a' stands there twice"),
        ({"type": "dropdown", "options": ["a", "b"], "default": "c"}, "one of a, b"),
        ({"type": "dropdown", "options": "ab"}, "expected a list"),
        ({"type": "number", "default": "many"}, "expected a number"),
        ({"type": "number", "default": "nan"}, "expected a number"),
        ({"type": "boolean", "default": "maybe"}, "true or false"),
        ({"required": "yes"}, "true or false"),
        ({"default": 3}, "expected text"),
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


def test_filling_reads_texts_takes_defaults_and_leaves_out_what_is_not_given() -> None:
    assert TEMPLATE.fill({"bug_description": "Crash", "urgent": "yes"}) == {
        "bug_description": "Crash",
        "severity": "Medium",
        "urgent": True,
    }
    filled = TEMPLATE.fill({"bug_description": "Crash", "retries": "12345678901234567890"})
    assert filled["retries"] == 12345678901234567890
    assert TEMPLATE.fill({"bug_description": "x", "retries": "0.5"})["retries"] == 0.5


def test_an_unknown_parameter_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownParameter, match="did you mean 'severity'") as caught:
        TEMPLATE.fill({"bug_description": "x", "severty": "High"})
    assert caught.value.field == "severty"


def test_all_wrong_values_are_named_together() -> None:
    with pytest.raises(InvalidInput) as caught:
        TEMPLATE.fill({"severity": "Huge", "retries": "many", "bug_description": ""})
    assert caught.value.field == "bug_description"
    for says in ("(Bug) is required", "one of High, Medium", "expected a number"):
        assert says in caught.value.message
