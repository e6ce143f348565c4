"""Launch parameters in a definition's texts: sizes are known before a text is made."""

import pytest

from hephaestus_core.contract.definitions.config import WorkflowConfig
from hephaestus_core.contract.definitions.criteria import Check, ValidationCriteria
from hephaestus_core.contract.definitions.launch_templates import refuse_unknown
from hephaestus_core.contract.definitions.phases import Phase
from hephaestus_core.contract.definitions.placeholders import MOST_FILLED, Filling
from hephaestus_core.contract.errors import InvalidInput, UnknownParameter
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.contract.texts import DESCRIPTION_LIMIT
from tests.bounds import bounded

LONG = "x" * 180_000


def phase(text: str, times: int) -> dict[str, object]:
    texts = {"description": "", "additional_notes": "", "outputs": [], "next_steps": []}
    return {**texts, "done_definitions": [text] * times}


def test_a_text_that_becomes_too_long_is_not_made() -> None:
    filling = Filling({"p": LONG})
    with bounded(megabytes=2, seconds=2), pytest.raises(InvalidInput) as refused:
        filling.text("{p}" * 3000, "phase_1_task_prompt")
    assert refused.value.field == "launch_params"
    assert "540,000,000 characters" in refused.value.message


def test_all_texts_of_a_launch_together_are_bounded() -> None:
    filling = Filling({"p": LONG})
    with bounded(megabytes=10, seconds=2), pytest.raises(InvalidInput, match="for all texts"):
        filling.phase(phase("{p}", times=100))


def test_a_text_may_have_its_full_length() -> None:
    filling = Filling({"p": LONG, "q": ""})
    room = DESCRIPTION_LIMIT - len(LONG)
    assert filling.text("{p}{q}" + "y" * room, "x") == LONG + "y" * room
    with pytest.raises(InvalidInput):
        filling.text("{p}{q}" + "y" * (room + 1), "x")
    assert len(Filling({"p": LONG}).phase(phase("{p}", MOST_FILLED // len(LONG)))) == 5


def test_a_long_name_is_refused_by_its_beginning() -> None:
    name = "n" * 1_000_000
    with bounded(megabytes=3, seconds=1), pytest.raises(UnknownParameter) as refused:
        refuse_unknown({name: 1}, ["n" * 200] * 100)
    assert len(refused.value.message) + len(refused.value.field or "") < 30_000
    with bounded(megabytes=1, seconds=1):
        assert nearest(name, ["n" * 200] * 100) == ""


def test_the_texts_of_checks_are_filled_and_lines_make_entries() -> None:
    phase = Phase(
        id=1,
        name="fix",
        description="Fix {bug}",
        validation=ValidationCriteria(
            enabled=True,
            criteria=[
                "It fits {bug}",
                Check("paths_only", target=["{paths}", "docs/**"]),
                Check("command_success", command="{test_command} -q"),
            ],
            reviewer="{review}",
        ),
    )
    values = {
        "bug": "B",
        "paths": "src/**\n\n tests/** \n",
        "test_command": "t",
        "review": "person",
    }
    filled = Phase.from_dict(Filling(values).phase(phase.to_dict())).validation
    assert filled is not None
    assert filled.reviewer == "person"
    assert filled.criteria[0] == "It fits B"
    assert [check.target for check in filled.checks] == [["src/**", "tests/**", "docs/**"], []]
    assert filled.checks[1].command == "t -q"


@pytest.mark.parametrize(("value", "reviewer"), [(True, "person"), (False, "agent")])
def test_a_boolean_says_whether_a_person_reviews(value: bool, reviewer: str) -> None:
    validation = ValidationCriteria(enabled=True, reviewer="{approve}")
    phase = Phase(id=1, name="plan", description="Plan.", validation=validation)
    filled = Phase.from_dict(Filling({"approve": value}).phase(phase.to_dict())).validation
    assert filled is not None
    assert filled.reviewer == reviewer


def test_a_check_whose_command_a_launch_leaves_empty_is_none_of_it() -> None:
    build = Check("command_success", command="{build}")
    tests = Check("test_pass", command="{build}")
    phase = Phase(1, "write", "Write.", validation=ValidationCriteria(criteria=[build, tests, "x"]))
    config = WorkflowConfig(result_criteria="x", result_checks=[build, tests]).to_dict()
    for value, left in (("", 1), ("make docs", 2)):
        filling = Filling({"build": value})
        filled = Phase.from_dict(filling.phase(phase.to_dict())).validation
        assert filled is not None
        assert len(filled.checks) == len(filling.config(config, "")["result_checks"]) == left
        assert filled.criteria[-1] == "x"
