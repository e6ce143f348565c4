"""Programs that the configuration describes: what is refused, and what is filled in where."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from hephaestus_core.contract.errors import AgentProgramError, ConfigurationError
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.settings.config import load_settings
from hephaestus_core.settings.program_settings import read_program
from hephaestus_worker.agent_programs import all_programs
from hephaestus_worker.agent_programs.base import Launch, Promise
from hephaestus_worker.agent_programs.configured import ConfiguredProgram

NASTY = 'it\'s "quoted" {token} $(touch pwned) \\ \n ünï'


def made(**settings: Any) -> ConfiguredProgram:
    read, faults = read_program("mine", {"command": ["mine"], **settings})
    assert read is not None, faults
    return ConfiguredProgram(read)


def launch(folder: Path, **changes: Any) -> Launch:
    values: dict[str, Any] = {
        "agent_id": "a",
        "folder": folder,
        "worktree": folder / NASTY,
        "working_directory": folder / NASTY,
        "prompt": "-prompt",
        "mcp_url": "http://127.0.0.1:1/mcp",
        "token": "the-token",
        "environment": {"KEY": NASTY},
    }
    return Launch(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"command": []}, "command': expected the program and its arguments"),
        ({"command": "mine --go"}, "command': expected a list"),
        ({"comand": ["x"], 1: 2}, "comand': unknown; known: command"),
        ({"command": ["mine", "--token={token}"]}, "{token} would stand in the list of processes"),
        ({"last_arguments": ["{env:KEY}"]}, "{env:KEY} would stand in the list of processes"),
        ({"command": ["mine", "{modle}"]}, "unknown placeholder {modle}"),
        ({"prompt": "typed"}, "prompt': expected one of argument, file"),
        ({"prompt": "file"}, "no argument holds {prompt_file}"),
        ({"environment": {"A B": "x"}}, "'A B' cannot name a variable"),
        ({"environment": {"A": 1}}, "expected A to be a text; put it in quotes"),
        ({"files": {"../x": ""}}, "'../x' leads out of the agent's folder"),
        ({"files": {"/etc/x": ""}}, "'/etc/x' leads out of the agent's folder"),
        ({"files": {"x": 1}}, "expected 'x' to hold a text, or names with values"),
        ({"transcript": "../*.json"}, "leads out of the agent's folder"),
        ({"busy": ["("]}, "busy': '(' is no regular expression"),
        ({"failures": {"qota": []}}, "no class of failure 'qota'"),
        ({"failures": {"quota": "x"}}, "failures.quota': expected a list of patterns"),
        ({"exits": {1: "bad"}}, "exits': expected a status with one of"),
    ],
)
def test_what_cannot_be_used_is_refused(changes: dict[Any, Any], fault: str) -> None:
    read, faults = read_program("mine", {"command": ["mine"], **changes})
    assert read is None
    assert any(fault in found for found in faults), faults


def test_all_faults_are_named_together_with_those_of_other_settings() -> None:
    programs = {"One": {"command": ["x"]}, "two": {"busy": ["("]}, "claude": {"command": ["c"]}}
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environ={}, overrides={"agent_programs": programs, "default_cli_tool": "tow"})
    for fault in ("'One'", "two.command", "'claude': has an adapter", "did you mean 'two'"):
        assert fault in caught.value.message


def test_a_described_program_can_be_the_default_and_stand_in() -> None:
    overrides = {"agent_programs": {"mine": {"command": ["mine"]}}}
    overrides |= {"default_cli_tool": "mine", "cli_fallback": "claude mine:large"}  # type: ignore[dict-item]
    settings = load_settings(environ={}, overrides=overrides)
    assert settings.cli_fallback == ("claude", "mine:large")
    assert "mine" in all_programs(settings.agent_programs)


def test_values_are_filled_in_once_and_survive_the_form_of_a_file(tmp_path: Path) -> None:
    tables = {"at": {"{worktree}": ["{env:KEY}", 3, True]}, "code": "{ not {a} placeholder }"}
    program = made(
        command=["mine", "--in={worktree}"],
        environment={"SECRET": "{token}/{env:KEY}"},
        files={"a/b.json": tables, "c.toml": tables, "plain.txt": "{mcp_url} {env:KEY}"},
    )
    command = program.prepare(launch(tmp_path))
    assert command.argv == ("mine", f"--in={tmp_path / NASTY}")
    assert command.environment == {"SECRET": f"the-token/{NASTY}"}
    expected = {"at": {str(tmp_path / NASTY): [NASTY, 3, True]}, "code": tables["code"]}
    assert json.loads((tmp_path / "a/b.json").read_text()) == expected
    assert tomllib.loads((tmp_path / "c.toml").read_text()) == expected
    assert (tmp_path / "plain.txt").read_text() == f"http://127.0.0.1:1/mcp {NASTY}"
    assert [oct(path.stat().st_mode & 0o077) for path in tmp_path.rglob("*.*")] == ["0o0"] * 3


def test_a_variable_that_is_not_set_is_named(tmp_path: Path) -> None:
    program = made(environment={"X": "{env:OTHER_KEY}"})
    with pytest.raises(AgentProgramError, match="OTHER_KEY is not set"):
        program.prepare(launch(tmp_path))


def test_a_model_that_nothing_would_pass_on_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AgentProgramError, match="model_arguments"):
        made().prepare(launch(tmp_path, model="large"))


def test_arguments_follow_what_the_launch_asks_for(tmp_path: Path) -> None:
    program = made(
        model_arguments=["--model", "{model}"],
        new_arguments=["--id", "{session}"],
        resume_arguments=["--resume", "{session}"],
        last_arguments=["--prompt-file", "{prompt_file}"],
        prompt="file",
    )
    new = program.prepare(launch(tmp_path, model="large"))
    session = program.session_id(tmp_path)
    assert new.argv[1:5] == ("--id", session, "--model", "large")
    assert new.argv[-1] == str(tmp_path / "prompt.md")
    assert new.prompt_prefix is None
    again = program.prepare(launch(tmp_path, resume_session=session))
    assert again.argv == ("mine", "--resume", session, "--prompt-file", str(tmp_path / "resume.md"))


def test_a_program_says_what_nothing_was_configured_for() -> None:
    bare = made()
    everything = set(Promise) - {
        Promise.STARTS,
        Promise.PROMPT,
        Promise.TOOLS,
        Promise.STOPS,
        Promise.MISSING,
        Promise.UNSTEERED,  # the reviewer's checkout keeps it for every program
    }
    assert set(bare.cannot) == everything


@pytest.mark.parametrize(
    ("screen", "status", "expected"),
    [
        ("fine\n> ", None, None),
        ("limit reached until 5\n> ", None, FailureClass.QUOTA),
        ("limit reached\nworking\n> ", None, None),
        ("no login\n", 1, FailureClass.PERMANENT),
        ("", 9, FailureClass.TRANSIENT),
        ("", 1, FailureClass.AGENT_FAULT),
        ("", 0, None),
    ],
)
def test_screen_and_status_are_judged(
    screen: str, status: int | None, expected: FailureClass | None
) -> None:
    program = made(
        busy=["^working"],
        idle=["^> $"],
        failures={"quota": ["^limit reached"], "permanent": ["^no login"]},
        exits={9: "transient"},
    )
    failure = program.diagnose(screen, status, folder=Path())
    assert (failure and failure.class_) == expected
