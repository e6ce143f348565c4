from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import cast
from uuid import uuid4

import pytest
import redis

from hephaestus_core.terminals import wire
from hephaestus_web.live.terminals import WATCHED_AT_ONCE, WINDOW_BYTES, Terminals, _Viewer
from hephaestus_web.pages.terminals import as_text


def chunks(number: int, start: int = 0) -> list[wire.Chunk]:
    size = wire.CHUNK_BYTES
    return [wire.Chunk(start + i * size, b"x" * size) for i in range(number)]


def test_a_client_that_shows_nothing_is_sent_no_more_than_its_window() -> None:
    viewer = _Viewer("a")
    sent = [chunk for chunk in chunks(50, start=10**9) if viewer.may_get(chunk)]
    assert WINDOW_BYTES <= sum(len(chunk.data) for chunk in sent) <= 2 * WINDOW_BYTES
    viewer.shown = sent[-1].end
    assert viewer.may_get(chunks(1, start=10**9 + 10**7)[0])


def test_the_end_is_told_to_a_client_that_shows_nothing() -> None:
    viewer = _Viewer("a")
    assert not all(viewer.may_get(chunk) for chunk in chunks(50))
    assert viewer.may_get(wire.Chunk(10**9, b"", ended=True))


def test_a_client_watches_a_few_terminals_at_once() -> None:
    terminals, agents = Terminals(None), [uuid4() for _ in range(WATCHED_AT_ONCE + 1)]
    assert [terminals.watch("one", each, "a") for each in agents] == [True] * WATCHED_AT_ONCE + [
        False
    ]
    assert terminals.watch("one", agents[0], "a")
    assert terminals.watch("another", agents[-1], "a")
    terminals.leave("one")
    assert terminals.watch("one", agents[-1], "a")


ENTRY = {k.encode(): str(v).encode() for k, v in wire.Chunk(7, b"").packed().items()} | {
    b"data": "→".encode()
}


def test_a_chunk_is_read_as_it_was_written() -> None:
    assert wire.Chunk.unpacked(ENTRY) == wire.Chunk(7, "→".encode())


@pytest.mark.parametrize(
    "change",
    [
        {b"offset": b"-1"},
        {b"offset": b"x"},
        {b"columns": b"100000"},
        {b"rows": b"0"},
        {b"data": b"x" * (wire.CHUNK_BYTES + 1)},
    ],
)
def test_what_is_no_chunk_is_refused(change: dict[bytes, bytes]) -> None:
    with pytest.raises(ValueError, match="."):
        wire.Chunk.unpacked(ENTRY | change)
    with pytest.raises(ValueError, match="missing"):
        wire.Chunk.unpacked({b"offset": b"1"})


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        (b"half a line\nwhole", b"whole"),
        (b"31mred\x1b[0m plain", b"\x1b[0m plain"),
        (b"nothing to begin with", b"nothing to begin with"),
        (b"", b""),
    ],
)
def test_a_terminal_is_shown_from_a_line_or_a_control_sequence(data: bytes, kept: bytes) -> None:
    assert wire.from_a_line(data) == kept


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("\x1b[1;31mred\x1b[0m\r\n", "red\n"),
        ("10%\r50%\rdone\r\n", "done\n"),
        ("\x1b]0;title\x07shown \x1b(B\x1b=end", "shown end"),
        ("bell\x07 \x1b[", "bell "),
        ("\x1b]never ended", ""),
    ],
)
def test_output_is_read_as_text(output: str, text: str) -> None:
    assert as_text(output) == text


def test_reading_as_text_takes_no_longer_for_strange_output() -> None:
    for strange in ("\x1b[" * 100_000, "\x1b]" * 100_000, "\x1b " * 100_000, "\r" * 300_000):
        as_text(strange)


class Streams:
    """The streams of a Redis server, as far as a look needs them."""

    def __init__(self, entries: dict[bytes, list[tuple[bytes, dict[bytes, bytes]]]]) -> None:
        self.entries = entries
        self.asked: list[dict[bytes, bytes]] = []
        self.during_a_read: Callable[[], None] = lambda: None

    def pipeline(self, **_: object) -> AbstractContextManager["Streams"]:
        return nullcontext(self)

    def xadd(self, *_: object, **__: object) -> None: ...
    def expire(self, *_: object) -> None: ...
    def execute(self) -> None: ...

    def xrevrange(self, key: str, **_: object) -> list[tuple[bytes, dict[bytes, bytes]]]:
        return self.entries[key.encode()][-1:]

    def xread(self, known: dict[bytes, bytes], **_: object) -> list[object]:
        self.asked.append(known)
        self.during_a_read()
        return [(key, self.entries[key]) for key in known]


def test_nothing_is_remembered_of_a_terminal_whose_last_client_left_during_a_read() -> None:
    agent = uuid4()
    key = wire.output_key(agent).encode()
    streams = Streams({key: [(b"1-0", ENTRY)]})
    terminals = Terminals(cast("redis.Redis", streams))
    terminals.watch("one", agent, "a")
    streams.during_a_read = lambda: terminals.leave("one")
    terminals._look()
    assert terminals._read_to == {}

    streams.entries[key].append((b"2-0", ENTRY))
    terminals.watch("another", agent, "a")
    terminals._look()
    assert streams.asked[-1] == {key: b"2-0"}, "it sees what comes from now on"
