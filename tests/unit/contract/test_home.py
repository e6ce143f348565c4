"""The layout of the home folder is known in one place."""

import re
from pathlib import Path
from uuid import uuid4

import pytest

import hephaestus_core
from hephaestus_core.contract.home import HomeLayout, agent_of_session, session_name

SOURCE = Path(hephaestus_core.__file__).parents[1]
#: A path below a home, or the beginning of a session's name, written by hand.
BY_HAND = re.compile(
    r"""settings\.home\)?\s/\s["']|/\s["'](?:run|secrets|host|worktrees|mirrors|agents)["']"""
    r"""|["']agent-["'{]|removeprefix\(["']agent-"""
)


@pytest.mark.parametrize(
    "package", ["hephaestus_core", "hephaestus_sdk", "hephaestus_web", "hephaestus_worker"]
)
def test_nobody_else_knows_the_layout(package: str) -> None:
    knowing = {
        str(path.relative_to(SOURCE))
        for path in (SOURCE / package).rglob("*.py")
        if "scripted_agent" not in path.parts and BY_HAND.search(path.read_text())
    }
    assert knowing <= {"hephaestus_core/contract/home.py"}


def test_a_sessions_name_says_whose_it_is() -> None:
    agent_id = uuid4()
    assert agent_of_session(session_name(agent_id)) == str(agent_id)
    assert agent_of_session("somebody-elses") is None


def test_two_homes_share_neither_files_nor_terminals(tmp_path: Path) -> None:
    one, other = HomeLayout(tmp_path / "one"), HomeLayout(tmp_path / "other")
    assert one.tmux_socket != other.tmux_socket
    assert one.agent(uuid4()).is_relative_to(one.agents)
    assert not one.admin_token.is_relative_to(other.root)
