"""What the adapter writes for Claude Code, and what it reads of its transcripts."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_core.costs.rules import by_key
from hephaestus_core.costs.views import Tokens
from hephaestus_worker.agent_programs import program
from hephaestus_worker.agent_programs.base import Launch
from hephaestus_worker.agent_programs.claude import transcript as claude_transcript
from tests.used import total

CLAUDE = program("claude")


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    folder = tmp_path / "agent"
    folder.mkdir()
    worktree = tmp_path / "worktree"
    return Launch(
        agent_id="a0c7f0b0-7d1c-4a53-9a9d-0c0c8e3f2b11",
        folder=folder,
        worktree=worktree,
        working_directory=worktree / "sub",
        prompt="Do it.",
        mcp_url="http://127.0.0.1:8000/mcp",
        token="attempt-token",
        environment={"HOME": str(tmp_path), "ANTHROPIC_API_KEY": "k" * 30 + "0123456789abcdefghij"},
    )


def state_of(launch: Launch) -> dict[str, object]:
    return dict(json.loads((launch.folder / "config" / ".claude.json").read_text()))


def test_dialogs_are_answered_and_no_secret_is_in_the_command(launch: Launch) -> None:
    command = CLAUDE.prepare(launch)
    state = state_of(launch)
    assert state["hasCompletedOnboarding"] is True
    assert state["customApiKeyResponses"] == {"approved": ["0123456789abcdefghij"], "rejected": []}
    assert state["projects"] == {
        str(launch.worktree): {"hasTrustDialogAccepted": True},
        str(launch.working_directory): {"hasTrustDialogAccepted": True},
    }
    assert "attempt-token" not in str(command)
    assert command.argv[-1] == "--"
    assert "--model" not in command.argv
    mcp = json.loads((launch.folder / "config" / "mcp.json").read_text())
    assert mcp["mcpServers"]["hephaestus"]["headers"] == {"Authorization": "Bearer attempt-token"}


def test_the_model_is_passed_on(launch: Launch) -> None:
    argv = CLAUDE.prepare(replace(launch, model="opus")).argv
    assert argv[argv.index("--model") + 1] == "opus"


def test_a_resumed_session_keeps_what_the_program_wrote(launch: Launch) -> None:
    first = CLAUDE.prepare(launch).argv
    path = launch.folder / "config" / ".claude.json"
    path.write_text(json.dumps({**state_of(launch), "numStartups": 3}))
    session = first[first.index("--session-id") + 1]
    again = CLAUDE.prepare(replace(launch, resume_session=session)).argv
    assert again[again.index("--resume") + 1] == session
    assert state_of(launch)["numStartups"] == 3


def test_a_second_start_takes_a_session_of_its_own(launch: Launch) -> None:
    first, second = CLAUDE.prepare(launch).argv, CLAUDE.prepare(launch).argv
    number = first.index("--session-id") + 1
    assert first[number] != second[number]


@pytest.mark.parametrize("prompt", ["/exit", "  !touch x", "#note", "&x"])
def test_a_prompt_is_never_a_command(launch: Launch, prompt: str) -> None:
    command = CLAUDE.prepare(replace(launch, prompt=prompt))
    assert command.prompt_file is not None
    assert command.prompt_file.read_text() == f"Message:\n{prompt}"


@pytest.mark.parametrize("prompt", ["Do it.", "-dash", "x" * 100_000])
def test_other_prompts_are_given_as_they_are(launch: Launch, prompt: str) -> None:
    assert CLAUDE.prepare(replace(launch, prompt=prompt)).prompt_file is None


def test_without_a_login_it_says_what_to_do(
    launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hephaestus_worker.agent_programs.claude.program._on_a_mac", lambda: False)
    bare = replace(launch, environment={"HOME": str(tmp_path)})
    with pytest.raises(AgentProgramError, match="Log in by starting `claude` once, or set"):
        CLAUDE.prepare(bare)
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / ".credentials.json").write_text("{}")
    assert CLAUDE.prepare(bare).environment["CLAUDE_SECURESTORAGE_CONFIG_DIR"] == ""
    vertex = replace(launch, environment={"HOME": "/", "CLAUDE_CODE_USE_VERTEX": "1"})
    assert "CLAUDE_SECURESTORAGE_CONFIG_DIR" not in CLAUDE.prepare(vertex).environment


def test_a_missing_program_says_how_to_install(tmp_path: Path) -> None:
    with pytest.raises(AgentProgramError, match="npm install -g @anthropic-ai/claude-code"):
        CLAUDE.ensure_installed({"PATH": str(tmp_path)})
    (tmp_path / "claude").write_text("#!/bin/sh\n")
    (tmp_path / "claude").chmod(0o755)
    assert CLAUDE.ensure_installed({"PATH": str(tmp_path)}) == tmp_path / "claude"


def entry(kind: str, **fields: object) -> str:
    return json.dumps({"type": kind, **fields}) + "\n"


def answer(identity: str, model: str = "m", **usage: int) -> str:
    return entry("assistant", message={"id": identity, "model": model, "usage": usage})


def test_tokens_are_counted_once_for_each_answer(tmp_path: Path) -> None:
    folder = tmp_path / "projects" / "-p"
    (folder / "sub" / "subagents").mkdir(parents=True)
    assert claude_transcript.turns(tmp_path, {}).turns == ()
    (folder / "s.jsonl").write_text(
        answer("1", input_tokens=10, output_tokens=1)
        + answer("1", input_tokens=10, output_tokens=7)
        + "{half a line\n"
        + answer("2", input_tokens=5, output_tokens=2, cache_read_input_tokens=3)
        + answer("3", model="<synthetic>")
    )
    (folder / "sub" / "subagents" / "a.jsonl").write_text(answer("4", input_tokens=1))
    reading = claude_transcript.turns(tmp_path, {})
    assert total(reading) == Tokens(16, 9, cache_read_tokens=3)
    assert {turn.model for turn in by_key(reading.turns).values()} == {"m"}


def test_a_message_counts_as_taken_only_whole_and_after_its_paste(tmp_path: Path) -> None:
    path = tmp_path / "projects" / "-work" / "s.jsonl"
    path.parent.mkdir(parents=True)
    old = entry("user", message={"content": "a message"})
    path.write_text(old)
    starts = claude_transcript.sizes(tmp_path)
    assert not claude_transcript.noted(tmp_path, starts, "a message")
    with path.open("a") as file:
        file.write(entry("user", message={"content": "a mess"}))
        file.write(entry("user", message={"content": [{"type": "tool_result", "content": "x"}]}))
        file.write('{"type": "user", "mess')
    assert not claude_transcript.noted(tmp_path, starts, "a message")
    path.write_text(old + entry("queue-operation", operation="enqueue", content="a message"))
    assert claude_transcript.noted(tmp_path, starts, "a message\n")
    path.write_text(old + entry("user", message={"content": [{"type": "text", "text": "a    b"}]}))
    assert claude_transcript.noted(tmp_path, starts, "a\tb")
