"""What Codex is configured with, and how it is reached, without starting it."""

import json
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest

from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_core.costs.views import Tokens
from hephaestus_worker.agent_programs.base import Launch
from hephaestus_worker.agent_programs.codex import rollout as codex_rollout
from hephaestus_worker.agent_programs.codex.program import CodexProgram
from tests.used import total

OWN_PROVIDER = """\
model = "large"
model_provider = "mine"
approval_policy = "untrusted"

[model_providers.mine]
name = "Mine"
base_url = "https://models.example/v1"
env_key = "MINE_KEY"

[mcp_servers.other]
command = "other"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / ".codex"
    folder.mkdir(parents=True)
    return folder.parent


def launch(tmp_path: Path, **environment: str) -> Launch:
    return Launch(
        agent_id="a",
        folder=tmp_path / "agent",
        worktree=tmp_path / 'odd "tree"',
        working_directory=tmp_path / 'odd "tree"',
        prompt="Do it.",
        mcp_url="http://127.0.0.1:1/mcp",
        token="the-token",
        environment={"HOME": str(tmp_path / "home"), **environment},
    )


def written(tmp_path: Path, **environment: str) -> dict[str, Any]:
    CodexProgram().prepare(launch(tmp_path, **environment))
    path = tmp_path / "agent" / "config" / "config.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return tomllib.loads(path.read_text())


def test_no_daemon_no_dialog_and_no_secret_in_an_argument(tmp_path: Path, home: Path) -> None:
    command = CodexProgram().prepare(launch(tmp_path, OPENAI_API_KEY="sk-secret"))
    config = tomllib.loads((tmp_path / "agent/config/config.toml").read_text())
    assert "--no-daemon" in command.argv
    assert "the-token" not in str(command.argv) + str(config)
    assert "sk-secret" not in str(command.argv) + str(config)
    assert config["projects"][str(tmp_path / 'odd "tree"')] == {"trust_level": "trusted"}
    server = config["mcp_servers"]["hephaestus"]
    assert command.environment[server["bearer_token_env_var"]] == "the-token"
    assert config["shell_environment_policy"]["exclude"] == [server["bearer_token_env_var"]]


def test_a_provider_of_the_users_own_is_taken_over_and_no_more(tmp_path: Path, home: Path) -> None:
    (home / ".codex" / "config.toml").write_text(OWN_PROVIDER)
    config = written(tmp_path, MINE_KEY="k", OPENAI_API_KEY="not this one")
    assert (config["model"], config["model_provider"]) == ("large", "mine")
    assert config["model_providers"]["mine"]["base_url"] == "https://models.example/v1"
    assert config["approval_policy"] == "never"
    assert list(config["mcp_servers"]) == ["hephaestus"]


def test_the_key_of_that_provider_is_asked_for(tmp_path: Path, home: Path) -> None:
    (home / ".codex" / "config.toml").write_text(OWN_PROVIDER)
    with pytest.raises(AgentProgramError, match="MINE_KEY"):
        written(tmp_path)


def test_a_login_goes_before_a_key_unless_a_server_is_named(tmp_path: Path, home: Path) -> None:
    login = home / ".codex" / "auth.json"
    login.write_text("{}")
    assert "model_provider" not in written(tmp_path, OPENAI_API_KEY="k")
    link = tmp_path / "agent" / "config" / "auth.json"
    assert link.readlink() == login
    other = written(tmp_path, OPENAI_API_KEY="k", OPENAI_BASE_URL="https://models.example/v1")
    assert other["model_providers"][other["model_provider"]]["base_url"].startswith("https://mod")


def test_without_a_login_a_person_is_told_what_to_do(tmp_path: Path, home: Path) -> None:
    with pytest.raises(AgentProgramError, match="codex login"):
        written(tmp_path)


def test_a_configuration_that_cannot_be_read_is_named(tmp_path: Path, home: Path) -> None:
    (home / ".codex" / "config.toml").write_text("model = ")
    with pytest.raises(AgentProgramError, match="config.toml cannot be read"):
        written(tmp_path)


def test_a_resumed_session_is_named_before_the_prompt(tmp_path: Path, home: Path) -> None:
    first = launch(tmp_path, OPENAI_API_KEY="k")
    again = Launch(**{**vars(first), "resume_session": "the-session"})
    argv = CodexProgram().prepare(again).argv
    assert argv[:2] == ("codex", "resume")
    assert argv[-2:] == ("the-session", "--")


def test_tokens_of_all_sessions_are_counted_and_cached_ones_apart(tmp_path: Path) -> None:
    folder = tmp_path / "sessions" / "2026" / "11" / "25"
    folder.mkdir(parents=True)
    ids = [f"01a2121e-1034-7bf2-bb57-{number:012d}" for number in range(2)]
    for hour, session in enumerate(ids):
        used = [(10, 4, 1), (90, 36, 19)]
        lines: list[dict[str, Any]] = [{"type": "turn_context", "payload": {"model": "large"}}]
        lines += [{"type": "event_msg", "payload": {"type": "token_count", "info": None}}]
        lines += [{"type": "event_msg", "payload": counted(n, *u)} for n, u in enumerate(used, 1)]
        lines += lines[-1:]  # the program repeats a count
        text = "\n".join(map(json.dumps, lines)) + '\n{"half a line'
        (folder / f"rollout-2026-11-25T0{hour}-00-00-{session}.jsonl").write_text(text)
    reading = codex_rollout.turns(tmp_path, {})
    assert total(reading) == Tokens(120, 40, cache_read_tokens=80)
    assert {turn.model for turn in reading.turns} == {"large"}
    assert codex_rollout.session_id(tmp_path) == ids[0]


def counted(running: int, read: int, cached: int, written: int) -> dict[str, Any]:
    used = {"input_tokens": read, "cached_input_tokens": cached, "output_tokens": written}
    info = {"total_token_usage": {"total_tokens": running}, "last_token_usage": used}
    return {"type": "token_count", "info": info}


def test_the_model_is_known_from_the_part_that_was_read_before(tmp_path: Path) -> None:
    folder = tmp_path / "sessions" / "2026" / "11" / "25"
    folder.mkdir(parents=True)
    path = folder / "rollout-2026-11-25T01-00-00-01a2121e-1034-7bf2-bb57-000000000001.jsonl"
    path.write_text(json.dumps({"type": "turn_context", "payload": {"model": "large"}}) + "\n")
    before = codex_rollout.turns(tmp_path, {})
    with path.open("a") as file:
        file.write(json.dumps({"type": "event_msg", "payload": counted(9, 5, 0, 4)}) + "\n")
    [turn] = codex_rollout.turns(tmp_path, before.after).turns
    assert (turn.model, turn.tokens) == ("large", Tokens(5, 4))


def test_nothing_noted_is_nothing_known(tmp_path: Path) -> None:
    assert codex_rollout.turns(tmp_path, {}).turns == ()
    assert codex_rollout.session_id(tmp_path) is None
    assert not codex_rollout.has_message(tmp_path, 0, "Hello.")
