"""The output of watched agents, as their host streams it: real tmux, real Valkey."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from hephaestus_core.db.engine import Database
from hephaestus_core.messages.service import send
from hephaestus_core.terminals import keyboards, wire
from hephaestus_worker.agents.mail import deliver_messages
from hephaestus_worker.broker import streams_of
from tests.terminals import Pane, pane
from tests.waiting import wait_until


@pytest.fixture
def watched(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Pane]:
    database = Database(database_url)
    with pane(database, redis_url, tmp_path / "home") as made:
        yield made
    database.close()


def chunks(redis_url: str, pane: Pane) -> list[wire.Chunk]:
    with streams_of(redis_url) as client:
        entries = client.xrange(wire.output_key(pane.agent.id))
    return [wire.Chunk.unpacked(entry) for _, entry in entries]


def order(redis_url: str, pane: Pane, agent_id: object = None) -> None:
    with streams_of(redis_url) as client:
        entry = {"agent": str(agent_id or pane.agent.id)}
        client.xadd(wire.orders_key(pane.machine.name), entry)


def test_a_watched_agents_output_is_streamed_whole_until_its_end(
    redis_url: str, watched: Pane
) -> None:
    watched.run(
        "echo before; read go; i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo → $i; done; read x"
    )
    watched.wait_for_log(b"before")
    watched.streaming.start()
    assert chunks(redis_url, watched) == []  # nobody watches

    def is_followed() -> bool:
        order(redis_url, watched)
        return bool(chunks(redis_url, watched))

    wait_until(is_followed, timeout=20, what="the host says that it is there")
    start = chunks(redis_url, watched)[0].offset
    watched.machine.tmux.send_keys(watched.session, "Enter")
    watched.wait_for_log("→ 300".encode())
    watched.engine.end(watched.agent)
    wait_until(lambda: chunks(redis_url, watched)[-1].ended, timeout=20, what="the end is told")

    found = chunks(redis_url, watched)
    assert b"".join(c.data for c in found) == watched.log.read_bytes()[start:]
    assert [c.offset for c in found[1:]] == [c.end for c in found[:-1]]
    assert all(c.data.decode() is not None for c in found)  # whole characters


def test_a_flood_is_streamed_near_its_end_with_a_gap_to_be_seen(
    redis_url: str, watched: Pane
) -> None:
    watched.log.parent.mkdir(parents=True)
    watched.log.write_bytes(b"")
    order(redis_url, watched)
    watched.streaming.look()  # orders from before its start do not count
    order(redis_url, watched)
    watched.streaming.look()
    watched.log.write_bytes(b"x" * 3_000_000)
    watched.streaming.look()
    newest = chunks(redis_url, watched)[-1]
    assert newest.end == 3_000_000
    assert len(newest.data) == wire.CHUNK_BYTES


def test_the_size_of_a_terminal_is_told_and_strange_orders_are_left_out(
    redis_url: str, watched: Pane
) -> None:
    watched.run("read x")
    watched.streaming.start()

    def is_told() -> bool:
        order(redis_url, watched)
        order(redis_url, watched, "../../etc/passwd")
        found = chunks(redis_url, watched)
        return bool(found) and (found[-1].columns, found[-1].rows) == (wire.COLUMNS, wire.ROWS)

    wait_until(is_told, timeout=20, what="its size is told")
    resized = ["resize-window", "-t", watched.session, "-x", "100", "-y", "30"]
    watched.machine.tmux._run(resized)
    wait_until(
        lambda: (
            (chunks(redis_url, watched)[-1].columns, chunks(redis_url, watched)[-1].rows)
            == (100, 30)
        ),
        timeout=20,
        what="the new size is told",
    )


def test_keys_are_pressed_for_those_who_have_the_keyboard_alone(
    redis_url: str, watched: Pane
) -> None:
    watched.run("stty raw -echo; echo ready; exec cat -v")
    watched.wait_for_log(b"ready")
    watched.streaming.start()
    hold = keyboards.take(watched.machine.db, watched.agent.id, by="ada")

    def press(keys: bytes, **other: object) -> None:
        entry = {"agent": str(hold.agent_id), "hold": str(hold.id), "fence": hold.fence}
        with streams_of(redis_url) as client:
            client.xadd(wire.orders_key("a"), entry | {"keys": keys} | other)

    def is_typed() -> bool:
        press(b"\x1b[A\x03; ok;")  # orders from before the start do not count
        return b"^[[A^C; ok;" in watched.log.read_bytes()

    wait_until(is_typed, timeout=20, what="arrow, Ctrl-C and text arrive as they were typed")
    press(b"wrong", hold=str(uuid4()))
    press(b"wrong", fence=hold.fence + 1)
    press(b"wrong" * wire.KEYS_BYTES)
    press(b"right")
    watched.wait_for_log(b"right")
    assert b"wrong" not in watched.log.read_bytes()


def test_messages_wait_while_a_person_types(watched: Pane) -> None:
    watched.run("exec cat")
    agent_id, db = watched.agent.id, watched.machine.db
    hold = keyboards.take(db, agent_id, by="ada")
    send(db, agent_id, "Use tabs.", sender="bob")
    deliver_messages(watched.machine, agent_id)
    assert b"Use tabs." not in watched.log.read_bytes()
    keyboards.release(db, hold)
    deliver_messages(watched.machine, agent_id)
    watched.wait_for_log(b"Use tabs.")
