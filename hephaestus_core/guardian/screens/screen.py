"""The reading of a screen, and shapes that programs share."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_BOTTOM: Final = 30
_LONGEST: Final = 100_000
_CHOICE: Final = re.compile(r"^[ │┃|]{0,8}(?P<cursor>[❯›>●] )?\s{0,4}\d{1,2}[.)] \S")
_TIMES: Final = re.compile(
    r"\((?:(?P<hours>\d{1,4})h )?(?:(?P<minutes>\d{1,4})m )?(?P<seconds>\d{1,6})s\b"
)


class State(StrEnum):
    """What the program shows at its own place."""

    BUSY = "busy"
    IDLE = "idle"
    ASKS = "asks"
    EMPTY = "empty"
    """It is up, and has no prompt or has not begun with it."""


@dataclass(frozen=True)
class Screen:
    """The reading of one screen; ``state`` is None if it does not show one."""

    state: State | None = None
    dialog: tuple[str, ...] = ()
    error: str = ""
    """The program's own error: that ended its turn, or after which it tries again."""
    weak: bool = False
    """The agent could have printed the error, so it counts only if no calls go on."""
    retries: bool = False
    """It tries again by itself."""
    command: str = ""
    """The line of a command that has no result yet."""
    background: str = ""
    """The program's own line about commands that run in the background."""
    command_seconds: int | None = None
    """For how long the program says that it runs."""
    timer: int | None = None
    """Seconds on the program's own clock."""
    said: str = ""
    """The conversation without what moves by itself: spinners, clocks, tips."""
    streamed: str = ""
    """The program's count of what the model has sent."""
    bare: bool = False
    """Nothing stands after the prompt."""
    queued: bool = False
    """It shows a message that it has not read."""
    mcp_failed: bool = False


def bottom(text: str) -> list[str]:
    """Return the lines of a screen, without empty ones at its end."""
    return text[-_LONGEST:].replace("\xa0", " ").rstrip().splitlines()


def choices(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the lines of a list of choices with a cursor at the bottom; () if there is none."""
    end = [line for line in lines if line.strip()][-_BOTTOM:]
    found = [_CHOICE.match(line) for line in end]
    if sum(1 for match in found if match) < 2 or not any(  # noqa: PLR2004 - one is no choice
        match and match["cursor"] for match in found
    ):
        return ()
    return tuple(line.strip() for line in end)


def seconds(line: str) -> int | None:
    """Return the time in ``(1m 12s`` of a line; None without one."""
    match = _TIMES.search(line[:400])
    if match is None:
        return None
    hours, minutes = int(match["hours"] or 0), int(match["minutes"] or 0)
    return hours * 3600 + minutes * 60 + int(match["seconds"])


def paragraph(lines: Sequence[str], start: int) -> str:
    """Return a paragraph from its first line to the next empty one, on one line, bounded."""
    kept = []
    for line in lines[start : start + 8]:
        if not line.strip():
            break
        kept.append(line.strip())
    return " ".join(kept)[:600]
