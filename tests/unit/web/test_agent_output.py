import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from hephaestus_core.agents.views import AgentView
from hephaestus_core.db.engine import Database
from hephaestus_core.settings.config import Settings
from hephaestus_web.live.agent_output import OutputReader
from tests.bounds import bounded
from tests.strange_files import STRANGE, sparse

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def reader(tmp_path: Path) -> OutputReader:
    """A reader whose database is away: what is read here comes from files alone."""
    nowhere = Database("postgresql+psycopg2://nobody@127.0.0.1:1/none")
    return OutputReader(Settings(home=tmp_path, host_name="here"), nowhere, lambda _: False)


@pytest.fixture
def agent() -> AgentView:
    return AgentView(
        id=uuid4(),
        task_id=uuid4(),
        workflow_id=uuid4(),
        attempt=1,
        fence=1,
        host="here",
        program="scripted",
        model=None,
        stands_in_for=None,
        worktree_id=uuid4(),
        status="working",
        branch="b",
        base_commit=None,
        commit=None,
        exit_code=None,
        failure_class=None,
        failure_reason=None,
        started_at=NOW,
        running_at=NOW,
        ended_at=None,
        tmux_session="s",
    )


def write_log(reader: OutputReader, agent: AgentView, data: bytes) -> None:
    folder = reader.settings.home / "host" / "agents" / str(agent.id)
    folder.mkdir(parents=True)
    (folder / "pane.log").write_bytes(data)


def test_parts_join_to_the_whole_at_every_size(reader: OutputReader, agent: AgentView) -> None:
    text = "añ→🚢 end\n" * 3
    write_log(reader, agent, text.encode())
    ended = replace(agent, ended_at=NOW)
    for size in range(4, 20):
        offset, parts, complete = 0, "", False
        while not complete:
            part = reader.read(ended, offset=offset, limit=size, wait=0)
            offset, complete = part["next_offset"], part["complete"]
            parts += part["text"]
        assert parts == text


def test_half_a_character_waits_for_its_other_half(reader: OutputReader, agent: AgentView) -> None:
    write_log(reader, agent, "ok 🚢".encode()[:-1])
    part = reader.read(agent, offset=0, limit=100, wait=0)
    assert part == {"text": "ok ", "offset": 0, "next_offset": 3, "complete": False}


def test_bytes_that_are_no_text_do_not_stop_the_reading(
    reader: OutputReader, agent: AgentView
) -> None:
    write_log(reader, agent, b"\xff\xfe\x80\x80\x80\x80 x")
    assert reader.read(agent, offset=0, limit=4, wait=0)["next_offset"] > 0
    assert reader.read(agent, offset=2, limit=4, wait=0)["next_offset"] > 2


def test_an_agent_that_has_shown_nothing_yet_has_empty_output(
    reader: OutputReader, agent: AgentView
) -> None:
    empty = {"text": "", "offset": 0, "next_offset": 0, "complete": False}
    assert reader.read(agent, offset=0, limit=100, wait=0) == empty


def test_the_end_is_read_from_the_start_of_a_line(reader: OutputReader, agent: AgentView) -> None:
    write_log(reader, agent, b"one\ntwo \xe2\x86\x92\nthree")
    part = reader.read_end(agent, most=10)
    assert part == {"text": "three", "offset": 12, "next_offset": 17, "complete": False}
    ended = replace(agent, ended_at=NOW)
    assert reader.read_end(ended, most=100)["text"] == "one\ntwo →\nthree"
    assert reader.read_end(ended, most=100)["complete"]


def test_a_wait_for_output_ends_with_the_process(reader: OutputReader, agent: AgentView) -> None:
    began = time.monotonic()
    assert reader.read(agent, offset=0, limit=100, wait=25)["text"] == ""
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("offset", [7, 8, 2**53])
def test_nothing_stands_at_the_end_or_beyond_it(
    reader: OutputReader, agent: AgentView, offset: int
) -> None:
    write_log(reader, agent, b"seven b")
    ended = replace(agent, ended_at=NOW)
    part = reader.read(ended, offset=offset, limit=100, wait=0)
    assert part == {"text": "", "offset": offset, "next_offset": offset, "complete": True}


@pytest.mark.parametrize("kind", STRANGE)
def test_a_log_that_is_no_file_of_the_agents_own_has_no_output(
    reader: OutputReader, agent: AgentView, kind: str
) -> None:
    folder = reader.settings.home / "host" / "agents" / str(agent.id)
    folder.mkdir(parents=True)
    STRANGE[kind](folder / "pane.log")
    part = reader.read(agent, offset=0, limit=100, wait=0)
    assert part == {"text": "", "offset": 0, "next_offset": 0, "complete": False}


def test_a_folder_that_is_a_link_has_no_output(reader: OutputReader, agent: AgentView) -> None:
    elsewhere = reader.settings.home / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "pane.log").write_text("s3cret")
    agents = reader.settings.home / "host" / "agents"
    agents.mkdir(parents=True)
    (agents / str(agent.id)).symlink_to(elsewhere)
    assert reader.read(agent, offset=0, limit=100, wait=0)["text"] == ""


def test_a_log_without_end_costs_little(reader: OutputReader, agent: AgentView) -> None:
    write_log(reader, agent, b"")
    sparse(reader.settings.home / "host" / "agents" / str(agent.id) / "pane.log")
    with bounded(megabytes=5, seconds=2):
        part = reader.read(agent, offset=9 * 2**30, limit=1000, wait=0)
        assert part["next_offset"] == 9 * 2**30 + 1000
        assert reader.read(agent, offset=2**60, limit=1000, wait=0)["text"] == ""
