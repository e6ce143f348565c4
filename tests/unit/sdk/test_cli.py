"""Commands: what they refuse before they ask a stack, and their exit codes."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hephaestus_sdk import HephaestusSDK, errors
from hephaestus_sdk.cli.launch_options import read_parameters
from hephaestus_sdk.cli.main import PLACES, main
from hephaestus_sdk.cli.plain_text import plain
from hephaestus_sdk.cli.report import ExitCode, exit_code
from hephaestus_sdk.errors import HephaestusError, HephaestusStartupError, InvalidInput

NOUNS = ("workflows", "definitions", "tasks", "agents", "hosts", "login", "tui")
CLIENT_MODULES = {f"hephaestus_sdk.cli.{noun}" for noun in NOUNS}
BY_NAME: dict[str, click.Command] = {
    name: getattr(import_module(place), name.replace("-", "_"))
    for name, place in PLACES.items()
    if place in CLIENT_MODULES
}


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("HEPHAESTUS_URL", "HEPHAESTUS_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def invoke(name: str, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(BY_NAME[name], list(arguments))
    return result.exit_code, result.output


def required(command: click.Command) -> list[str]:
    arguments = [
        "x" for item in command.params if isinstance(item, click.Argument) and item.required
    ]
    options = [
        word
        for item in command.params
        if isinstance(item, click.Option) and item.required
        for word in (item.opts[0], "x")
    ]
    does_nothing = isinstance(command, click.Group) and not command.invoke_without_command
    return [*arguments, *options, *(["x"] if does_nothing else [])]


@pytest.mark.parametrize("name", sorted(set(BY_NAME) - {"run", "register"}))
def test_without_a_stack_every_command_says_how_to_get_one(name: str, tmp_path: Path) -> None:
    code, output = invoke(name, *required(BY_NAME[name]), "--home", str(tmp_path))
    assert code == ExitCode.NOT_RUNNING
    assert "hephaestus up" in output


def test_every_command_is_in_the_table_under_its_own_name() -> None:
    groups = [command for command in BY_NAME.values() if isinstance(command, click.Group)]
    below = [command for group in groups for command in group.commands.values()]
    defined = {
        command.name: command
        for module in CLIENT_MODULES
        for command in vars(import_module(module)).values()
        if isinstance(command, click.Command) and command not in below
    }
    assert defined == BY_NAME


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Yield each command that does something, by its words."""
    context = click.Context(main)
    for name in PLACES:
        command = main.get_command(context, name)
        assert command is not None
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {below}", c) for below, c in command.commands.items())


def test_every_command_has_json_but_those_that_have_nothing_to_tell() -> None:
    without = {
        words
        for words, command in every_command()
        if not any("--json" in item.opts for item in command.params)
    }
    # What is exported is a file's content by itself.
    exports = {"definitions export", "memories export"}
    assert without == {"attach", "dev", "down", "mcp", "open", "tui", *exports}


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_command_documents_itself_and_its_exit_codes(name: str) -> None:
    code, output = invoke(name, "--help")
    assert code == 0
    assert "Exit codes: 0 success" in output
    assert BY_NAME[name].help


def test_a_stack_that_does_not_answer(free_url: str) -> None:
    code, output = invoke("tasks", "--url", free_url, "--token", "abc")
    assert code == ExitCode.UNREACHABLE
    assert f"{free_url} does not answer" in output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "absent.py"], "no such file"),
        (["run", "phases"], "makes no first task; give one by --task"),
        (["register", "absent-id"], "no file, folder, module or shipped"),
        (["tasks", "--url", "localhost", "--token", "a"], "no address of an API"),
        (["tasks", "--url", "http://localhost"], "HEPHAESTUS_TOKEN"),
        (["submit", "x", "--workflow", "w", "--priority", "urgent"], "not one of"),
    ],
)
def test_bad_input_ends_with_2_and_names_the_remedy(arguments: list[str], says: str) -> None:
    Path("phases").mkdir()
    Path("phases/01_a.yaml").write_text("description: b")
    code, output = invoke(*arguments)
    assert code == ExitCode.BAD_INPUT
    assert says in output


def test_parameters_from_the_command_line_and_from_files(tmp_path: Path) -> None:
    file = tmp_path / "bug.md"
    file.write_text("It = crashes")
    assert read_parameters(["a=1=2", "b="], [f"c={file}"]) == {
        "a": "1=2",
        "b": "",
        "c": "It = crashes",
    }
    for wrong in (["a"], ["=1"], ["a=1", "a=2"]):
        with pytest.raises(InvalidInput, match="--param "):
            read_parameters(wrong)
    for wrong in (["a"], ["a=/absent"], [f"b={file}"]):
        with pytest.raises(InvalidInput, match="--param-file"):
            read_parameters(["b=1"], wrong)


def test_a_value_from_outside_makes_nobody_read_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    assert read_parameters([f"title=@{secret}"]) == {"title": f"@{secret}"}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("InvalidInput", 2),
        ("ConfigurationError", 2),
        ("InvalidDefinitionError", 2),
        ("TaskNotFoundError", 10),
        ("Unauthenticated", 11),
        ("Forbidden", 11),
        ("WorkflowClosed", 12),
        ("Unavailable", 6),
        ("HephaestusStartupError", 9),
        ("TaskTimeoutError", 124),
        ("RepositoryError", 2),
    ],
)
def test_each_error_has_its_exit_code(kind: str, code: int) -> None:
    assert exit_code(getattr(errors, kind)("why")) == code


def test_a_stack_that_did_not_start_ends_with_the_code_of_its_reason() -> None:
    class PortInUseError(HephaestusError):
        exit_code = 3

    error = HephaestusStartupError("port 8000 is in use")
    error.__cause__ = PortInUseError("port 8000 is in use")
    assert exit_code(error) == 3


def test_a_stack_elsewhere_that_is_away_at_the_start_is_unreachable(free_url: str) -> None:
    with pytest.raises(HephaestusStartupError) as refused:
        HephaestusSDK(url=free_url, token="abc").start(timeout=0)
    assert exit_code(refused.value) == ExitCode.UNREACHABLE


def test_output_of_agents_cannot_command_the_terminal() -> None:
    shown = "\x1b[31mred\x1b[0m\x1b]0;title\x07 a\rb\x08\r\nnext\tcell\x9b2J"
    assert plain(shown) == "red ab\nnext\tcell2J"
