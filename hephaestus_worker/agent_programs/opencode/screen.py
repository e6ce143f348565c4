"""Reading OpenCode's screen: pure functions over its text."""

import re
from typing import Final

from hephaestus_core.contract.failures import FailureClass
from hephaestus_worker.agent_programs.base import Failure

# The lower edge of the input box, where a session is shown; elsewhere the box is further right.
_EDGE: Final = re.compile(r"^  ╹▀+")
_SIDE: Final = "  ┃"
_BUSY: Final = re.compile(r"\besc (?:again to )?interrupt\b")
_TURN: Final = "     ▣ "
_PASTED: Final = "[Pasted "
_SHOWN_TAIL: Final = 12
_DIALOG: Final = "△ Permission required"
_NO_MODEL: Final = "No provider selected"
_RETRY: Final = re.compile(r"^\s*[■⬝]* *(?P<said>.+?) \[retrying\b")
# Those of its retries that can only go on until a person pays or a limit is reset.
_QUOTA: Final = re.compile(
    r"exceeded your current quota|usage limit|usage exceeded|insufficient_quota"
    r"|credit balance|out of credits|insufficient (?:balance|credits)",
    re.IGNORECASE,
)


def is_idle(screen: str) -> bool | None:
    """Say whether the program waits for input, with its prompt dealt with.

    None when the screen does not tell: while it starts, at a dialog, after its end. Only the
    footer tells busy: a tool that a kill interrupted looks as if it ran for ever.
    """
    parts = _parts(screen)
    if parts is None:
        return None
    said, _, footer = parts
    if _BUSY.search(footer):
        return False
    # With nothing after it the prompt has only just been taken, or is about to be.
    return True if said and said[-1].startswith(_TURN) else None


def takes_input(screen: str) -> bool:
    """Say whether the input box of a session is there: not so at a dialog and at the start."""
    return _parts(screen) is not None and _DIALOG not in screen


def shows_input(screen: str, text: str) -> bool:
    """Say whether the end of ``text``, or the note of a long paste, stands in the input box."""
    parts = _parts(screen)
    box = parts[1] if parts else ""
    return _PASTED in box or _squeezed(text)[-_SHOWN_TAIL:] in _squeezed(box)


def failure(screen: str) -> Failure | None:
    """Say what keeps the program waiting; None while it only tries again for a while."""
    if _DIALOG in screen:
        return Failure(FailureClass.PERMANENT, f"OpenCode waits at a dialog: {_DIALOG}.")
    parts = _parts(screen)
    if parts is None and _NO_MODEL in screen:
        return Failure(
            FailureClass.PERMANENT,
            "OpenCode knows no such model, or has no login for it; `opencode models` lists those"
            " there are.",
        )
    retry = _RETRY.search(parts[2]) if parts else None
    if retry and _QUOTA.search(retry["said"]):
        return Failure(FailureClass.QUOTA, retry["said"])
    return None


def _parts(screen: str) -> tuple[list[str], str, str] | None:
    """Cut the screen into what was said, the input box and the footer.

    What stands beside them, to the right, is left out of the first.
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
