from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from hephaestus_core.agents.views import AgentView
from hephaestus_core.config import Settings
from hephaestus_core.errors import Conflict
from hephaestus_web.agent_output import read_output

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, host_name="here")


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


def write_log(settings: Settings, agent: AgentView, data: bytes) -> None:
    folder = settings.home / "host" / "agents" / str(agent.id)
    folder.mkdir(parents=True)
    (folder / "pane.log").write_bytes(data)


def test_parts_join_to_the_whole_at_every_size(settings: Settings, agent: AgentView) -> None:
    text = "añ→🚢 end\n" * 3
    write_log(settings, agent, text.encode())
    ended = replace(agent, ended_at=NOW)
    for size in range(4, 20):
        offset, parts, complete = 0, "", False
        while not complete:
            part = read_output(settings, ended, offset=offset, limit=size)
            offset, complete = part["next_offset"], part["complete"]
            parts += part["text"]
        assert parts == text


def test_half_a_character_waits_for_its_other_half(settings: Settings, agent: AgentView) -> None:
    write_log(settings, agent, "ok 🚢".encode()[:-1])
    part = read_output(settings, agent, offset=0, limit=100)
    assert part == {"text": "ok ", "next_offset": 3, "complete": False}


def test_bytes_that_are_no_text_do_not_stop_the_reading(
    settings: Settings, agent: AgentView
) -> None:
    write_log(settings, agent, b"\xff\xfe\x80\x80\x80\x80 x")
    assert read_output(settings, agent, offset=0, limit=4)["next_offset"] > 0
    assert read_output(settings, agent, offset=2, limit=4)["next_offset"] > 2


def test_an_agent_that_has_shown_nothing_yet_has_empty_output(
    settings: Settings, agent: AgentView
) -> None:
    empty = {"text": "", "next_offset": 0, "complete": False}
    assert read_output(settings, agent, offset=0, limit=100) == empty


def test_output_on_another_machine_is_not_here(settings: Settings, agent: AgentView) -> None:
    with pytest.raises(Conflict, match="host there"):
        read_output(settings, replace(agent, host="there"), offset=0, limit=100)
