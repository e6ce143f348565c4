"""Messages speak to their readers: to programs of calls and parameters, to people of commands."""

import ast
import re
from pathlib import Path

import pytest

import hephaestus_sdk
from hephaestus_sdk import HephaestusSDK, HephaestusStartupError, Phase
from hephaestus_sdk.api.connecting import running_stack
from hephaestus_sdk.cli.wording import told
from hephaestus_sdk.errors import InvalidInput, NotFound, from_problem

ROOT = Path(hephaestus_sdk.__file__).parent
OF_THE_COMMAND_LINE = re.compile(r"(?<!\w)--(?!upgrade)[a-z]|[`']hephaestus [a-z]")


def test_the_same_error_names_calls_to_programs_and_commands_to_people(tmp_path: Path) -> None:
    with pytest.raises(HephaestusStartupError) as caught:
        running_stack(tmp_path)
    said = f"no stack runs in {tmp_path}; start one by "
    assert caught.value.message == (
        f"{said}`start()`, or name another by home=…, or by url=… and token=…"
    )
    assert told(caught.value) == (
        f"{said}`hephaestus up`, or name another by --home, or by --url and --token"
    )


def test_an_unknown_id_comes_with_what_lists_the_known_ones() -> None:
    problem = {"code": "not_found", "detail": "No task 1; list the tasks.", "field": "task_id"}
    error = from_problem(404, problem)
    assert isinstance(error, NotFound)
    assert error.message == "No task 1; list the tasks: `get_tasks()`"
    assert told(error) == "No task 1; list the tasks: `hephaestus tasks`"


def test_a_field_of_the_api_comes_with_its_option() -> None:
    error = InvalidInput("name the branch as base_branch.", field="base_branch")
    assert told(error) == "name the branch as base_branch. (--base-branch)"


def test_an_unknown_option_of_a_task_is_refused_in_the_words_of_its_caller() -> None:
    sdk = HephaestusSDK(phases=[Phase(id=1, name="one", description="One")])
    with pytest.raises(InvalidInput, match="create_task: there is no option 'cli_tol'; did you me"):
        sdk.create_task("x", cli_tol="codex")


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in sorted(ROOT.rglob("*.py"))
        if path.relative_to(ROOT).parts[0] not in {"cli", "tui"}
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_error_of_the_sdk_advises_the_command_line(path: Path) -> None:
    for raised in (node for node in ast.walk(ast.parse(path.read_text())) if _says(node)):
        for part in ast.walk(raised):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                assert not OF_THE_COMMAND_LINE.search(part.value), f"{path}:{part.lineno}"


def _says(node: ast.AST) -> bool:
    """Whether it raises or warns, or makes an error that is raised elsewhere."""
    if isinstance(node, ast.Raise):
        return True
    if not isinstance(node, ast.Call):
        return False
    called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return called == "warn" or called.endswith(("Error", "Unavailable", "Failed", "Missing"))
