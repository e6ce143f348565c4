"""An agent in a sandbox reaches its own work and nothing else, and works as without one."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from hephaestus_core.agents.views import AgentView
from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_worker import process
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.agents.starting import start_agent
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.terminal import enclosures
from hephaestus_worker.terminal.enclosures import Enclosure
from tests.integration.host.conftest import Host
from tests.waiting import wait_until

#: Each succeeds only where an agent reaches more than its own, and then its name is noted.
ATTACKS = {
    "secrets": "cat {home}/secrets/admin.token",
    "another agent's folder": "cat {other_folder}/launch.sh",
    "another agent's worktree": "ls {other_worktree}/README.md",
    "another agent's repository": "cat {other_repository}/config",
    "the mirror": "cat {mirror}/config",
    "the mirror's objects": "touch {mirror}/objects/planted",
    "the origin": "cat {origin}/README.md",
    "the person's home": "cat {person}/.ssh/id_ed25519",
    "tmux": "tmux -S {tmux} list-sessions",
    "sockets of services": '[ -n "$(ls -A /run)" ]',
    "another's file in /tmp": "cat {shared}",
    "the worker's memory": "cat /proc/{worker}/environ",
    "the worker": "kill -0 {worker}",
    "privileges": "grep -q '^NoNewPrivs:.*0' /proc/self/status",
    "the log of its own output": "truncate -s 0 {pane_log}",
    "the script that started it": "sh -c 'echo >> {script}'",
}  # fmt: skip


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the person who runs the worker, with a key in it."""
    home = tmp_path / "person"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_ed25519").write_text("a key")
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture
def shared() -> Iterator[Path]:
    file = Path("/var/tmp", f"hephaestus-test-{os.getpid()}")
    file.write_text("another's")
    yield file
    file.unlink()


def started(worker: Machine, host: Host, *steps: str) -> AgentView:
    agent = host.claim(*steps)
    start_agent(worker, agent.id)
    return host.agent(agent.id)


def attacked(host: Host, enclosure: Enclosure, person: Path, shared: Path) -> set[str]:
    """Return the names of the attacks that succeed in this enclosure."""
    worker = replace(host.worker(), enclosure=enclosure)
    secrets = host.settings.home / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "admin.token").write_text("secret")
    other = started(worker, host, "run: touch up", "hang")
    host.wait_for_file(other.id, "up")
    agent = started(worker, host, "run: until [ -e attack ]; do sleep 0.05; done", "run: sh attack")
    [mirror] = worker.folders.mirrors.glob("*.git")
    sockets = Path(os.environ.get("TMUX_TMPDIR", "/tmp"), f"tmux-{os.getuid()}")
    other_worktree = host.worktree(other.id)
    places = {
        "home": host.settings.home,
        "other_folder": worker.folders.agent(other.id),
        "other_worktree": other_worktree,
        "other_repository": other_worktree.with_name(f".{other_worktree.name}.git"),
        "mirror": mirror,
        "origin": host.origin.path,
        "person": person,
        "tmux": sockets / worker.tmux.socket_name,
        "shared": shared,
        "worker": os.getpid(),
        "pane_log": worker.folders.agent(agent.id) / "pane.log",
        "script": worker.folders.agent(agent.id) / "launch.sh",
    }
    lines = [
        f'if {command.format(**places)} > /dev/null 2>&1; then echo "{name}" >> got; fi'
        for name, command in ATTACKS.items()
    ]
    plan = host.worktree(agent.id) / "attack.new"
    plan.write_text("\n".join(["touch got", *lines, "touch over"]))
    plan.rename(plan.with_name("attack"))
    host.wait_for_file(agent.id, "over")
    return set((host.worktree(agent.id) / "got").read_text().splitlines())


def test_an_agent_in_a_sandbox_reaches_nothing_of_others(
    host: Host, person: Path, shared: Path
) -> None:
    assert attacked(host, enclosures.bubblewrap(), person, shared) == set()


def test_the_attacks_succeed_without_any_enclosure(host: Host, person: Path, shared: Path) -> None:
    assert attacked(host, enclosures.environment(), person, shared) == set(ATTACKS)


def test_an_agent_in_a_sandbox_commits_and_its_work_is_saved(host: Host) -> None:
    worker = replace(host.worker(), enclosure=enclosures.bubblewrap())
    agent = started(
        worker,
        host,
        "write: {path: made, content: made}",
        "run: git add made && git commit --quiet --message=made && git log --oneline > log",
        "crash: {exit: 7}",
    )
    wait_until(lambda: worker.tmux.sessions()[f"agent-{agent.id}"].dead, timeout=20, what="its end")
    finish_agent(worker, UUID(str(agent.id)))
    assert host.origin.show(agent.branch, "made") == "made"
    assert len(host.origin.show(agent.branch, "log").splitlines()) == 2
    assert host.agent(agent.id).exit_code == 7
    host.assert_released(agent.id)


def test_what_a_setting_names_is_reached_too(host: Host, person: Path) -> None:
    cache, tools = person / "cache", person / "tools"
    cache.mkdir()
    tools.mkdir()
    (tools / "version").write_text("7")
    settings = replace(host.settings, agent_readable=(tools,), agent_writable=(cache,))
    worker = replace(host.worker(), settings=settings, enclosure=enclosures.bubblewrap())
    steps = f"run: cp {tools}/version {cache}/; touch {tools}/planted; touch over"
    agent = started(worker, host, steps, "hang")
    host.wait_for_file(agent.id, "over")
    assert (cache / "version").read_text() == "7"
    assert not (tools / "planted").exists()


def test_the_stack_in_a_folder_that_may_be_read_stays_hidden(host: Host, person: Path) -> None:
    home = host.settings.home
    (home / "secrets").mkdir(parents=True)
    settings = replace(host.settings, agent_readable=(home.parent,))
    worker = replace(host.worker(), settings=settings, enclosure=enclosures.bubblewrap())
    (home.parent / "free").touch()
    looks = f"run: ls {home.parent} {person}/.ssh {home} {home}/host > seen; echo over >> seen"
    agent = started(worker, host, looks, "hang")
    host.wait_for_file(agent.id, "seen")
    listed = host.worktree(agent.id) / "seen"
    wait_until(lambda: "over" in listed.read_text(), what="the list is whole")
    seen = listed.read_text().split()
    assert {"free", "host", "worktrees"} <= set(seen)
    assert not {"id_ed25519", "secrets", "logins"} & set(seen)


def test_files_are_stored_by_the_filters_of_the_person(host: Host, person: Path) -> None:
    (person / ".gitconfig").write_text(
        '[filter "up"]\n\tclean = tr a-z A-Z\n[user]\n\tname = A \\"Person\\"\n'
        '[url "https://token@example.org/"]\n\tinsteadOf = example:\n[commit]\n\tgpgSign = true\n'
    )
    worker = replace(host.worker(), enclosure=enclosures.bubblewrap())
    agent = started(
        worker,
        host,
        "write: {path: .gitattributes, content: '*.up filter=up'}",
        "write: {path: made.up, content: made}",
        "run: git add -A && git commit --quiet --message=made && git config --global --list > kept",
        "run: mkdir ~/cache && touch ~/cache/file && chmod 500 ~/cache",
        "crash: {exit: 0}",
    )
    wait_until(lambda: worker.tmux.sessions()[f"agent-{agent.id}"].dead, timeout=20, what="its end")
    own = worker.folders.agent(agent.id) / "own"
    assert (own / "home" / "cache" / "file").exists()
    finish_agent(worker, UUID(str(agent.id)))
    assert host.origin.show(agent.branch, "made.up") == "MADE"
    kept = host.origin.show(agent.branch, "kept").splitlines()
    assert kept == ["filter.up.clean=tr a-z A-Z", 'user.name=A "Person"']
    assert not own.exists()


def test_a_worker_that_must_contain_agents_and_cannot_does_not_start(host: Host) -> None:
    obstacle = "bwrap: not found; install it: apt install bubblewrap"
    weaker = replace(enclosures.subreaper(), obstacle=obstacle)
    settings = replace(host.settings, agent_sandbox="bubblewrap")
    with pytest.raises(ConfigurationError, match="apt install bubblewrap"):
        process.check_sandbox(replace(host.worker(), settings=settings, enclosure=weaker))
    process.check_sandbox(replace(host.worker(), enclosure=weaker))
