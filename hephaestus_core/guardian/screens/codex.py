"""The screen of Codex: an input line near the bottom, the line of work above it."""

import re
from typing import Final

from hephaestus_core.guardian.screens.screen import (
    Screen,
    State,
    bottom,
    choices,
    paragraph,
    seconds,
)

_INPUT: Final = "›"
_CHOICE: Final = re.compile(r"^› \d{1,2}\.")
_BUSY: Final = re.compile(r"^[•◦] .{0,400}esc to interrupt\)")
_RETRIES: Final = re.compile(r"^[•◦] (?:Reconnecting|Retrying|Stream error|Server is busy)")
_RUNNING: Final = re.compile(r"^[•◦] (?:Running|Waiting for background terminal|Waited for)\b")
_BACKGROUND: Final = re.compile(r"\b\d{1,3} background terminals? running")
_SAID: Final = re.compile(r"^(?:[•◦■✔✗⚠] |  Worked for |─ Worked for )")
_ANSWERS: Final = re.compile(r"^(?:• (?!Starting|MCP|Tip)|─ Worked for | {2}Worked for )")
_INTERRUPTED: Final = "■ Conversation interrupted"
_DIALOGS: Final = (
    *("Choose how you want to use Codex", "Sign in with ChatGPT", "Trust this folder?"),
    *("Do you trust the contents of this directory", "Press enter to confirm or esc to"),
    "Press enter to continue",
)


def read(text: str) -> Screen:
    """Read the screen."""
    lines = bottom(text)
    at = next((n for n in reversed(range(len(lines))) if lines[n].startswith(_INPUT)), None)
    if at is None or _CHOICE.match(lines[at]):
        return _without_input(lines)
    said, below = lines[:at], lines[at + 1 :]
    recent = _since_prompt(said)
    work = next((line for line in reversed(recent) if _BUSY.match(line)), "")
    busy = work if _is_last(recent, work) else ""
    frame = [*recent[-6:], *below[-3:]]
    waits = next((line for line in frame if _BACKGROUND.search(line[:400]) and _own(line)), "")
    return Screen(
        State.BUSY if busy else _still(said, recent),
        error=_error(recent, busy),
        retries=bool(_RETRIES.match(busy)),
        command=_command(recent, busy),
        background=waits.strip(),
        timer=seconds(busy) if busy else None,
        bare=not any(_SAID.match(line) and not _BUSY.match(line) for line in recent),
        said="\n".join(line for line in said if not _moves(line)),
        queued=any(line.startswith("• Messages to be submitted") for line in recent[-20:]),
    )


def _own(line: str) -> bool:
    """Whether the program drew the line: the output of a command is further to the right."""
    return bool(_BUSY.match(line)) or bool(_BACKGROUND.match(line.strip()[:60]))


def _is_last(recent: list[str], work: str) -> bool:
    """Whether only tips and queued messages follow the line of work."""
    if not work:
        return False
    after = recent[len(recent) - recent[::-1].index(work) :]
    return all(
        not _SAID.match(line) or line.startswith("• Messages to be submitted") for line in after
    )


def _without_input(lines: list[str]) -> Screen:
    dialog = choices(lines)
    shown = "\n".join(lines[-40:])
    if dialog or any(sign in shown for sign in _DIALOGS):
        return Screen(State.ASKS, dialog or tuple(line.strip() for line in lines[-12:] if line))
    start = next((n for n, line in enumerate(lines) if line.startswith("Error: ")), None)
    error = paragraph(lines, start) if start is not None else ""
    return Screen(error=error, said=shown)


def _still(said: list[str], recent: list[str]) -> State:
    # The prompt of a long conversation has scrolled away.
    prompted = any(line.startswith(_INPUT) or _ANSWERS.match(line) for line in said)
    return State.IDLE if prompted and any(map(_SAID.match, recent)) else State.EMPTY


def _since_prompt(said: list[str]) -> list[str]:
    prompts = [n for n, line in enumerate(said) if line.startswith(_INPUT)]
    return said[prompts[-1] + 1 :] if prompts else said


def _error(recent: list[str], busy: str) -> str:
    if busy:
        if not _RETRIES.match(busy):
            return ""
        return paragraph(recent, len(recent) - 1 - recent[::-1].index(busy))
    marks = [n for n, line in enumerate(recent) if _SAID.match(line) and not line.startswith(" ")]
    if not marks or not recent[marks[-1]].startswith("■ "):
        return ""
    found = paragraph(recent, marks[-1])
    return "" if found.startswith(_INTERRUPTED) else found


def _command(recent: list[str], busy: str) -> str:
    if not busy:
        return ""
    if _BACKGROUND.search(busy[:400]):
        return busy.strip()
    running = [line for line in recent if _SAID.match(line) and not _BUSY.match(line)]
    return running[-1].strip() if running and _RUNNING.match(running[-1]) else ""


def _moves(line: str) -> bool:
    return bool(_BUSY.match(line)) or line.startswith("  └ Tip:")
