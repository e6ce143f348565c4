"""Pure functions that interpret the text on OpenCode's screen."""

import re
from datetime import datetime, timedelta
from typing import Final

from hephaestus_core.contract.failures import FailureClass
from hephaestus_worker.agent_programs.base import Failure

# The lower edge of a session's input box; on other screens the box is further right.
_EDGE: Final = re.compile(r"^  ╹▀+")
_SIDE: Final = "  ┃"
_BUSY: Final = re.compile(r"\besc (?:again to )?interrupt\b")
_TURN: Final = "     ▣ "
_PASTED: Final = "[Pasted "
_SHOWN_TAIL: Final = 12
_DIALOG: Final = "△ Permission required"
_NO_MODEL: Final = "No provider selected"
_SPINNER: Final = "■⬝ "
_RETRYING: Final = re.compile(r" \[retrying\b(?: in ([^\]]{1,40}))?")
_SPAN: Final = re.compile(r"(\d{1,4}) ?([smhdw])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
# Retries that fail until a person pays or a limit resets.
_QUOTA: Final = re.compile(
    r"exceeded your current quota|usage limit|usage exceeded|insufficient_quota"
    r"|credit balance|out of credits|insufficient (?:balance|credits)",
    re.IGNORECASE,
)


def is_idle(screen: str) -> bool | None:
    """Return whether the program has finished with its prompt and waits for input.

    None if the screen does not show it: during the start, at a dialog, after the end. Only the
    footer shows work reliably: a tool that a kill interrupted seems to run for ever.
    """
    parts = _parts(screen)
    if parts is None:
        return None
    said, _, footer = parts
    if _BUSY.search(footer):
        return False
    # A prompt without output after it has only just been submitted, or not quite yet.
    return True if said and said[-1].startswith(_TURN) else None


def takes_input(screen: str) -> bool:
    """Return whether the screen shows a session's input box; a dialog and the start hide it."""
    return _parts(screen) is not None and _DIALOG not in screen


def shows_input(screen: str, text: str) -> bool:
    """Return whether the input box shows the end of ``text``, or the mark of a long paste."""
    parts = _parts(screen)
    box = parts[1] if parts else ""
    return _PASTED in box or _squeezed(text)[-_SHOWN_TAIL:] in _squeezed(box)


def failure(screen: str, *, now: datetime) -> Failure | None:
    """Return the failure that the screen shows; None during retries that may still succeed.

    A quota ends when the program tries again: it goes by what its provider asks for.
    """
    if _DIALOG in screen:
        return Failure(FailureClass.PERMANENT, f"OpenCode waits at a dialog: {_DIALOG}.")
    parts = _parts(screen)
    if parts is None and _NO_MODEL in screen:
        return Failure(
            FailureClass.PERMANENT,
            "OpenCode knows no such model, or has no login for it; `opencode models` lists the"
            " known models.",
        )
    line = parts[2].lstrip().partition("\n")[0] if parts else ""
    retried = _RETRYING.search(line)
    reason = line[: retried.start()].lstrip(_SPINNER) if retried else ""
    if retried is None or not _QUOTA.search(reason):
        return None
    return Failure(FailureClass.QUOTA, reason, _until(retried[1] or "", now))


def _until(shown: str, now: datetime) -> datetime | None:
    """Return the time after a span such as ``1h 59m attempt #1``; None without one."""
    spans = _SPAN.findall(shown.partition(" attempt")[0])
    if not spans:
        return None
    return now + sum((timedelta(**{_UNITS[unit]: int(n)}) for n, unit in spans), timedelta())


def _parts(screen: str) -> tuple[list[str], str, str] | None:
    """Split the screen into the conversation's lines, the input box and the footer.

    Lines and box leave out the column to their right.
    """
    lines = screen.splitlines()
    edge = next((n for n in reversed(range(len(lines))) if _EDGE.match(lines[n])), None)
    if edge is None:
        return None
    found = _EDGE.match(lines[edge])
    width = found.end() if found else 0
    top = edge
    while top and lines[top - 1].startswith(_SIDE):
        top -= 1
    said = [line[:width].rstrip() for line in lines[:top]]
    box = "\n".join(line[:width] for line in lines[top:edge])
    return [line for line in said if line], box, "\n".join(lines[edge + 1 :])


def _squeezed(text: str) -> str:
    return "".join(text.replace("┃", "").split())
