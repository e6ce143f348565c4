"""What the adapter writes for Droid, and what it reads of its sessions."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.costs.views import Tokens
from hephaestus_worker.agent_programs.base import Launch
from hephaestus_worker.agent_programs.droid.program import DroidProgram

DROID = DroidProgram()
OWN = {
    "model": "qwen3",
    "displayName": "Mine",
    "baseUrl": "http://localhost",
    "apiKey": "${MY_KEY}",
}


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    (tmp_path / ".factory").mkdir()
    (tmp_path / ".factory/settings.json").write_text(json.dumps({"customModels": [OWN]}))
    return Launch(
        agent_id="a",
        folder=tmp_path / "agent",
        worktree=tmp_path,
        working_directory=tmp_path,
        prompt="Do it.",
        mcp_url="http://localhost/mcp",
        token="the-token",
        environment={"HOME": str(tmp_path), "MY_KEY": "sk-secret"},
    )


def configured(launch: Launch) -> tuple[tuple[str, ...], Any]:
    """Return the command, and the models that were written for it."""
    command = DROID.prepare(launch)
    folder = launch.folder / "config/.factory"
    assert "the-token" not in str((command.argv, command.environment))
    assert "Bearer the-token" in (folder / "mcp.json").read_text()
    assert [path for path in folder.iterdir() if path.stat().st_mode & 0o077] == []
    return command.argv, json.loads((folder / "settings.json").read_text()).get("customModels")


@pytest.mark.parametrize("model", [None, "qwen3", "Mine"])
def test_a_model_of_the_users_own_is_asked(launch: Launch, model: str | None) -> None:
    argv, models = configured(replace(launch, model=model))
    assert "custom:Hephaestus-0" in argv
    assert models == [{**OWN, "displayName": "Hephaestus"}]


def test_a_key_is_enough_for_a_model_that_is_named(launch: Launch) -> None:
    environment = {"HOME": "/nonexistent", "ANTHROPIC_API_KEY": "sk-ant-secret"}
    argv, models = configured(replace(launch, model="claude-opus-4-5", environment=environment))
    assert "custom:Hephaestus-0" in argv
    assert [(m["model"], m["apiKey"]) for m in models] == [
        ("claude-opus-4-5", "${ANTHROPIC_API_KEY}")
    ]
    with pytest.raises(AgentProgramError, match="name a model in cli_model"):
        DROID.prepare(replace(launch, environment=environment))


def test_a_login_leaves_the_models_to_the_vendor(launch: Launch) -> None:
    environment = {"HOME": "/nonexistent", "FACTORY_API_KEY": "fk-secret"}
    argv, models = configured(replace(launch, environment=environment))
    assert ("--model" in argv, models) == (False, None)
    argv, models = configured(replace(launch, model="gpt-5.4", environment=environment))
    assert (argv[argv.index("--model") + 1], models) == ("gpt-5.4", None)


def test_what_is_missing_is_named(launch: Launch) -> None:
    with pytest.raises(AgentProgramError, match="named 'other'"):
        DROID.prepare(replace(launch, model="other"))
    with pytest.raises(AgentProgramError, match="needs its key in MY_KEY"):
        DROID.prepare(replace(launch, environment={"HOME": launch.environment["HOME"]}))
    (launch.worktree / ".factory/settings.json").write_text("{")
    with pytest.raises(AgentProgramError, match="cannot be read"):
        DROID.prepare(launch)


def session(launch: Launch, *entries: dict[str, Any]) -> None:
    folder = launch.folder / "config/.factory/sessions/-project"
    folder.mkdir(parents=True)
    lines = [json.dumps(entry) for entry in entries]
    (folder / "one.jsonl").write_text("\n".join([*lines, '{"type": "half']))
    (folder / "one.settings.json").write_text(
        json.dumps({"tokenUsage": {"inputTokens": 10, "outputTokens": 20, "cacheReadTokens": 5}})
    )


@pytest.mark.parametrize(
    ("reason", "expected", "of_provider"),
    [
        ("model_authentication_failed", FailureClass.PERMANENT, False),
        ("model_rate_limited", FailureClass.QUOTA, False),
        ("model_context_window_exceeded", FailureClass.AGENT_FAULT, False),
        ("model_provider_unavailable", FailureClass.TRANSIENT, True),
    ],
)
def test_what_ended_its_turn_is_judged(
    launch: Launch, reason: str, expected: FailureClass, of_provider: bool
) -> None:
    text = {"type": "text", "text": "BYOK Error: as the server says\n\nIf this persists, …"}
    told = {"role": "user", "content": [text], "visibility": "user_only"}
    session(
        launch,
        {"type": "message", "message": told},
        {"type": "agent_turn_outcome", "reason": reason},
    )
    failure = DROID.diagnose("", 1, folder=launch.folder)
    assert failure is not None
    assert (failure.class_, failure.of_provider) == (expected, of_provider)
    assert failure.reason == "BYOK Error: as the server says"


def test_a_conversation_that_is_too_long_is_begun_anew(launch: Launch) -> None:
    text = {"type": "text", "text": "BYOK Error: 400 prompt is too long: 205000 tokens"}
    told = {"role": "user", "content": [text], "visibility": "user_only"}
    outcome = {"type": "agent_turn_outcome", "reason": "model_request_rejected"}
    session(launch, {"type": "message", "message": told}, outcome)
    failure = DROID.diagnose("", 1, folder=launch.folder)
    assert failure is not None
    assert failure.class_ is FailureClass.AGENT_FAULT


def test_a_turn_that_was_done_is_no_failure(launch: Launch) -> None:
    DROID.prepare(launch)
    session(launch, {"type": "agent_turn_outcome", "reason": "completed"})
    assert DROID.diagnose("", 0, folder=launch.folder) is None
    [turn] = DROID.turns(launch.folder, {}).turns
    assert (turn.tokens, turn.model) == (Tokens(10, 20, 5, 0), "qwen3")


def test_a_refusal_at_its_start_is_permanent(launch: Launch) -> None:
    failure = DROID.diagnose("Invalid model: custom:None-0\n", 1, folder=launch.folder)
    assert failure is not None
    assert failure.class_ is FailureClass.PERMANENT


def test_its_sessions_tell_actions_failures_and_stops(launch: Launch) -> None:
    use = {"type": "tool_use", "id": "1", "name": "Execute", "input": {"command": "make"}}
    failed = {"type": "tool_result", "tool_use_id": "1", "is_error": True, "content": "exit 2"}
    session(
        launch,
        {"type": "message", "message": {"role": "assistant", "content": [use]}},
        {"type": "message", "message": {"role": "user", "content": [failed]}},
        {"type": "agent_turn_outcome", "reason": "completed"},
    )
    read: dict[str, int] = {}
    found = DROID.signs(launch.folder, read)
    assert [sign.kind for sign in found] == ["action", "action_failed", "stopped"]
    assert [sign.text for sign in found] == ["Execute: make", "exit 2", ""]
    assert DROID.signs(launch.folder, read) == []
