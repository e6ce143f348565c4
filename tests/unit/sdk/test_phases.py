"""Phases in YAML folders."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hephaestus_sdk.definitions.phases_folder import load_phases, save_phases
from hephaestus_sdk.errors import InvalidDefinitionError
from hephaestus_sdk.models import Phase, ValidationCriteria
from tests.definitions import phases


# No deadline: the time of a disk says nothing about YAML.
@settings(max_examples=40)
@given(st.lists(phases, min_size=1, max_size=3, unique_by=lambda phase: phase.id))
def test_phases_survive_yaml(
    tmp_path_factory: pytest.TempPathFactory, given_phases: list[Phase]
) -> None:
    folder = tmp_path_factory.mktemp("phases")
    save_phases(given_phases, folder)
    assert load_phases(folder) == sorted(given_phases, key=lambda phase: phase.id)


def test_every_field_is_read_and_capitals_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("not a phase")
    (tmp_path / "02_fix.yaml").write_text("description: Fix it\n")
    (tmp_path / "01_analyze.yaml").write_text(
        "description: Analyze\n"
        "Done_Definitions: [Bug reproduced]\n"
        "Additional_Notes:\n"
        "cli_tool: codex\n"
        "cli_model: large\n"
        "validation: {enabled: true, criteria: [Tests pass], validator_instructions: Be strict}\n"
    )
    first, second = load_phases(tmp_path)
    assert first == Phase(
        id=1,
        name="analyze",
        description="Analyze",
        done_definitions=["Bug reproduced"],
        validation=ValidationCriteria(
            enabled=True, criteria=["Tests pass"], validator_instructions="Be strict"
        ),
        cli_tool="codex",
        cli_model="large",
    )
    assert (second.id, second.name) == (2, "fix")


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "holds no file named like"),
        ({"01_a.yaml": "description: [", "02_b.yaml": "description: x"}, "01_a.yaml: not readable"),
        ({"01_a.yaml": "- a list"}, "01_a.yaml: expected the names"),
        ({"01_a.yaml": "descripton: x"}, "01_a.yaml: descripton: unknown key; did you"),
        ({"01_a.yaml": "description: x\nid: 4"}, "01_a.yaml: id: stands in the file's name"),
        ({"01_a.yaml": "description: x", "1_b.yaml": "description: y"}, "1 stands there twice"),
    ],
)
def test_a_folder_that_cannot_be_used_is_explained(
    tmp_path: Path, files: dict[str, str], says: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(InvalidDefinitionError) as caught:
        load_phases(tmp_path)
    assert says in caught.value.message


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidDefinitionError, match="is no folder"):
        load_phases(tmp_path / "absent")
