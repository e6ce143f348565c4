"""The ends of screens that somebody has in view: real tmux, real Valkey."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hephaestus_core.contract.errors import NotFound
from hephaestus_core.db.engine import Database
from hephaestus_core.terminals import wire
from hephaestus_worker.agents.screens import Screens
from hephaestus_worker.broker import streams_of
from tests.terminals import Pane, pane
from tests.waiting import wait_until


@pytest.fixture
def shown(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Pane]:
    database = Database(database_url)
    with pane(database, redis_url, tmp_path / "home") as made:
        yield made
    database.close()


def screen(redis_url: str, pane: Pane) -> str:
    with streams_of(redis_url) as client:
        return (client.get(wire.screen_key(pane.agent.id)) or b"").decode()


def order(redis_url: str, pane: Pane) -> None:
    with streams_of(redis_url) as client:
        entry = {"agent": str(pane.agent.id), "screen": 1}
        client.xadd(wire.orders_key(pane.machine.name), entry)


def test_a_screen_in_view_is_kept_up_to_date_and_its_output_is_not_streamed(
    redis_url: str, shown: Pane
) -> None:
    shown.run(
        r"for i in 1 2 3 4 5 6 7 8; do echo line $i; done; printf '\033[31mred\033[0m\n';"
        " read x; echo next; read x"
    )
    shown.wait_for_log(b"red")
    shown.streaming.start()

    def is_seen(text: str) -> bool:
        order(redis_url, shown)
        return text in screen(redis_url, shown)

    wait_until(lambda: is_seen("\x1b[31mred"), timeout=20, what="the screen is captured")
    lines = screen(redis_url, shown).split("\n")
    assert len(lines) == wire.SCREEN_LINES
    assert "line 4" in lines[0]
    shown.machine.tmux.send_keys(shown.session, "Enter")
    wait_until(lambda: is_seen("next"), timeout=20, what="what is new is captured")
    with streams_of(redis_url) as client:
        assert not client.exists(wire.output_key(shown.agent.id))


def test_nothing_is_captured_that_is_out_of_view_or_has_not_changed(
    redis_url: str, shown: Pane
) -> None:
    shown.run("echo one; read x")
    shown.wait_for_log(b"one")
    with streams_of(redis_url) as client:
        screens = Screens(shown.machine, client)
        screens.look(100.0)
        assert not client.exists(wire.screen_key(shown.agent.id))
        screens.watch(shown.agent.id)
        now = next(iter(screens._watched.values())).until - wire.WATCH_SECONDS
        screens.look(now)
        assert b"one" in client.get(wire.screen_key(shown.agent.id))
        client.delete(wire.screen_key(shown.agent.id))
        screens.look(now + wire.SCREEN_SECONDS)
        assert not client.exists(wire.screen_key(shown.agent.id)), "it has not changed"
        screens.look(now + wire.WATCH_SECONDS + 1)
        assert not screens, "whoever had it in view has left"


def test_screens_of_many_are_told_apart_whatever_they_show(shown: Pane) -> None:
    tmux, cwd = shown.machine.tmux, shown.machine.folders.agent(shown.agent.id)
    cwd.mkdir(parents=True)
    names = ["one", "two"]
    many = "i=0; while [ $i -lt 99 ]; do i=$((i+1)); echo line $i; done"
    for name in names:
        command = ["sh", "-c", f"echo {name}; echo; read x; {many}; read x"]
        tmux.new_session(name, command=command, cwd=cwd)
    try:
        wait_until(
            lambda: [s.strip() for s in tmux.screens(names).values()] == names,
            what="each session shows its name",
        )
        with pytest.raises(NotFound):
            tmux.screens([*names, "three"])
        assert tmux.screens([]) == {}
        for name in names:
            tmux.paste(name, "go on")
        wait_until(
            lambda: all("line 99" in s for s in tmux.screens(names).values()),
            what="each session shows more than a screen",
        )
        assert tmux.screens(names, 200) == {
            name: tmux.capture(name, colours=True) for name in names
        }
        assert all("line 2\n" in s for s in tmux.screens(names, 200).values())
    finally:
        for name in names:
            tmux.kill_session(name)
