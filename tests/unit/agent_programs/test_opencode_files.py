"""What the adapter writes for OpenCode, and what it reads of its sessions."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hephaestus_core.contract.errors import AgentProgramError
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.home import PANE_LOG
from hephaestus_core.costs.views import Tokens
from hephaestus_worker.agent_programs.base import Launch
from hephaestus_worker.agent_programs.opencode import config as opencode_config
from hephaestus_worker.agent_programs.opencode.actions import signs
from hephaestus_worker.agent_programs.opencode.program import OpenCodeProgram
from hephaestus_worker.agent_programs.opencode.retrying import retries
from hephaestus_worker.agent_programs.opencode.sessions import Sessions
from tests.used import total

KEY = {"ANTHROPIC_API_KEY": "sk-ant-secret"}


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    worktree = tmp_path / "worktree"
    worktree.mkdir()
    return Launch(
        agent_id="a",
        folder=tmp_path,
        worktree=worktree,
        working_directory=worktree,
        prompt="Do it.",
        mcp_url="http://localhost/mcp",
        token="the-token",
        environment={"HOME": str(tmp_path)},
    )


def content(launch: Launch, **environment: str) -> dict[str, Any]:
    with_keys = replace(launch, environment={**launch.environment, **environment})
    written: dict[str, Any] = json.loads(opencode_config.content(launch.folder, with_keys))
    return written


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_without_a_login_nothing_is_started(launch: Launch) -> None:
    # What OpenCode writes by itself, and a key that is no key to a model.
    write(launch.folder / ".config/opencode/opencode.json", '{"$schema": "https://opencode.ai"}')
    write(launch.folder / ".local/share/opencode/auth.json", "{}")
    with pytest.raises(AgentProgramError, match="opencode auth login"):
        content(launch, FACTORY_API_KEY="fk-secret")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".local/share/opencode/auth.json", '{"openai": {"type": "oauth"}}'),
        (".config/opencode/opencode.jsonc", '{"provider": {}} // mine'),
        ("worktree/opencode.json", '{"model": "local/mine"}'),
    ],
)
def test_a_choice_of_the_users_will_do(launch: Launch, path: str, text: str) -> None:
    write(launch.folder / path, text)
    assert content(launch)["provider"] == {"opencode": {"whitelist": []}}


def test_the_vendors_free_models_are_asked_only_by_name(launch: Launch) -> None:
    assert content(launch, **KEY)["provider"] == {"opencode": {"whitelist": []}}
    write(launch.folder / ".config/opencode/opencode.json", '{"model": "opencode/big-pickle"}')
    assert "provider" not in content(launch)


def test_a_model_that_is_named_is_the_only_one(launch: Launch) -> None:
    ours = content(replace(launch, model="openrouter/qwen/qwen3"), **KEY)
    assert ours["model"] == "openrouter/qwen/qwen3"
    assert ours["enabled_providers"] == ["openrouter"]
    assert ours["provider"] == {"openrouter": {"whitelist": ["qwen/qwen3"]}}
    with pytest.raises(AgentProgramError, match="provider/model"):
        content(replace(launch, model="opus"), **KEY)


def test_the_token_is_in_a_file_alone(launch: Launch) -> None:
    with_key = replace(launch, environment={**launch.environment, **KEY})
    command = OpenCodeProgram().prepare(with_key)
    assert "the-token" not in str((command.argv, command.environment))
    header = launch.folder / "config" / "mcp-header"
    assert header.read_text() == "Bearer the-token"
    assert header.stat().st_mode & 0o077 == 0


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "sessions.db"
    with closing(sqlite3.connect(path)) as made, made:
        made.executescript("""
            CREATE TABLE session (id, parent_id, time_created, model, tokens_input, tokens_output,
                tokens_reasoning, tokens_cache_read, tokens_cache_write, cost);
            CREATE TABLE message (id TEXT, session_id, time_created, data);
            CREATE TABLE part (id, message_id, data);
            INSERT INTO session VALUES
                ('ses_sub', 'ses_own', 2, '{"id": "small", "providerID": "p"}', 5, 6, 0, 0, 0, 0.5),
                ('ses_own', NULL, 1, '{"id": "m", "providerID": "p"}', 10, 20, 3, 40, 50, 0.25);
        """)
    return path


def say(database: Path, number: int, session: str = "ses_own", text: str = "", **data: Any) -> None:
    made_at = {"created": 1_000_000 + number}
    message = json.dumps({"role": "user" if text else "assistant", "time": made_at, **data})
    part = json.dumps({"type": "text", "text": text})
    with closing(sqlite3.connect(database)) as made, made:
        made.execute(
            "INSERT INTO message VALUES (?, ?, ?, ?)", (str(number), session, number, message)
        )
        made.execute("INSERT INTO part VALUES (?, ?, ?)", (number, str(number), part))


def answer(number: int, **data: Any) -> dict[str, Any]:
    cache = {"read": 40 * number, "write": 50 * number}
    tokens = {"input": 10 * number, "output": 20 * number, "reasoning": 3 * number, "cache": cache}
    return {"tokens": tokens, "cost": 0.25, "modelID": "m", "providerID": "p", **data}


def test_what_all_sessions_used_is_summed(database: Path) -> None:
    sessions = Sessions(database)
    assert sessions.first() == "ses_own"
    say(database, 1, text="Begin.")
    say(database, 2, **answer(1))
    say(database, 3, "ses_sub", **answer(2))
    reading = sessions.turns({})
    assert total(reading) == Tokens(30, 69, 120, 150)
    assert {(turn.model, turn.cost) for turn in reading.turns} == {("p/m", 0.25)}


def test_an_answer_that_ends_after_it_was_read_is_read_again(database: Path) -> None:
    sessions = Sessions(database)
    say(database, 1, **answer(0))
    say(database, 2, "ses_sub", **answer(1))
    before = sessions.turns({})
    assert total(before) == Tokens(10, 23, 40, 50)
    with closing(sqlite3.connect(database)) as made, made:
        ended = json.dumps({"role": "assistant", **answer(2)})
        made.execute("UPDATE message SET data = ? WHERE id = '1'", (ended,))
    assert total(sessions.turns(before.after)) == Tokens(30, 69, 120, 150)


def test_a_smaller_database_is_read_from_its_beginning(database: Path) -> None:
    for number in range(1, 10):
        say(database, number, **answer(1))
    before = Sessions(database).turns({})
    with closing(sqlite3.connect(database)) as made, made:
        made.execute("DELETE FROM message")
    say(database, 1, **answer(3))
    assert total(Sessions(database).turns(before.after)) == Tokens(30, 69, 120, 150)


def test_before_there_is_anything_nothing_is_read(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "none.db")
    assert (sessions.first(), sessions.turns({}).turns, sessions.failure()) == (None, (), None)
    sqlite3.connect(sessions.path).close()
    assert (sessions.first(), sessions.turns({}).turns, sessions.failure()) == (None, (), None)


def test_whole_messages_are_counted(database: Path) -> None:
    say(database, 1, text="Go on. ")
    say(database, 2, text="Go on")
    assert Sessions(database).times_said("Go on.\n") == 1


def refusal(status: int, **headers: str) -> dict[str, Any]:
    data = {"message": "as it says", "statusCode": status, "responseHeaders": headers}
    return {"name": "APIError", "data": data}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refusal(401), FailureClass.PERMANENT),
        (refusal(404), FailureClass.PERMANENT),
        (refusal(429), FailureClass.QUOTA),
        (refusal(529), FailureClass.TRANSIENT),
        ({"name": "ContextOverflowError", "data": {}}, FailureClass.AGENT_FAULT),
        ({"name": "MessageAbortedError", "data": {}}, None),
    ],
)
def test_what_ended_the_last_turn_is_judged(
    database: Path, error: dict[str, Any], expected: FailureClass | None
) -> None:
    say(database, 1, text="Do it.")
    say(database, 2, error=error)
    say(database, 3, session="ses_sub", error=refusal(401))
    failure = Sessions(database).failure()
    assert (failure and failure.class_) == expected
    say(database, 4, text="Again.")
    assert Sessions(database).failure() is None


def test_the_end_of_a_limit_is_what_the_provider_said(database: Path) -> None:
    say(database, 1, error=refusal(429, **{"retry-after": "3600"}))
    failure = Sessions(database).failure()
    assert failure is not None
    assert failure.until == datetime.fromtimestamp(1_000 + 3600, UTC).replace(microsecond=1_000)


def note(database: Path, number: int, **data: Any) -> None:
    with closing(sqlite3.connect(database)) as made, made:
        made.execute("DELETE FROM part WHERE rowid = ?", (number,))
        values = (number, str(number), "1", json.dumps(data))
        made.execute("INSERT INTO part (rowid, id, message_id, data) VALUES (?, ?, ?, ?)", values)


def call(database: Path, number: int, status: str, **state: Any) -> None:
    state = {"status": status, "input": {"command": f"make {number}"}, **state}
    note(database, number, type="tool", tool="bash", state=state)


def test_calls_that_go_on_and_fail_are_each_told_once(database: Path) -> None:
    sessions, read = Sessions(database), dict[str, int]()

    def told() -> list[tuple[str, str]]:
        return [(sign.kind, sign.text) for sign in signs(sessions, read)]

    call(database, 1, "pending", input={})
    assert told() == []
    call(database, 1, "running")
    call(database, 2, "completed", metadata={"exit": 0})
    assert told() == [("action", "bash: make 1"), ("action", "bash: make 2")]
    assert told() == []
    call(database, 1, "completed", metadata={"exit": 3})
    call(database, 3, "error", error="denied")
    failed = [("action_failed", "bash: exit status 3"), ("action", "bash: make 3")]
    assert told() == [*failed, ("action_failed", "bash: denied")]
    note(database, 4, type="step-finish", reason="tool-calls")
    note(database, 5, type="step-finish", reason="stop")
    assert told() == [("stopped", "")]
    assert told() == []


def test_a_question_at_its_terminal_is_told_while_it_stands(database: Path) -> None:
    state = {"status": "running", "input": {"questions": []}}
    note(database, 1, type="tool", tool="question", state=state)
    assert [sign.kind for sign in signs(Sessions(database), {})] == ["asks"]


def test_what_is_remembered_of_parts_is_bounded(database: Path) -> None:
    read: dict[str, int] = {}
    for number in range(1, 600):
        call(database, number, "completed")
    assert len(signs(Sessions(database), read)) == 599
    assert len(read) <= 201
    assert signs(Sessions(database), read) == []


def test_it_cannot_ask_at_its_terminal(launch: Launch) -> None:
    denied = {"question": "deny", "plan_enter": "deny", "plan_exit": "deny"}
    assert content(launch, **KEY)["permission"] == denied


def test_a_retry_that_is_drawn_is_told_once_also_where_it_is_written_in_two_parts(
    tmp_path: Path,
) -> None:
    log, read = tmp_path / PANE_LOG, dict[str, int]()
    assert retries(tmp_path, read) == []
    log.write_bytes(b"\x1b[2m esc interrupt \x1b[33m quota [retr")
    assert retries(tmp_path, read) == []
    with log.open("ab") as file:
        file.write(b"ying in 2h attempt #1]")
    assert [found.kind for found in retries(tmp_path, read)] == ["retries"]
    assert retries(tmp_path, read) == []
    with log.open("ab") as file:
        file.write(b"\x1b[33m in 1h 59m")
    assert retries(tmp_path, read) == []


def test_what_the_program_draws_is_a_sign_beside_those_of_its_database(tmp_path: Path) -> None:
    (tmp_path / PANE_LOG).write_bytes(b"quota [retrying in 2h attempt #1]")
    read = dict[str, int]()
    assert [found.kind for found in OpenCodeProgram().signs(tmp_path, read)] == ["retries"]
    assert OpenCodeProgram().signs(tmp_path, read) == []
