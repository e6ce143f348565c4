"""Pure functions that interpret the text on Claude Code's screen."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hephaestus_core.contract.failures import FailureClass
from hephaestus_worker.agent_programs.base import Failure

_RULE = re.compile(r"^─{20,}")
_BUSY = "esc to interrupt"
_QUEUED = "Press up to edit queued messages"
_READY = ("bypass permissions on", "shift+tab to cycle", "? for shortcuts", "paste again to expand")
_INPUT = "❯"
_PASTED = "[Pasted text"
_SHOWN_TAIL = 12

_DIALOGS = (
    "Do you trust the files",
    "Is this a project you created or one you trust",
    "Detected a custom API key in your environment",
    "Select login method",
    "Choose the text style",
    "By proceeding, you accept all responsibility",
)
_LIMIT_CHOICE = f"{_INPUT} /rate-limit-options"

# Errors that the program shows in place of an answer; the first match decides the class.
_PERMANENT = (
    r"There's an issue with the selected model|Please run /login|Not logged in|Invalid API key"
    r"|OAuth token revoked|Your ANTHROPIC_API_KEY belongs to a disabled organization"
    r"|Your organization has disabled|API Error: 40[03]\b"
)
_QUOTA = (
    r"You've (?:hit|reached) your [\w ]*limit|You're out of usage credits"
    r"|Your org is out of usage|Credit balance (?:is )?too low"
    r"|API Error: (?:Request rejected \(429\)|429\b)"
)
_AGENT_FAULT = r"Prompt is too long|Context limit reached"
_TRANSIENT = (
    r"API Error|Request timed out|Unable to connect to (?:API|Anthropic services)"
    r"|Repeated 529 Overloaded errors|\w+ is experiencing high load|Authentication error"
)
_JUDGEMENTS = (
    (FailureClass.PERMANENT, re.compile(_PERMANENT)),
    (FailureClass.QUOTA, re.compile(_QUOTA)),
    (FailureClass.AGENT_FAULT, re.compile(_AGENT_FAULT)),
    (FailureClass.TRANSIENT, re.compile(_TRANSIENT)),
)
_AT_START = "Unable to connect to Anthropic services"
_RETRY_REFUSED = re.compile(r"^\S (401 .*?) · Retrying in ", re.MULTILINE)
_BULLET = re.compile(r"^(?:●|  ⎿)\s+(.*)$")
_MARK = re.compile(r"^(?:[❯●·✢✳✶✻✽*] |  ⎿)")
_SPINNER = re.compile(r"^[·✢✳✶✻✽*] .*…")
_CHOICE = re.compile(r"^❯ \d\.")
_RESETS = re.compile(
    r"resets (?:(?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}),? (?:(?P<year>\d{4}), )?(?:at )?)?"
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?(?P<half>[ap]m)(?: \((?P<zone>[\w/+-]+)\))?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def is_idle(screen: str) -> bool | None:
    """Return whether the program has finished with its prompt and waits for input.

    None if the screen does not show it: during the start, at a dialog, after the end.
    """
    parts = _parts(screen)
    if parts is None:
        return None
    said, box, footer = parts
    answer = _since_prompt(said)
    if _BUSY in footer or _QUEUED in box or any(map(_SPINNER.match, answer)):
        return False
    # A prompt without output after it has only just been submitted, or not quite yet.
    return True if answer and any(sign in footer for sign in _READY) else None


def takes_input(screen: str) -> bool:
    """Return whether the screen shows the input line; a dialog and the start hide it."""
    parts = _parts(screen)
    return parts is not None and parts[1].startswith(_INPUT) and not _CHOICE.match(parts[1])


def asks_about_limit(screen: str) -> bool:
    """Return whether the program shows its dialog about a reached limit; Escape closes it."""
    return _LIMIT_CHOICE in screen and not takes_input(screen)


def shows_input(screen: str, text: str) -> bool:
    """Return whether the input line shows the end of ``text``, or the mark of a long paste."""
    parts = _parts(screen)
    box = parts[1] if parts else ""
    return _PASTED in box or _squeezed(text)[-_SHOWN_TAIL:] in _squeezed(box)


def failure(screen: str, *, now: datetime) -> Failure | None:
    """Return the failure that the screen's last paragraph shows; None if it shows none.

    While the program still retries by itself, only a refused key counts as a failure.
    """
    dialog = next((sign for sign in _DIALOGS if sign in screen), None)
    if dialog and not takes_input(screen):
        return Failure(FailureClass.PERMANENT, f"Claude Code waits at a dialog: {dialog}.")
    if refused := _RETRY_REFUSED.search(screen):
        return Failure(
            FailureClass.PERMANENT, f"The model's server refused the login: {refused[1]}"
        )
    said = _last_said(screen)
    for class_, beginning in _JUDGEMENTS:
        if beginning.match(said):
            until = _resets(said, now) if class_ is FailureClass.QUOTA else None
            return Failure(class_, said, until, of_provider=class_ is FailureClass.TRANSIENT)
    return None


def _since_prompt(said: list[str]) -> list[str]:
    """Return the first line of each paragraph that the program printed since the last prompt."""
    marks = [line for line in said if _MARK.match(line)]
    prompts = [number for number, line in enumerate(marks) if line.startswith(_INPUT)]
    return marks[prompts[-1] + 1 :] if prompts else marks


def _parts(screen: str) -> tuple[list[str], str, str] | None:
    """Split the screen into the conversation's lines, the input line and the footer."""
    lines = screen.splitlines()
    rules = [number for number, line in enumerate(lines) if _RULE.match(line)]
    if len(rules) < 2:  # noqa: PLR2004 - one above and one below the input line
        return None
    above, below = rules[-2:]
    return lines[:above], "\n".join(lines[above + 1 : below]), "\n".join(lines[below + 1 :])


def _last_said(screen: str) -> str:
    """Return the program's last paragraph, on one line; "" if a prompt follows it."""
    parts = _parts(screen)
    lines = parts[0] if parts else screen.splitlines()
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        if line.startswith(_INPUT) and not line.startswith(_LIMIT_CHOICE):
            return ""
        if line.startswith(_AT_START):
            return line.strip()
        if bullet := _BULLET.match(line):
            rest = lines[number + 1 :]
            end = next((n for n, text in enumerate(rest) if not text.strip()), len(rest))
            return " ".join([bullet[1].strip(), *(text.strip() for text in rest[:end])])
    return ""


def _resets(text: str, now: datetime) -> datetime | None:
    """Return the next time that matches ``resets 3pm (Europe/Rome)``; None without such a text."""
    found = _RESETS.search(text)
    if found is None:
        return None
    local = now.astimezone(_zone(found["zone"]))
    hour = int(found["hour"]) % 12 + (12 if found["half"] == "pm" else 0)
    try:
        moment = local.replace(hour=hour, minute=int(found["minute"] or 0), second=0, microsecond=0)
        if found["month"]:
            return _on_day(moment, found)
        return (moment if moment > local else moment + timedelta(days=1)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None  # a time that no calendar holds


def _on_day(moment: datetime, found: re.Match[str]) -> datetime:
    month = _MONTHS.index(found["month"]) + 1
    year = int(found["year"] or moment.year + (month < moment.month))
    return moment.replace(year=year, month=month, day=int(found["day"])).astimezone(UTC)


def _zone(name: str | None) -> ZoneInfo | None:
    """Return the time zone; None, which means this host's own, if ``name`` is unknown."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones is none
        return None


def _squeezed(text: str) -> str:
    return "".join(text.split())
