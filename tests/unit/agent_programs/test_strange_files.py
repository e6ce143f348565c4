"""What an agent puts in the place of its program's files hurts no reader of the worker."""

import json
import sqlite3
import stat
from pathlib import Path
from uuid import uuid4

import pytest

from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.settings.program_settings import ProgramSettings
from hephaestus_worker.agent_programs import PROGRAMS
from hephaestus_worker.agent_programs.base import AgentProgram, Failure
from hephaestus_worker.agent_programs.claude import transcript as claude_transcript
from hephaestus_worker.agent_programs.codex import rollout as codex_rollout
from hephaestus_worker.agent_programs.configured import ConfiguredProgram
from hephaestus_worker.agent_programs.opencode.sessions import Sessions
from hephaestus_worker.agents.launch_files import exit_status
from hephaestus_worker.agents.outputs import _added
from hephaestus_worker.terminal.private_files import private_file, private_folder, write_private
from tests.bounds import bounded
from tests.strange_files import STRANGE, secret_of, sparse

CONFIGURED = ConfiguredProgram(
    ProgramSettings(
        name="mine", command=("mine",), resume_arguments=("-r",), transcript="config/*.json"
    )
)
ALL: dict[str, AgentProgram] = {**PROGRAMS, "mine": CONFIGURED}
SESSION = str(uuid4())
#: The files that are read of an agent's folder, by program.
FILES = {
    "claude": [f"config/projects/p/{SESSION}.jsonl", "config/session-id"],
    "codex": [f"config/sessions/1/2/3/rollout-{SESSION}.jsonl", "config/history.jsonl"],
    "droid": [
        *("config/.factory/sessions/p/s.jsonl", "config/.factory/sessions/p/s.settings.json"),
        "config/.factory/settings.json",
    ],
    "opencode": ["config/sessions.db", "config/sessions.db-wal", "config/sessions.db-journal"],
    "scripted": ["scripted.json", "usage.jsonl"],
    "mine": ["config/t.json", "session-id"],
}
#: Lines of JSON that no program writes.
HOSTILE: list[object] = [
    *([], "x", 1, None, {}),
    *({"type": kind} for kind in ("user", "assistant", "message", "event_msg", "turn_context")),
    *({"type": kind, "message": [1]} for kind in ("user", "assistant", "message")),
    {"type": "user", "message": {"content": [1, {"type": "text", "text": 3}]}},
    {"type": "user", "message": {"content": 7}},
    {"type": "assistant", "message": {"id": [], "usage": {"input_tokens": "many"}, "model": 3}},
    {"type": "assistant", "message": {"usage": {"input_tokens": 10**80}}},
    {"type": "message", "message": {"visibility": "user_only", "content": "x"}},
    {"type": "message", "message": {"visibility": "user_only", "content": [[]]}},
    {"type": "agent_turn_outcome", "reason": {"a": 1}},
    {"type": "queue-operation", "operation": "enqueue", "content": 5},
    {"payload": []},
    {"payload": {"type": "token_count", "info": [1]}},
    {"payload": {"type": "token_count", "info": {"total_token_usage": {"input_tokens": None}}}},
    {"type": "turn_context", "payload": {"model": []}},
    {"tokenUsage": [1], "customModels": {"a": 1}, "text": [], "input_tokens": -1},
]


def ask(program: AgentProgram, folder: Path) -> str:
    """Call all that reads the agent's files; return the answers."""
    config = folder / "config"
    return repr(
        [
            program.session_id(folder),
            program.turns(folder, {}).turns,
            program.turns(folder, program.turns(folder, {}).after).turns,
            program.signs(folder, {}),
            program.diagnose("", 1, folder=folder),
            program.diagnose("", None, folder=folder),
            exit_status(folder),
            codex_rollout.has_message(config, 0, "s3cret"),
            claude_transcript.noted(config, claude_transcript.sizes(config), "s3cret"),
            CONFIGURED._noted(folder, {}, "s3cret"),
            _added(folder, 0, 100),
        ]
    )


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("name", FILES)
def test_what_is_no_file_is_as_good_as_absent(name: str, kind: str, tmp_path: Path) -> None:
    empty = tmp_path / "agents" / "empty"
    folder = tmp_path / "agents" / "strange"
    for place in (*FILES[name], "exit", "pane.log"):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        STRANGE[kind](folder / place)
    assert ask(ALL[name], folder) == ask(ALL[name], empty)


@pytest.mark.parametrize("name", FILES)
def test_a_file_without_end_costs_little(name: str, tmp_path: Path) -> None:
    for place in (*FILES[name], "exit", "pane.log"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        sparse(tmp_path / place)
    with bounded(megabytes=100, seconds=30):
        ask(ALL[name], tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_records_of_any_shape_are_read(name: str, tmp_path: Path) -> None:
    for place in FILES[name]:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    for hostile in HOSTILE:
        for place in FILES[name]:
            (tmp_path / place).write_text(json.dumps(hostile) + "\n")
        ask(ALL[name], tmp_path)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE session (parent_id, time_created, id, model)",
        """CREATE VIEW message AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
           SELECT i AS rowid, 'm' AS id, '{}' AS data FROM n""",
        """CREATE VIEW session AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
           SELECT i AS id, NULL AS parent_id, i AS time_created, i AS model, 1 AS tokens_input,
                  1 AS tokens_output, 1 AS tokens_reasoning, 1 AS tokens_cache_read,
                  1 AS tokens_cache_write, 1 AS cost FROM n""",
        """CREATE VIEW session AS
           SELECT zeroblob(900000000) AS id, NULL AS parent_id, 1 AS time_created""",
    ],
)
def test_a_database_of_any_kind_costs_little(statement: str, tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    with sqlite3.connect(path) as database:
        database.execute(statement)
    database.close()
    with bounded(megabytes=50, seconds=20):
        sessions = Sessions(path)
        assert sessions.first() is None
        assert sessions.turns({}).turns == ()
        assert sessions.failure() is None


@pytest.mark.parametrize("text", ["", "9" * 50, "-1", "0x10", "12 ", "1\n2", "one", "256999"])
def test_only_a_status_is_an_exit_status(text: str, tmp_path: Path) -> None:
    (tmp_path / "exit").write_text(text)
    assert exit_status(tmp_path) is None


def test_the_reason_of_a_failure_is_fit_for_the_database() -> None:
    trouble = Failure(FailureClass.TRANSIENT, "a\0b\ud800" + "x" * 10_000).trouble()
    assert trouble.reason.startswith("a\u2400b?")
    assert len(trouble.reason) <= 2000


@pytest.mark.parametrize("kind", STRANGE)
def test_nothing_is_written_through_what_an_agent_put_there(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "agent"
    folder.mkdir()
    secret = secret_of(folder)
    before = secret.read_text()
    STRANGE[kind](folder / "pane.log")
    private_file(folder / "pane.log")
    with (folder / "pane.log").open("a") as log:
        log.write("output")
    assert secret.read_text() == before
    assert stat.S_IMODE((folder / "pane.log").lstat().st_mode) == 0o600
    private_file(folder / "pane.log")
    assert (folder / "pane.log").read_text() == "output"


def test_a_link_to_a_folder_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    (tmp_path / "agent").mkdir()
    (tmp_path / "agent" / "config").symlink_to(tmp_path / "elsewhere")
    write_private(private_folder(tmp_path / "agent" / "config") / "mcp.json", "token")
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert stat.S_IMODE((tmp_path / "elsewhere").stat().st_mode) == 0o755
