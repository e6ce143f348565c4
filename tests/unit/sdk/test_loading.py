"""Definitions from files, folders, modules and shipped ids."""

import sys
from pathlib import Path

import pytest
import yaml

from hephaestus_sdk.definitions.loading import load_definition
from hephaestus_sdk.errors import HephaestusError
from workflows.bug_fix import BUG_FIX_DEFINITION

PROGRAM = """
from hephaestus_sdk import Phase, WorkflowDefinition
FIRST = WorkflowDefinition("first", "First", [Phase(id=1, name="a", description="b")])
ALIAS = FIRST
"""


def test_a_shipped_workflow_by_id_module_and_name() -> None:
    for target in ("bug-fix", "workflows.bug_fix", "workflows.bug_fix.phases:BUG_FIX_DEFINITION"):
        assert load_definition(target) == BUG_FIX_DEFINITION


def test_a_file_of_each_kind_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "flow.py").write_text(PROGRAM)
    (tmp_path / "flow.yaml").write_text(yaml.safe_dump(BUG_FIX_DEFINITION.to_dict()))
    (tmp_path / "phases").mkdir()
    (tmp_path / "phases" / "01_a.yaml").write_text("description: b")
    python = load_definition(str(tmp_path / "flow.py"))
    assert python is not None
    assert python.id == "first"
    assert load_definition(f"{tmp_path / 'flow.py'}:ALIAS") == python
    assert load_definition(str(tmp_path / "flow.yaml")) == BUG_FIX_DEFINITION
    folder = load_definition(str(tmp_path / "phases"))
    assert folder is not None
    assert folder.phases == python.phases


def test_a_file_may_import_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "neighbour_of_flow.py").write_text(PROGRAM)
    (tmp_path / "flow.py").write_text("from neighbour_of_flow import FIRST\n")
    before = list(sys.path)
    loaded = load_definition(str(tmp_path / "flow.py"))
    assert loaded is not None
    assert (loaded.id, sys.path) == ("first", before)


def test_a_module_of_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "package_of_ours").mkdir()
    (tmp_path / "package_of_ours" / "flows.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    before = list(sys.path)
    loaded = load_definition("package_of_ours.flows")
    assert loaded is not None
    assert (loaded.id, sys.path) == ("first", before)


def test_an_id_that_is_not_shipped_can_only_be_a_stacks() -> None:
    assert load_definition("our-own-flow") is None


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("absent.py", None, "no such file"),
        ("absent.yaml", None, "no such file"),
        ("none.py", "x = 1", "holds no WorkflowDefinition"),
        ("two.py", PROGRAM + "B = WorkflowDefinition('b', 'B', FIRST.phases)", "FIRST, ALIAS, B"),
        ("flow.py:FRIST", PROGRAM, "did you mean 'FIRST'"),
        ("flow.yaml", "id: [", "flow.yaml"),
        ("flow.json", '{"id": "a", "name": "A"}', "flow.json: phases: is missing"),
        ("module.absent", None, "no file and no module"),
    ],
)
def test_what_cannot_be_loaded_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str | None, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path(name.partition(":")[0]).write_text(text)
    with pytest.raises(HephaestusError) as caught:
        load_definition(name)
    assert says in caught.value.message
