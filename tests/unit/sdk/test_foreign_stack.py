"""Which settings count on a stack that somebody else started."""

import warnings
from dataclasses import replace
from pathlib import Path

import pytest

from hephaestus_sdk.config import Settings
from hephaestus_sdk.definitions.registration import registered
from hephaestus_sdk.models import Phase, WorkflowDefinition
from hephaestus_sdk.stack.foreign_stack import GivenSettings, given_by_name, settings_of_running

SETTINGS = Settings(default_cli_tool="codex", cli_model="large", mcp_port=9000, auto_commit=False)
PHASES = [
    Phase(id=1, name="a", description="b"),
    Phase(id=2, name="c", description="d", cli_tool="claude"),
    Phase(id=3, name="e", description="f", cli_tool="codex", cli_model="small"),
]


def given(*names: str) -> GivenSettings:
    return GivenSettings(SETTINGS, frozenset(names))


def test_program_and_model_are_written_into_the_phases_that_name_none() -> None:
    definitions = registered(None, None, None, [WorkflowDefinition("w", "W", PHASES)])
    [written] = given("default_cli_tool", "cli_model").in_phases(definitions).definitions
    assert [(phase.cli_tool, phase.cli_model) for phase in written.phases] == [
        ("codex", "large"),
        ("claude", None),
        ("codex", "small"),
    ]
    assert given("mcp_port").in_phases(definitions) == definitions


def test_the_single_workflow_has_an_id_that_tells_what_was_written() -> None:
    single = registered(None, PHASES[:1], None, None)
    written = given("cli_model").in_phases(single)
    assert written == registered(None, [replace(PHASES[0], cli_model="large")], None, None)


def test_what_has_no_effect_is_named_at_once() -> None:
    names = ("mcp_port", "auto_commit", "default_cli_tool", "main_repo_path", "auto_merge", "home")
    with pytest.warns(UserWarning, match="auto_commit, mcp_port: no effect") as caught:
        given(*names).warn_of_lost(None, phases=True, stacklevel=2)
    assert "set them where it is started" in str(caught[0].message)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="^default_cli_tool: no effect"):
        given("default_cli_tool").warn_of_lost(None, phases=False, stacklevel=2)


def test_what_the_stack_was_started_with_is_not_lost() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        given("mcp_port", "auto_commit").warn_of_lost(SETTINGS, phases=False, stacklevel=2)
        given().warn_of_lost(None, phases=False, stacklevel=2)


def test_names_in_a_mapping_are_given_too() -> None:
    assert given_by_name({"a": 1}, {"b": 2}) == {"a", "b"}
    assert given_by_name({}, "file.yaml") == frozenset()


def test_a_stack_whose_settings_cannot_be_read_has_none(tmp_path: Path) -> None:
    assert settings_of_running(tmp_path) is None
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.yaml").write_text("mcp_port: 9000")
    running = settings_of_running(tmp_path)
    assert running is not None
    assert running.mcp_port == 9000
