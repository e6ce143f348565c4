"""Pure functions that interpret the text on Codex's screen."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from hephaestus_core.contract.failures import FailureClass
from hephaestus_worker.agent_programs.base import Failure

_INPUT: Final = "›"
_BUSY: Final = re.compile(r"^[•◦] .*esc to interrupt\)")
_CHOICE: Final = re.compile(r"^› \d\.")
_SAID: Final = re.compile(r"^(?:[•◦■✔✗⚠] |  Worked for )")
_FAULT: Final = "■ "
_INTERRUPTED: Final = "■ Conversation interrupted"
_SHOWN_TAIL: Final = 12
_PASTED: Final = "[Pasted Content"

_ERRORS: Final = ("Error: ", "Error loading configuration: ")
_AGAIN: Final = re.compile(
    r"try again at (?:(?P<day>[A-Z][a-z]{2} \d{1,2})[a-z]{2}, (?P<year>\d{4}) )?"
    r"(?P<time>\d{1,2}:\d\d [AP]M)"
)
_DIALOGS: Final = (
    "Choose how you want to use Codex",
    "Sign in with ChatGPT",
    "Trust this folder?",
    "Do you trust the contents of this directory",
)
# Errors that the program shows in place of an answer; the first match decides the class.
_PERMANENT: Final = (
    r"unexpected status 40[0134]\b"
    r"|(?:refresh|access) token|Please (?:log|sign) in|Missing environment variable"
    r"|Failed to load|Error loading config"
)
# One pattern for both would take quadratic time.
_MODEL: Final = re.compile(r"[Mm]odel\b")
_UNFIT: Final = re.compile(r"\b(?:not|unknown|invalid|unsupported)\b")
_QUOTA: Final = (
    r"You[’']ve hit your usage limit|Quota exceeded|exceeded retry limit, last status: 429"
    r"|usage limit has been reached|out of credits|unexpected status 429\b|insufficient_quota"
)
_AGENT_FAULT: Final = r"ran out of room in the model's context|exceeds the context window"
_JUDGEMENTS: Final = (
    (FailureClass.QUOTA, re.compile(_QUOTA)),
    (FailureClass.AGENT_FAULT, re.compile(_AGENT_FAULT)),
    (FailureClass.PERMANENT, re.compile(_PERMANENT)),
)


def is_idle(screen: str) -> bool | None:
    """Return whether the program has finished with its prompt and waits for input.

    None if the screen does not show it: during the start, at a dialog, after the end.
    """
    lines = screen.splitlines()
    if any(map(_BUSY.match, lines)):
        return False
    if not takes_input(screen):
        return None
    # A prompt without output after it has only just been submitted, or not quite yet.
    return True if any(map(_SAID.match, _since_prompt(lines))) else None


def takes_input(screen: str) -> bool:
    """Return whether the screen shows the input line; a dialog and the start hide it."""
    lines = screen.splitlines()
    at = _input_line(lines)
    return at is not None and not _CHOICE.match(lines[at])


def shows_input(screen: str, text: str) -> bool:
    """Return whether the input line shows the end of ``text``, or the mark of a long paste."""
    lines = screen.splitlines()
    at = _input_line(lines)
    box = "\n".join(lines[at:]) if at is not None else ""
    return _PASTED in box or _squeezed(text)[-_SHOWN_TAIL:] in _squeezed(box)


def failure(screen: str, *, now: datetime) -> Failure | None:
    """Return the failure that ended the last turn; None if there is none.

    A program that still retries by itself has not failed.
    """
    dialog = next((sign for sign in _DIALOGS if sign in screen), None)
    if dialog and not takes_input(screen):
        return Failure(FailureClass.PERMANENT, f"Codex waits at a dialog: {dialog}.")
    lines = screen.splitlines()
    if _input_line(lines) is None and (error := _start_error(lines)):
        return Failure(FailureClass.PERMANENT, f"Codex could not start: {error}")
    said = _last_fault(lines)
    if said is None:
        return None
    class_ = _judged(said)
    until = _until(said, now) if class_ is FailureClass.QUOTA else None
    return Failure(class_, said, until, of_provider=class_ is FailureClass.TRANSIENT)


def _judged(said: str) -> FailureClass:
    judged = next((c for c, sign in _JUDGEMENTS if sign.search(said)), None)
    if judged:
        return judged
    model = _MODEL.search(said)
    unfit = model and _UNFIT.search(said, model.end())
    return FailureClass.PERMANENT if unfit else FailureClass.TRANSIENT


def _input_line(lines: list[str]) -> int | None:
    """Return the index of the last line that begins with the input mark."""
    return next((n for n in reversed(range(len(lines))) if lines[n].startswith(_INPUT)), None)


def _since_prompt(lines: list[str]) -> list[str]:
    """Return the lines between the last prompt and the input line."""
    end = _input_line(lines) or 0
    prompt = _input_line(lines[:end])
    return lines[(-1 if prompt is None else prompt) + 1 : end]


def _last_fault(lines: list[str]) -> str | None:
    """Return the error that ended the last turn, on one line; None if an answer ended it."""
    said = _since_prompt(lines) if _input_line(lines) is not None else lines
    marks = [n for n, line in enumerate(said) if _SAID.match(line) and not line.startswith("  ")]
    if not marks or not said[marks[-1]].startswith(_FAULT):
        return None
    rest = said[marks[-1] :]
    end = next((n for n, line in enumerate(rest) if not line.strip()), len(rest))
    text = " ".join(line.strip() for line in rest[:end])
    return None if text.startswith(_INTERRUPTED) else text.removeprefix(_FAULT)


def _start_error(lines: list[str]) -> str | None:
    at = next((n for n, line in enumerate(lines) if line.startswith(_ERRORS)), None)
    if at is None:
        return None
    return " ".join(line.strip() for line in lines[at:][:2]).removeprefix(_ERRORS[0]).strip()


def _until(text: str, now: datetime) -> datetime | None:
    """Return the next time that matches ``try again at 5:31 PM`` on this host's clock."""
    found = _AGAIN.search(text)
    if found is None:
        return None
    local = now.astimezone()
    day = found["day"] or f"{local:%b %d}"
    year = found["year"] or f"{local:%Y}"
    try:
        named = datetime.strptime(f"{day} {year} {found['time']}", "%b %d %Y %I:%M %p")  # noqa: DTZ007
        moment = named.astimezone()
        today_is_over = found["day"] is None and moment <= local
        return (moment + timedelta(days=today_is_over)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _squeezed(text: str) -> str:
    return "".join(text.split())
