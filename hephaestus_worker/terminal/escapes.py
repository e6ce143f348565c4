"""Screens with the escape sequences of their colours, as tmux tells them: pure functions."""

import re
from typing import Final

#: Lines of a screen that people are shown, and characters with all sequences.
_MOST_LINES: Final = 50
_MOST: Final = 24_000
_LONGEST_LINE: Final = 200

_COLOURS: Final = re.compile(r"\x1b\[[0-9;:]*m")
#: Colours, links, and the switch to the character set of lines.
_SEQUENCES: Final = re.compile(r"\x1b\[[0-9;:]*m|\x1b\]8;[^\x1b\x07]*(?:\x1b\\|\x07)|[\x0e\x0f]")
_RESETS: Final = ("\x1b[0m", "\x1b[m")


def without_escapes(screen: str) -> str:
    """Return the same as tmux tells without colours."""
    return "\n".join(line.rstrip(" ") for line in _SEQUENCES.sub("", screen).split("\n"))


def last_lines(screen: str, most_lines: int = _MOST_LINES, most: int = _MOST) -> str:
    """Return the last lines of a screen, with the colours in force where they begin.

    Args:
        screen: the screen as tmux tells it with colours.
        most_lines: lines of the answer.
        most: characters of these lines.
    """
    lines = screen.rstrip().split("\n")
    first = max(0, len(lines) - most_lines)
    size = sum(len(line) + 1 for line in lines[first:])
    while size > most and first < len(lines):
        size -= len(lines[first]) + 1
        first += 1
    return _in_force("\n".join(lines[:first])) + "\n".join(lines[first:])


def last_saying(screen: str) -> str | None:
    """Return the last line with at least three letters or digits; None: there is none."""
    for line in reversed(screen.split("\n")):
        if sum(character.isalnum() for character in line[:_LONGEST_LINE]) >= 3:  # noqa: PLR2004
            shown = (character if character.isprintable() else " " for character in line)
            return "".join(shown).strip()[:_LONGEST_LINE]
    return None


def _in_force(before: str) -> str:
    """Return the colours that are still in force after a text."""
    reset = max(before.rfind(each) for each in _RESETS)
    return "".join(_COLOURS.findall(before, max(0, reset))[-20:])
