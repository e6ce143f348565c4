"""The table of kinds is whole, and nothing else knows a kind by its name."""

import ast
from pathlib import Path

from hephaestus_core.agents.tools import TOOLS
from hephaestus_core.contract.statuses import TaskKind
from hephaestus_core.tasks.kinds import KINDS

ROOT = Path(__file__).parents[3]


def test_every_kind_has_its_row() -> None:
    assert set(KINDS) == set(TaskKind)


def test_the_tools_of_a_prompt_are_few_and_exist() -> None:
    known = {tool.name for tool in TOOLS}
    for kind in KINDS.values():
        assert set(kind.tools) <= known
        assert len(kind.tools) - ("submit_result" in kind.tools) == 3


def test_results_are_judged_by_a_kind_that_judges_and_submits_none() -> None:
    judges = {kind.results_judged_by for kind in KINDS.values()} - {None}
    assert judges
    for judge in judges:
        assert judge is not None
        assert KINDS[judge].judges_result
        assert KINDS[judge].results_judged_by is None


def test_no_other_file_compares_a_kind() -> None:
    """What depends on a kind is read from its row; SQL that selects by kind names it there."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in ("hephaestus_core", "hephaestus_web", "hephaestus_worker")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare)
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute)
        if isinstance(part.value, ast.Name) and part.value.id == "TaskKind"
    ]
    assert wrong == []
