"""Live terminals: what web processes and hosts tell each other through Redis.

A web process orders an agent's output from the agent's host, again and again while somebody looks
on. The host appends it to a stream in chunks with byte offsets, so readers see what they have
missed, and read that from the log. Lists show the ends of screens instead, which are ordered in the
same way; the host keeps the newest one of each in a key. All of it may be lost at any moment, and
anybody with access to Redis may have written it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from hephaestus_core.bells import BROKER_KEY_PREFIX

#: Size of a new agent's terminal.
COLUMNS: Final = 140
ROWS: Final = 45
#: Sizes that a terminal may have.
_MOST_CELLS: Final = 1000
#: Most bytes of a chunk.
CHUNK_BYTES: Final = 32 * 1024
#: Chunks that a stream keeps.
STREAM_CHUNKS: Final = 64
#: Orders that a host's stream keeps.
STREAM_ORDERS: Final = 1000
#: Seconds after which Redis drops a stream that nobody writes to.
STREAM_SECONDS: Final = 60
#: Seconds between two orders of the same output.
RENEWAL_SECONDS: Final = 5.0
#: Seconds after the last order for which a host goes on.
WATCH_SECONDS: Final = 15.0
#: Seconds between two chunks of a silent agent, which say that the host is there.
SIGN_OF_LIFE_SECONDS: Final = 2.0
#: Seconds between two looks at the screens of one list.
SCREEN_SECONDS: Final = 1.0
#: Lines at the end of a screen that a list shows, and most characters with all sequences.
SCREEN_LINES: Final = 6
SCREEN_CHARACTERS: Final = 6000
#: Screens that one client may have in view.
SCREENS_AT_ONCE: Final = 40
#: Most bytes of keys in one order.
KEYS_BYTES: Final = 8192

#: Most bytes of one character in UTF-8, less the first.
_CONTINUATION_BYTES: Final = 3


@dataclass(frozen=True)
class Chunk:
    """A part of an agent's output."""

    offset: int
    """Position of ``data`` in the whole output, in bytes."""
    data: bytes
    """Whole characters; empty as a sign of life."""
    columns: int = COLUMNS
    rows: int = ROWS
    ended: bool = False
    """The agent has ended: nothing follows."""

    @property
    def end(self) -> int:
        """Position after ``data`` in the whole output, in bytes."""
        return self.offset + len(self.data)

    def packed(self) -> dict[str, bytes | int]:
        """Return the entry of the stream."""
        return {
            "offset": self.offset,
            "data": self.data,
            "columns": self.columns,
            "rows": self.rows,
            "ended": int(self.ended),
        }

    @classmethod
    def unpacked(cls, entry: Mapping[bytes, bytes]) -> "Chunk":
        """Read an entry of a stream.

        Raises:
            ValueError: it is none of ours.
        """
        try:
            offset, columns, rows = (int(entry[key]) for key in (b"offset", b"columns", b"rows"))
            chunk = cls(offset, entry[b"data"], columns, rows, ended=entry[b"ended"] == b"1")
        except KeyError as error:
            raise ValueError(f"{error} is missing") from error
        sizes = chunk.columns, chunk.rows
        if offset < 0 or len(chunk.data) > CHUNK_BYTES or not all(_is_size(n) for n in sizes):
            raise ValueError("a number is out of bounds")
        return chunk


def output_key(agent_id: UUID) -> str:
    """Return the key of the stream of an agent's output."""
    return f"{BROKER_KEY_PREFIX}terminal:agent:{agent_id}"


def screen_key(agent_id: UUID) -> str:
    """Return the key of the end of an agent's screen."""
    return f"{BROKER_KEY_PREFIX}terminal:screen:{agent_id}"


def orders_key(host: str) -> str:
    """Return the key of the stream of orders to a host."""
    return f"{BROKER_KEY_PREFIX}terminal:host:{host}"


def whole_characters(data: bytes) -> bytes:
    """Remove an incomplete UTF-8 sequence at the end."""
    for back in range(1, min(_CONTINUATION_BYTES, len(data)) + 1):
        lead = data[-back]
        if lead & 0xC0 == 0x80:  # noqa: PLR2004 - a continuation byte
            continue
        length = 4 if lead >= 0xF0 else 3 if lead >= 0xE0 else 2 if lead >= 0xC0 else 1  # noqa: PLR2004
        return data[:-back] if length > back and len(data) > back else data
    return data


def from_a_line(data: bytes, *, within: int = 4096) -> bytes:
    """Remove what comes before the first line or control sequence that begins soon.

    A terminal that is shown from there on shows no half of either.
    """
    start = data.find(b"\n", 0, within) + 1 or max(data.find(b"\x1b", 0, within), 0)
    return data[start:]


def _is_size(number: int) -> bool:
    return 1 <= number <= _MOST_CELLS
