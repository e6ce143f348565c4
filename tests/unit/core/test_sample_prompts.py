"""The prompts of a definition, built before anybody runs it."""

from dataclasses import replace

import pytest

from hephaestus_core.agents.prompt.samples import sample_prompts
from hephaestus_core.contract.definitions.config import WorkflowConfig
from hephaestus_core.contract.definitions.criteria import ValidationCriteria
from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.definitions.launch_parameters import LaunchParameter
from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate
from hephaestus_core.contract.definitions.phases import Phase
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_sdk.definitions.sample_values import sample_values

FIND = Phase(1, "find", "Find {bug}.", ["A test is red"], leads_to=[2])
FIX = Phase(2, "fix", "Fix it.", ["The test is green"])
BARE = WorkflowDefinition(
    "a",
    "A",
    [FIND, FIX],
    launch_template=LaunchTemplate([LaunchParameter("bug")], "The bug: {bug}"),
)


def kinds(definition: WorkflowDefinition) -> set[tuple[str, str | None]]:
    return {(each.kind, each.phase) for each in sample_prompts(definition, {"bug": "x"})}


def test_each_phase_has_a_prompt_for_a_child_and_a_retry() -> None:
    phases = {(kind, phase) for kind in ("child", "retry") for phase in ("find", "fix")}
    assert kinds(BARE) == {*phases, ("first", "find"), ("conflict", None), ("diagnosis", None)}


def test_joins_reviews_and_judges_have_prompts_of_their_own() -> None:
    judged = replace(FIX, validation=ValidationCriteria(enabled=True, criteria=["It holds"]))
    joining = Phase(3, "verify", "Verify.", ["All is green"], join=[1, 2])
    config = WorkflowConfig(has_result=True, result_criteria="All is green.")
    full = replace(BARE, phases=[FIND, judged, joining], config=config)
    assert {("join", "verify"), ("review", None)} <= kinds(full)
    reviews = [each for each in sample_prompts(full, {}) if each.kind == "review"]
    assert len(reviews) == 2
    assert "All is green." in reviews[1].text


def test_prompts_hold_the_values_of_the_launch() -> None:
    prompts = list(sample_prompts(BARE, {"bug": "a crash at line 7"}))
    assert "The bug: a crash at line 7" in prompts[0].text
    assert all("a crash at line 7" in each.text for each in prompts)
    assert all(each.tokens > 100 for each in prompts)


def test_values_that_nobody_gave_are_defaults_or_samples() -> None:
    template = LaunchTemplate(
        [
            LaunchParameter("title"),
            LaunchParameter("text", type="textarea"),
            LaunchParameter("most", type="number"),
            LaunchParameter("kind", type="dropdown", options=["a", "b"]),
            LaunchParameter("mode", required=False, default="fast"),
            LaunchParameter("rest", required=False),
        ]
    )
    values = sample_values(template, {"title": "Mine"})
    assert values["title"] == "Mine"
    assert "\n" in values["text"]
    assert (values["most"], values["kind"]) == (3, "a")
    assert (values["mode"], values["rest"]) == ("fast", "")
    assert sample_values(None, {}) == {}
    with pytest.raises(InvalidInput, match="most"):
        sample_values(template, {"most": "many"})
