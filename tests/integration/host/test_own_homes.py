"""The home of an agent in a sandbox: it lasts from the set-up to the agent's end."""

from dataclasses import replace
from pathlib import Path

import pytest

from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.host.own_homes import keep_home, make_home
from hephaestus_worker.terminal import enclosures
from hephaestus_worker.terminal.sandbox import Reach, own_home, own_tmp
from tests.integration.host.conftest import Host
from tests.waiting import wait_until


def test_an_agent_finds_in_its_home_what_the_set_up_has_installed(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside, person = tmp_path / "outside", tmp_path / "person"
    (person / ".local/share/mise").mkdir(parents=True)
    outside.mkdir()
    monkeypatch.setenv("HOME", str(person))
    # To the first process of a sandbox, the machine's files are in /oldroot.
    leads_out = f"mv ~/.local ~/moved; ln -s /oldroot{outside} ~/.local"
    order = LaunchOrder(
        definition_id=host.engine.define(),
        repository=str(host.origin.path),
        setup_command=f"mkdir -p ~/.cache; echo 7 > ~/.cache/tool; touch /tmp/left; {leads_out}",
    )
    host.engine.workflow_id = lifecycle.start_workflow(host.engine.db, order).id
    worker = replace(host.worker(), enclosure=enclosures.bubblewrap())
    agent = host.claim("run: cat ~/.cache/tool > seen; ls /tmp >> seen; touch over", "hang")
    start_agent(worker, agent.id)
    wait_until(lambda: not worker.long_work.runs(agent.id), what="set-up has ended")
    start_agent(worker, agent.id)

    host.wait_for_file(agent.id, "over")
    seen = (host.worktree(agent.id) / "seen").read_text().split()
    assert seen[0] == "7"
    assert "left" not in seen
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("moved", ["own", "own/home"])
def test_a_home_that_an_agent_has_replaced_by_a_link_is_made_anew(
    tmp_path: Path, moved: str
) -> None:
    reach = Reach(own=tmp_path / "own", home=Path("/home/person"), working_directory=Path("/"))
    make_home(reach)
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / moved).rename(elsewhere)
    (tmp_path / moved).symlink_to(elsewhere)
    (elsewhere / "theirs").touch()

    keep_home(reach)

    assert own_home(reach.own).resolve() == own_home(reach.own)
    assert own_tmp(reach.own).is_dir()
    assert (elsewhere / "theirs").exists()


def test_of_a_kept_home_nothing_is_in_the_way_of_the_next_start(tmp_path: Path) -> None:
    home, tools = tmp_path / "person", tmp_path / "person/.nvm/versions"
    tools.mkdir(parents=True)
    (home / ".npmrc").touch()
    reach = Reach(
        own=tmp_path / "own",
        home=home,
        working_directory=Path("/"),
        readable=(tools, home / ".npmrc"),
    )
    make_home(reach)
    own = own_home(reach.own)
    (own / ".nvm").touch()
    (own / ".npmrc").mkdir()
    (own / "made").mkdir()

    keep_home(reach)

    assert sorted(path.name for path in own.iterdir()) == [".gitconfig", "made"]
