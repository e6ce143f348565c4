"""The screen of Claude Code: input line between two rules, footer below, spinner above."""

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

_RULE: Final = re.compile(r"^─{20,}")
_FRAME: Final = re.compile(r"^(?:╭─{20,}╮|╰─{20,}╯)\s*$")
#: Most lines from the lower edge of that frame on.
_FOOTER: Final = 5
_CHOICE: Final = re.compile(r"^❯ \d{1,2}\.")
_SPINNER: Final = re.compile(r"^[·✢✳✶✻✽*] \S")
_RETRIES: Final = re.compile(r"^[·✢✳✶✻✽*] .{0,400}Retrying in ")
#: In an earlier form: the spinner stands below. The output of a command may look the same.
_RETRIES_BELOW: Final = re.compile(r"^  ⎿  API Error.{0,400}Retrying in \d")
_BULLET: Final = re.compile(r"^(?:[●⏺] |  ⎿ )")
_COMMAND: Final = re.compile(r"^[●⏺ ] \w[\w.: -]{0,60}\(")
_RUNNING: Final = re.compile(
    r"^  ⎿  Running(?:…| in the foreground)|^     \(ctrl\+b |^     (?:… )?\+\d{1,7} lines \(\d"
)
_TOKENS: Final = re.compile(r"\d[\d.,]{0,12}k? tokens")
_SHELLS: Final = re.compile(r"\b\d{1,3} (?:background )?(?:shells?|bash(?:es)?|tasks?)\b")
_BACKGROUND: Final = re.compile(r"\b\d{1,3} (?:background )?(?:shells?|tasks?|bash) still running")
_ERRORS: Final = re.compile(
    r"^(?:API Error|There's an issue with the selected model|Please run /login|Not logged in"
    r"|Invalid API key|OAuth token|Your ANTHROPIC_API_KEY|Your organization|You've (?:hit|reached)"
    r"|You're out of|Your org is|Credit balance|Prompt is too long|Context limit reached"
    r"|Request timed out|Unable to connect|Repeated 529|Authentication error|Claude (?:AI )?usage"
    r"|(?:Error: )?Error during compaction|\w{1,40} is experiencing high load)"
)
_STARTED: Final = ("Unable to connect to Anthropic services", "Failed to connect to")


def read(text: str) -> Screen:
    """Read the screen."""
    lines = _without_frame(bottom(text))
    rules = [number for number, line in enumerate(lines) if _RULE.match(line)]
    if len(rules) < 2 or not _is_input(lines[rules[-2] + 1 : rules[-1]]):  # noqa: PLR2004
        return _without_input(lines, rules)
    above, below = rules[-2:]
    said, footer = lines[:above], "\n".join(lines[below + 1 :])
    box = "\n".join(lines[above + 1 : below])
    if dialog := choices(lines[below + 1 :]):
        return Screen(State.ASKS, dialog)
    return _framed(said, box, footer)


def _without_frame(lines: list[str]) -> list[str]:
    """Return the lines with a frame at the end, as earlier versions draw it, as two rules."""
    found = [number for number, line in enumerate(lines) if _FRAME.match(line)][-2:]
    ends = bool(found) and len(lines) - found[-1] <= _FOOTER
    if not ends or [lines[number][0] for number in found] != ["╭", "╰"]:
        return lines
    top, end = found
    inside = [line.strip().strip("│").removeprefix(" ").rstrip() for line in lines[top + 1 : end]]
    rule = "─" * len(lines[top].strip())
    return [*lines[:top], rule, *inside, rule, *lines[end + 1 :]]


def _is_input(box: list[str]) -> bool:
    return bool(box) and box[0].startswith(("❯", ">")) and not _CHOICE.match(box[0])


def _without_input(lines: list[str], rules: list[int]) -> Screen:
    begins = rules[max(0, len(rules) - 2)] if rules else 0
    if dialog := choices([line for line in lines[begins:] if not _RULE.match(line)]):
        return Screen(State.ASKS, dialog, error=_error(lines))
    return Screen(error=_error(lines), said="\n".join(lines))


def _framed(said: list[str], box: str, footer: str) -> Screen:
    recent = _since_prompt(said)
    queued = "Press up to edit queued messages" in box
    spinner = next((line for line in reversed(recent[-14:]) if _SPINNER.match(line)), "")
    retried = next((line for line in reversed(recent[-14:]) if _RETRIES.match(line)), "")
    below = "" if retried else _retried_below(recent)
    busy = "esc to interrupt" in footer or queued or (bool(spinner) and "…" in spinner)
    shells = _SHELLS.search(footer) or (not busy and _BACKGROUND.search(spinner))
    state = State.BUSY if busy else _still(said, recent, footer)
    return Screen(
        state,
        error=retried or below or ("" if busy else _error(said)),
        weak=bool(below),
        retries=bool(retried or below),
        command=_command(recent) if busy else "",
        background=shells.group() if shells else "",
        command_seconds=_command_seconds(recent) if busy else None,
        timer=seconds(spinner) if busy else None,
        streamed=_streamed(spinner) if busy else "",
        bare=not any(_BULLET.match(line) and "Tip:" not in line for line in recent),
        said="\n".join(line for line in said if not _moves(line)),
        queued=queued,
        mcp_failed="MCP server" in footer and "failed" in footer,
    )


def _retried_below(recent: list[str]) -> str:
    last = next((line for line in reversed(recent) if _BULLET.match(line)), "")
    return last.lstrip(" ⎿") if _RETRIES_BELOW.match(last) else ""


def _still(said: list[str], recent: list[str], footer: str) -> State | None:
    if not footer.strip():
        return None
    # The prompt of a long conversation has scrolled away.
    prompted = any(line.startswith(("❯ ", "> ", "● ", "⏺ ")) for line in said)
    return State.IDLE if any(line.strip() for line in recent) and prompted else State.EMPTY


def _since_prompt(said: list[str]) -> list[str]:
    prompts = [n for n, line in enumerate(said) if line.startswith(("❯ ", "> "))]
    return said[prompts[-1] + 1 :] if prompts else said


def _command(recent: list[str]) -> str:
    """Return the call whose result is not there yet, by the marks below it."""
    for number in range(len(recent) - 1, max(-1, len(recent) - 16), -1):
        if _RUNNING.match(recent[number]):
            calls = [line for line in recent[:number] if _COMMAND.match(line)]
            return (calls[-1] if calls else recent[number]).strip()
        if _BULLET.match(recent[number]) and "Tip:" not in recent[number]:
            break
    return ""


def _command_seconds(recent: list[str]) -> int | None:
    shown = [seconds(line) for line in recent[-12:] if _RUNNING.match(line)]
    return next((time for time in shown if time is not None), None)


def _streamed(spinner: str) -> str:
    found = _TOKENS.search(spinner[:400])
    return found.group() if found else ""


def _error(said: list[str]) -> str:
    """Return the error in the program's last paragraph; "" if it is none."""
    for number in range(len(said) - 1, -1, -1):
        line = said[number]
        if line.startswith(_STARTED):
            return line.strip()
        if line.startswith("❯ ") and not line.startswith("❯ /"):
            return ""
        if _BULLET.match(line) and "Tip:" not in line:
            found = paragraph(said, number).lstrip("●⏺⎿ ")
            return found if _ERRORS.match(found) else ""
    return ""


def _moves(line: str) -> bool:
    return bool(_SPINNER.match(line)) or bool(_RUNNING.match(line)) or line.startswith("  ⎿  Tip:")
